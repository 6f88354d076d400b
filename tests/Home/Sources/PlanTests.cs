using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;
using Kontor.Home.Insight;
using Kontor.Home.Ranking;
using Kontor.Home.Segments;
using Kontor.Home.Simulation;
using Kontor.Home.Sources;
using Kontor.Home.Sources.Pulled;
using Kontor.Home.Widgets;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Sources;

/// <summary>However much sources brought and people did, each statement finds its rows by an index.</summary>
public class PlanTests(HomeApp app) : IClassFixture<HomeApp>
{
    /// <summary>Of these there are as many as admins make, and never more than a few hundred.</summary>
    private static readonly string[] Bounded =
        ["home_pulls", "home_segments", "home_experiments", "home_widgets", "home_attributes", "home_kept", "home_sources"];

    private static readonly StoredSnapshots.Pushed Own = new("s", "k", "ada", 1, "{}", 1, 2, 3);

    private static readonly StoredAssignments.Row Seen = new("id", "ada", "e", 0, "control", 1, 0, 0, 0, null, true);

    /// <summary>What the product's own code does, by a name.</summary>
    private static readonly Dictionary<string, Func<Tx, Task>> Code = new()
    {
        ["a push"] = tx => StoredSnapshots.Store(tx, Own),
        ["a pull"] = tx => StoredSnapshots.StorePulled(tx, Own with { UserId = "", Version = 2 }, 1),
        ["renewing a source's"] = tx => StoredSnapshots.RenewAll(tx, "s", 3, 9),
        ["withdrawing one"] = tx => StoredSnapshots.Withdraw(tx, "s", "k", "ada", 9),
        ["withdrawing all of a person's"] = tx => StoredSnapshots.Withdraw(tx, "s", null, "ada", 9),
        ["what all are shown"] = tx => StoredSnapshots.ForAll(tx).AsTask(),
        ["what a person is shown"] = tx => StoredSnapshots.OfPerson(tx, "ada").AsTask(),
        ["what segments are shown"] = tx => StoredSnapshots.ForSegments(tx, ["a", "b"]).AsTask(),
        ["which segments are shown something"] = tx => StoredSnapshots.PushedSegments(tx, ["a", "b"]),
        ["what shows something to a segment"] = tx => StoredSnapshots.WidgetsFor(tx, "a", 9),
        ["ending a segment's content"] = tx => StoredSnapshots.Forget(tx, "a"),
        ["tidying snapshots"] = tx => StoredSnapshots.Tidy(tx, 9).AsTask(),
        ["ending a source's content"] = tx => StoredSnapshots.Delete(tx, "s"),
        ["dead letters"] = tx => Refusals.Of(tx, "s").AsTask(),
        ["ending dead letters"] = tx => Refusals.Delete(tx, "s").AsTask(),
        ["a dead letter"] = tx => Refusals.Write(tx, Incoming.None("s"), StoredSnapshots.StaleVersion, "{}", TimeProvider.System),
        ["the same dead letter"] = tx =>
            Refusals.WriteOnce(tx, Incoming.None("s"), StoredSnapshots.StaleVersion, "{}", TimeProvider.System),
        ["whose turn it is"] = tx => StoredPulls.Due(tx, 9).AsTask(),
        ["a source's turn"] = tx => StoredPulls.Claim(tx, "s", early: true, 9),
        ["a source's calls"] = tx => StoredPulls.Calls(tx, "s", 20).AsTask(),
        ["calls of a minute"] = tx => StoredPulls.CallsSince(tx, 9),
        ["a list's persons"] = tx => StoredMembers.Page(tx, "a", "", 50).AsTask(),
        ["a person's lists"] = tx => StoredMembers.ListsOf(tx, "ada"),
        ["adding to a list"] = tx => StoredMembers.Add(tx, "a", ["ada", "bob"]),
        ["taking from a list"] = tx => StoredMembers.Remove(tx, "a", ["ada", "bob"]),
        ["how long a list is"] = tx => StoredMembers.Count(tx, "a").AsTask(),
        ["emptying a list"] = tx => StoredMembers.Clear(tx, "a"),
        ["telling of a person"] = tx => StoredFacts.Tell(tx, "s", "ada", 1, "{}", 9),
        ["what is told of a person"] = tx => StoredFacts.Of(tx, "ada"),
        ["variations that somebody saw"] = tx => StoredAssignments.Of(tx, "ada", "device").AsTask(),
        ["a first exposure"] = tx => StoredAssignments.Add(tx, Seen),
        ["an exposure that is handed over"] = tx => StoredAssignments.HandOver(tx, Seen).AsTask(),
        ["counting a click"] = tx => StoredAssignments.Count(tx, Seen, 1, 0, 0).AsTask(),
        ["a goal"] = tx => StoredAssignments.Reach(tx, "ada", ["e", "f"], 9).AsTask(),
        ["an experiment's results"] = tx => StoredAssignments.Sums(tx, "e", 0, byEvent: false).AsTask(),
        ["tidying assignments"] = tx => StoredAssignments.Tidy(tx, 9).AsTask(),
        ["a person's taste"] = tx => StoredTastes.Find(tx, "ada").AsTask(),
        ["learning a taste"] = tx => StoredTastes.Lock(tx, "ada", 9),
        ["forgetting a taste"] = tx => StoredTastes.Forget(tx, "ada", 9),
        ["an event's count"] = tx => EventCounts.Add(
            tx, new("ada", null), [new("id", "w", "feed", FeedEventKind.Click, 9, null)]),
        ["click rates"] = tx => StoredRates.Read(tx, 1, 9),
        ["a widget's revisions"] = tx => Revisions.Of(tx, "w").AsTask(),
        ["one revision"] = tx => Revisions.Find(tx, "w", 3).AsTask(),
        ["what an admin changed alone"] = tx => new DailyReach(TimeProvider.System).Add(tx, "ada", 0.1, 0.2),
    };

    public static TheoryData<string> What => [.. Code.Keys];

    [Theory]
    [MemberData(nameof(What))]
    public async Task No_statement_reads_a_growing_table_from_end_to_end(string what)
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "PostgreSQL plans by the number of rows, of which a test has few.");
        var plans = new List<(string Sql, List<string> Steps)>();
        await Should.ThrowAsync<UndoneException>(() => app.Database.Write(async tx =>
        {
            // What others refer to.
            await tx.Execute("INSERT INTO home_sources (key, team, created_at) VALUES ('s', 't', 1)");
            await tx.Execute(
                "INSERT INTO home_segments (key, title, priority, version, created_at, updated_at) VALUES ('a', 'A', 1, 1, 1, 1)");
            plans = await PlanRecorder.Of(tx, Code[what]);
            // What was tried is not to be kept.
            throw new UndoneException();
        }));

        plans.ShouldNotBeEmpty();
        foreach (var (sql, steps) in plans)
        {
            var scans = steps.Where(step => step.StartsWith("SCAN ", StringComparison.Ordinal)).Where(IsOfRows);
            scans.ShouldBeEmpty($"{sql}\n{string.Join('\n', steps)}");
        }
    }

    /// <summary>Not of what the statement itself has made, or of few.</summary>
    private static bool IsOfRows(string step)
    {
        var table = step.Split(' ').Skip(1).First(word => word != "TABLE");
        return table is not ("CONSTANT" or "latest" or "days" or "r" or "e") && !table.StartsWith('(') && !step.Contains("VIRTUAL TABLE")
            && !step.Contains("SUBQUERY") && !Bounded.Contains(table);
    }

    private sealed class UndoneException : Exception;
}
