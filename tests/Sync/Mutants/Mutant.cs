namespace Kontor.Sync.Tests.Mutants;

/// <summary>One way to break the algorithm, as servers are known to be broken.</summary>
internal sealed record Mutant(string Name)
{
    /// <summary>Between the statements of a write, the one before and the one that follows.</summary>
    public Func<string, string, bool> CommitsBetween { get; private init; } = (_, _) => false;

    public Func<string, string> Rewrite { get; private init; } = sql => sql;

    public bool HasNoSnapshot { get; private init; }

    /// <summary>Answers of pulls are rewritten before they are sent.</summary>
    public Func<string, string>? Answer { get; private init; }

    /// <summary>The database refuses what this mutant does, so its triggers are taken away.</summary>
    public bool DropsTriggers { get; private init; }

    public static IReadOnlyList<Mutant> All { get; } =
    [
        // Two writers at the same moment get the same version, and who pulled in between misses the second.
        new("clock instead of counter")
        {
            Rewrite = sql => sql.Replace("greatest(sync_users.version + 1, @now)", "greatest(sync_users.version, @now / 20 * 20)"),
            DropsTriggers = true,
        },
        new("no snapshot") { HasNoSnapshot = true },
        // The counter is let go before the rows are written.
        new("no lock") { CommitsBetween = (before, _) => before.Contains("INSERT INTO sync_users", StringComparison.Ordinal) },
        new("partial push") { CommitsBetween = (_, next) => next.TrimStart().StartsWith("INSERT INTO planner_", StringComparison.Ordinal) },
        new("created echo") { Answer = text => text.Replace("\"created\":[],\"updated\":", "\"updated\":[],\"created\":") },
        new("young tombstones skipped")
        {
            Rewrite = sql => sql.Contains("AND version > @since AND version <= @upTo", StringComparison.Ordinal)
                ? $"{sql} AND is_deleted = false"
                : sql,
        },
        new("key without user")
        {
            Rewrite = sql => sql.StartsWith("SELECT id,", StringComparison.Ordinal) && sql.Contains("FROM planner_")
                ? sql.Replace("user_id = @userId AND ", "")
                : sql,
        },
    ];

    /// <summary>Breaks nothing.</summary>
    public static Mutant None { get; } = new("none");
}
