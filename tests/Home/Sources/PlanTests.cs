using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Sources;

/// <summary>However much sources have brought, each statement finds its rows by an index.</summary>
public class PlanTests(HomeApp app) : IClassFixture<HomeApp>
{
    private sealed record Step(string Detail);

    public static TheoryData<string, string> Statements => new()
    {
        { "what all are shown", "SELECT content FROM home_snapshots WHERE user_id = '' ORDER BY source, key LIMIT 10" },
        { "one snapshot", "SELECT content FROM home_snapshots WHERE user_id = 'a' AND source = 's' AND key = 'k'" },
        { "a source's at an end", "SELECT key FROM home_snapshots WHERE user_id = '' AND source = 's' AND shown_until <= 9 LIMIT 1" },
        { "renewing a source's", "UPDATE home_snapshots SET received_at = 9 WHERE user_id = '' AND source = 's' AND received_at = 3" },
        { "withdrawing", "UPDATE home_snapshots SET shown_until = 9 WHERE user_id = 'a' AND source = 's' AND shown_until > 9" },
        { "ending a source", "DELETE FROM home_snapshots WHERE source = 's'" },
        { "tidying", "SELECT user_id FROM home_snapshots WHERE shown_until < 9 ORDER BY shown_until LIMIT 1000" },
        { "dead letters", "SELECT payload FROM home_refusals WHERE source = 's' ORDER BY id DESC LIMIT 200" },
        { "the same dead letter", "SELECT id FROM home_refusals WHERE source = 's' AND key = 'k' AND version = 1 AND code = 'c' LIMIT 1" },
        { "a person's dead letters", "SELECT id FROM home_refusals WHERE user_id = 'a' AND id > '' ORDER BY id LIMIT 10" },
        { "older dead letters", "DELETE FROM home_refusals WHERE source = 's' AND id < 'x'" },
        { "a widget's revisions", "SELECT widget FROM home_revisions WHERE widget_id = 'w' ORDER BY version DESC LIMIT 100" },
        { "one revision", "SELECT widget FROM home_revisions WHERE widget_id = 'w' AND version = 3" },
        { "old revisions", "DELETE FROM home_revisions WHERE widget_id = 'w' AND version <= 3" },
        { "a person's revisions", "UPDATE home_revisions SET user_id = NULL WHERE user_id = 'a'" },
        { "a source's turn", "UPDATE home_pulls SET called_at = 9 WHERE source = 's' AND next_pull_at <= 9" },
        { "whose turn it is", "SELECT source FROM home_pulls WHERE next_pull_at <= 9 ORDER BY next_pull_at LIMIT 10" },
        { "a source's calls", "SELECT at FROM home_pull_calls WHERE source = 's' ORDER BY at DESC LIMIT 20" },
        { "calls of a minute", "SELECT COUNT(*) FROM home_pull_calls WHERE source = 's' AND at > 9" },
        { "pushes of a minute", "SELECT pushes FROM home_push_windows WHERE source = 's' AND type = 't'" },
        { "what was kept", "SELECT content FROM home_kept ORDER BY widget_key LIMIT 10" },
        { "who uses a type", "SELECT key FROM home_widgets WHERE type = 't' AND type_version = 1 ORDER BY key LIMIT 10" },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task No_statement_reads_a_table_from_end_to_end(string what, string sql)
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "PostgreSQL plans by the number of rows, of which a test has few.");
        var steps = await app.Database.Read(tx => tx.Query<Step>($"EXPLAIN QUERY PLAN {sql}").AsTask());
        foreach (var step in steps.Where(step => step.Detail.StartsWith("SCAN ", StringComparison.Ordinal)))
            step.Detail.ShouldContain("INDEX", customMessage: what);
        if (what.StartsWith("dead", StringComparison.Ordinal) || what.StartsWith("what all", StringComparison.Ordinal))
            steps.ShouldAllBe(step => !step.Detail.Contains("TEMP B-TREE"));
    }
}
