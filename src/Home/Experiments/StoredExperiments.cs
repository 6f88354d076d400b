using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Insight;
using Kontor.Home.Widgets;
using static Kontor.Home.Experiments.ExperimentSettings;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Experiments;

/// <summary>The experiments that admins wrote. Every change is told to all nodes as one of the widgets is.</summary>
internal static class StoredExperiments
{
    /// <summary>All that are not archived are held in memory.</summary>
    public const int LiveMax = 200;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such experiment.");
    public static readonly Problem KeyTaken = new(409, "experiment-key-taken", "Another experiment has this key.");

    public static readonly Problem TooMany =
        new(409, "too-many-experiments", $"There are {LiveMax} experiments already. Archive some first.");

    public static readonly Problem NotNamed =
        new(422, "widget-experiment-invalid", "A widget names an experiment that is not archived, and some of its variations.");

    private const string Columns = """
        key, design, state, decision, started_at, stopped_at, archived_at, proposal, proposer_id, version, created_at, updated_at
        """;

    private sealed record Row(
        string Key, string Design, string State, string? Decision, long? StartedAt, long? StoppedAt, long? ArchivedAt, string? Proposal,
        string? ProposerId, long Version, long CreatedAt, long UpdatedAt);

    /// <param name="UserId">Null for a person who is no more.</param>
    public sealed record Revision(long Version, string? UserId, long At, string Json);

    public static async Task<Outcome<StoredExperiment>> Create(Tx tx, StoredExperiment experiment, string? userId)
    {
        if (await tx.First<long>("SELECT COUNT(*) FROM home_experiments WHERE state <> 'archived'") >= LiveMax) return TooMany;
        var written = await tx.Execute($"""
            INSERT INTO home_experiments ({Columns})
            VALUES (@key, @design, @state, @decision, @startedAt, @stoppedAt, @archivedAt, @proposal, @proposerId, @version, @createdAt,
                    @updatedAt)
            ON CONFLICT (key) DO NOTHING
            """, Arguments(experiment));
        if (written == 0) return KeyTaken;
        await Keep(tx, experiment, userId);
        return experiment;
    }

    public static async Task<StoredExperiment?> Find(Tx tx, string key) =>
        await tx.First<Row>($"SELECT {Columns} FROM home_experiments WHERE key = @key", new { key }) is { } row ? Read(row) : null;

    /// <param name="change">Gets the experiment as it is and gives it as it shall be; a problem leaves it alone.</param>
    public static async Task<Outcome<StoredExperiment>> Change(
        Tx tx, string key, string userId, Func<StoredExperiment, Task<Outcome<StoredExperiment>>> change, TimeProvider time)
    {
        var row = await tx.First<Row>($"SELECT {Columns} FROM home_experiments WHERE key = @key {tx.Dialect.ForUpdate}", new { key });
        if (row is null) return Unknown;
        var before = Read(row);
        var (after, problem) = await change(before);
        if (problem is not null) return problem;
        // Compared as they are stored: lists that say the same are no change.
        if (Arguments(after!).Equals(Arguments(before))) return before;
        // A wish that waits is no change of what runs.
        var isReal = !Arguments(after! with { Proposal = before.Proposal }).Equals(Arguments(before));
        if (isReal) after = after! with { Version = before.Version + 1, UpdatedAt = time.NowMs() };
        await tx.Execute("""
            UPDATE home_experiments
            SET design = @design, state = @state, decision = @decision, started_at = @startedAt, stopped_at = @stoppedAt,
                archived_at = @archivedAt, proposal = @proposal, proposer_id = @proposerId, version = @version, updated_at = @updatedAt
            WHERE key = @key
            """, Arguments(after!));
        if (isReal) await Keep(tx, after!, userId);
        return after!;
    }

    /// <summary>All that are not archived, by key.</summary>
    public static async Task<List<StoredExperiment>> Live(Tx tx)
    {
        var rows = await tx.Query<Row>($"""
            SELECT {Columns} FROM home_experiments
            WHERE state <> 'archived'
            ORDER BY key
            LIMIT {2 * LiveMax}
            """);
        return rows.ConvertAll(Read);
    }

    /// <summary>Of these experiments, by key; in any state.</summary>
    public static async Task<Dictionary<string, Design>> Designs(Tx tx, IEnumerable<string> keys)
    {
        var rows = await tx.Query<Row>($"""
            SELECT {Columns} FROM home_experiments
            WHERE key {tx.Dialect.In("keys")}
            LIMIT {EventNumbers.RowsMax}
            """, new { keys = keys.Distinct().ToArray() });
        return rows.ToDictionary(row => row.Key, row => Read(row).Design);
    }

    /// <summary>Of how many something waits for a second admin.</summary>
    public static ValueTask<long> Waiting(Tx tx) => tx.First<long>("SELECT COUNT(*) FROM home_experiments WHERE proposal IS NOT NULL");

