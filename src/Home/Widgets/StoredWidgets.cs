using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Widgets.Types;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>
/// The widgets that sources offer and admins write. Every change is told to all nodes, which then read their feed's model again.
/// </summary>
internal static class StoredWidgets
{
    /// <summary>Raised when a widget was added or changed.</summary>
    public const string Signal = "home.widgets";

    /// <summary>All that are not archived are held in memory and looked at for each kind of reader.</summary>
    public const int LiveMax = 500;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such widget.");
    public static readonly Problem KeyTaken = new(409, "widget-key-taken", "Another widget has this key.");
    public static readonly Problem TooMany = new(409, "too-many-widgets", $"There are {LiveMax} widgets already. Archive some first.");
    public static readonly Problem Changed = new(409, "widget-changed", "Somebody else changed this widget. Look again.");

    private const string Columns = """
        id, key, source, source_key, type, type_version, titles, content, roles, starts_at, ends_at, priority, state, settings, proposal,
        proposer_id, version, created_at, updated_at
        """;

    /// <summary>With whether another system fills it, which brings no titles, and not a product of this process.</summary>
    private const string All = $"""
        {Columns},
        (SELECT COUNT(*) FROM home_sources WHERE home_sources.key = home_widgets.source) AS outside
        """;

    private sealed record Row(
        string Id, string Key, string? Source, string? SourceKey, string Type, long TypeVersion, string Titles, string? Content,
        string Roles, long? StartsAt, long? EndsAt, long Priority, string State, string Settings, string? Proposal, string? ProposerId,
        long Version, long CreatedAt, long UpdatedAt, long Outside);

    /// <summary>
    /// Makes sure that an offered widget exists. An admin decides afterwards when, to whom and how prominently it is shown; type and titles
    /// are what its source says today.
    /// </summary>
    public static async Task Offer(Tx tx, string source, WidgetOffer offer, TypeName type, TimeProvider time)
    {
        var widget = new Widget(
            Ids.New(time), $"{source}.{offer.Key}", source, offer.Key, type, offer.Title, null, [], null, null, offer.Priority,
            WidgetState.Published, 1, time.NowMs(), time.NowMs())
        {
            Target = new() { Team = source },
        };
        var written = await Insert(tx, widget, """
            ON CONFLICT (key) DO UPDATE
            SET type = excluded.type, type_version = excluded.type_version, titles = excluded.titles,
                version = home_widgets.version + 1, updated_at = excluded.updated_at
            WHERE home_widgets.type <> excluded.type OR home_widgets.type_version <> excluded.type_version
               OR home_widgets.titles <> excluded.titles
            """);
        if (written == 0) return;
        tx.Signal(Signal);
        await Revisions.Write(tx, (await ByKey(tx, widget.Key))!, userId: null);
    }

    /// <summary>
    /// An archived widget gives up all but its id when its key is used again; its version goes on, so that whoever saw it before sees that
    /// it is another. That of a source keeps its type: what was pushed to it is there still.
    /// </summary>
    /// <param name="userId">The admin who creates it.</param>
    public static async Task<Outcome<Widget>> Create(Tx tx, Widget widget, string userId)
    {
        if (await IsFull(tx)) return TooMany;
        var written = await Insert(tx, widget, """
            ON CONFLICT (key) DO UPDATE
            SET type = excluded.type, type_version = excluded.type_version, titles = excluded.titles, content = excluded.content,
                roles = excluded.roles, starts_at = excluded.starts_at, ends_at = excluded.ends_at, priority = excluded.priority,
                state = excluded.state, settings = excluded.settings, proposal = excluded.proposal,
                proposer_id = excluded.proposer_id, version = home_widgets.version + 1, updated_at = excluded.updated_at
            WHERE home_widgets.state = 'archived'
              AND (home_widgets.source IS NULL
                   OR (home_widgets.type = excluded.type AND home_widgets.type_version = excluded.type_version))
            """);
        if (written == 0) return KeyTaken;
        tx.Signal(Signal);
        var created = (await ByKey(tx, widget.Key))!;
        await Revisions.Write(tx, created, userId);
        return created;
    }

    public static async Task<Widget?> ById(Tx tx, string id) =>
        await tx.First<Row>($"SELECT {All} FROM home_widgets WHERE id = @id", new { id }) is { } row ? Read(row) : null;

    /// <summary>Those that there are, archived ones too.</summary>
    public static async Task<List<Widget>> ByIds(Tx tx, string[] ids) => (await tx.Query<Row>(
        $"SELECT {All} FROM home_widgets WHERE id {tx.Dialect.In("ids")} LIMIT @limit",
        new { ids, limit = (long)ids.Length })).ConvertAll(Read);

    /// <summary>Null when the source has no such widget, or it is archived.</summary>
    public static async Task<Widget?> BySource(Tx tx, string source, string sourceKey) =>
        await tx.First<Row>($"""
            SELECT {All} FROM home_widgets
            WHERE source = @source AND source_key = @sourceKey AND state <> 'archived'
            """, new { source, sourceKey }) is { } row ? Read(row) : null;

    /// <summary>The ids of a source's widgets that are not archived.</summary>
    public static ValueTask<List<string>> IdsOfSource(Tx tx, string source) => tx.Query<string>($"""
        SELECT id FROM home_widgets
        WHERE source = @source AND state <> 'archived'
        ORDER BY source_key
        LIMIT {2 * LiveMax}
        """, new { source });

    public static Task<Widget?> ByKey(Tx tx, string key) => ByKey(tx, key, locked: "");

    /// <summary>As <see cref="ByKey(Tx, string)"/>; nobody else changes it until this transaction ends.</summary>
    public static Task<Widget?> ByKeyToChange(Tx tx, string key) => ByKey(tx, key, tx.Dialect.ForUpdate);