    /// <summary>By key, from after a key; in any state when none is named.</summary>
    /// <param name="isWaiting">Only those of which something waits.</param>
    public static async Task<List<StoredExperiment>> Page(Tx tx, string? state, string? after, int limit, bool isWaiting = false)
    {
        var rows = await tx.Query<Row>($"""
            SELECT {Columns} FROM home_experiments
            WHERE (@state IS NULL OR state = @state) AND (@after IS NULL OR key > @after) AND (NOT @isWaiting OR proposal IS NOT NULL)
            ORDER BY key
            LIMIT @limit
            """, new { state, after, limit = (long)limit, isWaiting });
        return rows.ConvertAll(Read);
    }

    /// <summary>The latest first.</summary>
    public static ValueTask<List<Revision>> RevisionsOf(Tx tx, string key) => tx.Query<Revision>($"""
        SELECT version, user_id, at, json FROM home_experiment_revisions
        WHERE experiment = @key
        ORDER BY version DESC
        LIMIT {Revisions.KeptMax}
        """, new { key });

    public static ValueTask<string?> RevisionOf(Tx tx, string key, long version) => tx.First<string>("""
        SELECT json FROM home_experiment_revisions
        WHERE experiment = @key AND version = @version
        """, new { key, version });

    /// <summary>The widgets that name the experiment and may be shown, by priority.</summary>
    public static async Task<List<Widget>> WidgetsOf(Tx tx, string key) =>
        (await StoredWidgets.Live(tx)).FindAll(widget => widget.Target.Experiment?.Key == key);

    /// <summary>The teams of the widgets that name the experiment, or one that depends on it however indirectly.</summary>
    public static async Task<HashSet<string>> TeamsMovedBy(Tx tx, string key)
    {
        var (experiments, moved) = (await Live(tx), new HashSet<string>(StringComparer.Ordinal) { key });
        while (experiments.Find(one => !moved.Contains(one.Key) && one.Design.Prerequisites.Any(on => moved.Contains(on.Experiment)))
            is { } dependent)
        {
            moved.Add(dependent.Key);
        }

        return [.. (await StoredWidgets.Live(tx)).Where(widget => widget.Target.Experiment?.Key is { } named && moved.Contains(named))
            .Select(widget => widget.Target.Team)];
    }

    /// <summary>Null when a widget can be part of it.</summary>
    public static async Task<Problem?> CannotShow(Tx tx, WidgetExperiment? named)
    {
        if (named?.Key is not { } key) return null;
        if (await Find(tx, key) is not { State: not ExperimentState.Archived } experiment) return NotNamed.Because($"There is no {key}.");
        if (named.Variations is not { Count: > 0 and <= ExperimentRules.VariationsMax } variations)
            return NotNamed.Because("It names 1 to 10 variations.");
        return variations.Any(one => experiment.Design.IndexOf(one) < 0) ? NotNamed.Because($"{key} has other variations.") : null;
    }

    /// <summary>The variations in which readers would see one of these: a draft, or what waits for a second person, is not shown.</summary>
    public static HashSet<string> ShownIn(IEnumerable<Widget> parts) => parts.Where(widget => widget.State == WidgetState.Published)
        .SelectMany(widget => widget.Target.Experiment!.Variations ?? []).ToHashSet(StringComparer.Ordinal);

    private static async Task Keep(Tx tx, StoredExperiment one, string? userId)
    {
        await tx.Execute("""
            INSERT INTO home_experiment_revisions (experiment, version, user_id, at, json)
            VALUES (@key, @version, @userId, @at, @json)
            """, new { key = one.Key, version = one.Version, userId, at = one.UpdatedAt, json = one.Json });
        await tx.Execute("""
            DELETE FROM home_experiment_revisions
            WHERE experiment = @key AND version <= @version
            """, new { key = one.Key, version = one.Version - Revisions.KeptMax });
        tx.Signal(StoredWidgets.Signal);
    }

    private static object Arguments(StoredExperiment one) => new
    {
        key = one.Key,
        design = one.Design.ToJson(),
        state = Name(one.State),
        decision = one.Decision,
        startedAt = one.StartedAt,
        stoppedAt = one.StoppedAt,
        archivedAt = one.ArchivedAt,
        proposal = one.Proposal?.Json,
        proposerId = one.Proposal?.UserId,
        version = one.Version,
        createdAt = one.CreatedAt,
        updatedAt = one.UpdatedAt,
    };

    private static StoredExperiment Read(Row row) => new(
        row.Key, Design.Read(row.Design), Enum.Parse<ExperimentState>(row.State, ignoreCase: true), row.Decision, row.StartedAt,
        row.StoppedAt, row.ArchivedAt, row.Version, row.CreatedAt, row.UpdatedAt)
    {
        Proposal = row.Proposal is { } proposal ? new(row.ProposerId ?? "", proposal) : null,
    };

    private static string Name(ExperimentState state) => state switch
    {
        ExperimentState.Draft => "draft",
        ExperimentState.Running => "running",
        ExperimentState.Stopped => "stopped",
        _ => "archived",
    };
}