    /// <param name="change">Gets the widget as it is and gives it as it shall be; a problem leaves it alone.</param>
    /// <param name="userId">The admin who changes it.</param>
    public static async Task<Outcome<Widget>> Change(
        Tx tx, string id, string userId, Func<Widget, Task<Outcome<Widget>>> change, TimeProvider time)
    {
        var row = await tx.First<Row>($"SELECT {All} FROM home_widgets WHERE id = @id {tx.Dialect.ForUpdate}", new { id });
        if (row is null) return Unknown;
        var before = Read(row);
        var (after, problem) = await change(before);
        if (problem is not null) return problem;
        // Compared as they are stored: lists and titles that say the same are no change.
        if (Arguments(after!).Equals(Arguments(before))) return before;
        if (before.State == WidgetState.Archived && after!.State != WidgetState.Archived && await IsFull(tx)) return TooMany;
        // A wish that waits is no change of what is shown.
        var isShown = !Arguments(after! with { Proposal = before.Proposal }).Equals(Arguments(before));
        if (isShown) after = after! with { Version = before.Version + 1, UpdatedAt = time.NowMs() };
        await tx.Execute("""
            UPDATE home_widgets
            SET type = @type, type_version = @typeVersion, titles = @titles, content = @content, roles = @roles,
                starts_at = @startsAt, ends_at = @endsAt, priority = @priority, state = @state, settings = @settings,
                proposal = @proposal, proposer_id = @proposerId, version = @version, updated_at = @updatedAt
            WHERE id = @id
            """, Arguments(after!));
        if (!isShown) return after!;
        await Revisions.Write(tx, after!, userId);
        tx.Signal(Signal);
        return after!;
    }

    /// <summary>In the order of a feed: the highest priority first, then by key.</summary>
    public static async Task<List<Widget>> Live(Tx tx)
    {
        var rows = await tx.Query<Row>($"""
            SELECT {All} FROM home_widgets
            WHERE state <> 'archived'
            ORDER BY priority DESC, key
            LIMIT {2 * LiveMax}
            """);
        return [.. rows.Select(Read)];
    }

    /// <summary>Of how many something waits for a second admin. A wish is no change of what is shown, and so is told to no node.</summary>
    public static ValueTask<long> Waiting(Tx tx) =>
        tx.First<long>("SELECT COUNT(*) FROM home_widgets WHERE proposal IS NOT NULL");

    /// <summary>By key, from after a key; in any state when none is named.</summary>
    public static async Task<List<Widget>> Page(Tx tx, string? state, string? after, int limit)
    {
        var rows = await tx.Query<Row>($"""
            SELECT {All} FROM home_widgets
            WHERE (@state IS NULL OR state = @state) AND (@after IS NULL OR key > @after)
            ORDER BY key
            LIMIT @limit
            """, new { state, after, limit = (long)limit });
        return [.. rows.Select(Read)];
    }

    private static async Task<Widget?> ByKey(Tx tx, string key, string locked) =>
        await tx.First<Row>($"SELECT {All} FROM home_widgets WHERE key = @key {locked}", new { key }) is { } row ? Read(row) : null;

    private static async Task<bool> IsFull(Tx tx) =>
        await tx.First<long>("SELECT COUNT(*) FROM home_widgets WHERE state <> 'archived'") >= LiveMax;

    private static ValueTask<int> Insert(Tx tx, Widget widget, string onConflict) => tx.Execute($"""
        INSERT INTO home_widgets ({Columns})
        VALUES (@id, @key, @source, @sourceKey, @type, @typeVersion, @titles, @content, @roles, @startsAt, @endsAt, @priority, @state,
                @settings, @proposal, @proposerId, @version, @createdAt, @updatedAt)
        {onConflict}
        """, Arguments(widget));

    private static object Arguments(Widget widget) => new
    {
        id = widget.Id,
        key = widget.Key,
        source = widget.Source,
        sourceKey = widget.SourceKey,
        type = widget.Type.Key,
        typeVersion = widget.Type.Version,
        // In one order, so that equal titles are equal texts.
        titles = JsonSerializer.Serialize(new SortedDictionary<string, string>(widget.Titles.ToDictionary(), StringComparer.Ordinal)),
        content = widget.Content,
        roles = JsonSerializer.Serialize(widget.Roles),
        startsAt = widget.StartsAt,
        endsAt = widget.EndsAt,
        priority = widget.Priority,
        state = Name(widget.State),
        settings = JsonSerializer.Serialize(widget.Target, Targeting.Json),
        proposal = widget.Proposal?.Json,
        proposerId = widget.Proposal?.UserId,
        version = widget.Version,
        createdAt = widget.CreatedAt,
        updatedAt = widget.UpdatedAt,
    };

    private static Widget Read(Row row) => new(
        row.Id, row.Key, row.Source, row.SourceKey, new(row.Type, row.TypeVersion),
        JsonSerializer.Deserialize<Dictionary<string, string>>(row.Titles)!, row.Content, JsonSerializer.Deserialize<string[]>(row.Roles)!,
        row.StartsAt, row.EndsAt, row.Priority, Enum.Parse<WidgetState>(row.State, ignoreCase: true), row.Version,
        row.CreatedAt, row.UpdatedAt)
    {
        Target = JsonSerializer.Deserialize<Targeting>(row.Settings, Targeting.Json)!,
        HasOwnTitles = row.Source is null || row.Outside > 0,
        Proposal = row.Proposal is { } proposal ? new(row.ProposerId ?? "", proposal) : null,
    };

    private static string Name(WidgetState state) => state switch
    {
        WidgetState.Draft => "draft",
        WidgetState.Published => "published",
        _ => "archived",
    };
}
