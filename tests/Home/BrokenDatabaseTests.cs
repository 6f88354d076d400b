using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;
using Kontor.Home.Tests.Experiments;
using Kontor.Home.Tests.Insight;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Tests;

/// <summary>A database that fails takes from a feed what only it knows, and never the feed; afterwards all is as if it had not.</summary>
public class BrokenDatabaseTests(BrokenDatabaseApp app) : IClassFixture<BrokenDatabaseApp>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_feed_is_answered_with_what_is_known_and_is_whole_when_the_database_is_back(bool silently)
    {
        var ada = silently ? "silent-ada" : "failing-ada";
        using var team = await GivenContract(ada);
        var trial = silently ? "silent-trial" : "failing-trial";
        await app.GivenTrial(trial);
        using var unread = new Unread();
        using var client = app.As(ada, "customer");
        string poorTag;
        using (app.Fragile.Break(silently))
        {
            // When it is silent, it does not answer before this is over.
            using var answer = await client.GetAsync("/api/home");
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            poorTag = answer.Headers.ETag!.ToString();
            var feed = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Says(feed, team.Widget).ShouldBe("For all.");
            Says(feed, TestSource.Yours).ShouldBe($"yours for {ada}");
            Says(feed, $"contract-{ada}").ShouldBeNull();
            Trials.Variation(feed, trial).ShouldBeOneOf("control", "bold");
            (await client.GetAsync("/")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        unread.What.Distinct().Order().ShouldBe(["assignments", "attributes", "pushed content", "taste"]);
        app.Errors.ShouldContain(said => said.Contains("of a person could not be read", StringComparison.Ordinal));

        // What was silent has first to answer those who asked it then, each reading by itself.
        if (silently)
        {
            await Feeds.Eventually(async () =>
                await client.Says(team.Widget) == "Yours alone." && await client.Says($"contract-{ada}") is not null);
        }

        client.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", poorTag);
        var whole = await client.Feed();
        Says(whole, team.Widget).ShouldBe("Yours alone.");
        Says(whole, $"contract-{ada}").ShouldNotBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_was_here_before_sees_no_difference(bool silently)
    {
        var bob = silently ? "silent-bob" : "failing-bob";
        using var team = await GivenContract(bob);
        using var client = app.As(bob, "customer");
        using var before = await client.GetAsync("/api/home");
        using (app.Fragile.Break(silently))
        {
            using var during = await client.GetAsync("/api/home");
            during.StatusCode.ShouldBe(HttpStatusCode.OK);
            during.Headers.ETag.ShouldBe(before.Headers.ETag);
        }

        (await client.Says(team.Widget)).ShouldBe("Yours alone.");
    }

    [Fact]
    public async Task What_somebody_is_shown_meanwhile_takes_them_into_no_other_variation()
    {
        var widgets = await app.GivenTrial("kept");
        var carl = await app.Somebody("kept", "control", "carl");
        await app.Database.Write(tx => tx.Execute("""
            INSERT INTO home_assignments (
                attribute, unit, experiment, bucket_version, variation, exposed_at, clicks, dismissals, feed_clicks, goal_at, is_counted)
            VALUES ('id', @carl, 'kept', 0, 'bold', 1, 0, 0, 0, NULL, true)
            """, new { carl }).AsTask());
        await app.Restart();
        using var client = app.As(carl, "customer");
        JsonElement poor;
        using (app.Fragile.Break(silently: false)) poor = await client.Feed();
        Trials.Variation(poor, "kept").ShouldBe("control");

        (await client.Tell([app.On(poor, widgets["control"])])).ShouldBe(1);

        (await app.Rows("kept")).ShouldBe([$"id {carl} bold"]);
        (await client.Variation("kept")).ShouldBe("bold");
        var results = await app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM home_event_counts WHERE experiment = 'kept'").AsTask());
        results.ShouldBe(0);
    }

    [Theory]
    [InlineData("home_facts")]
    [InlineData("home_snapshots")]
    [InlineData("home_assignments")]
    [InlineData("home_tastes")]
    public async Task A_phone_keeps_what_it_has_while_something_of_its_owner_cannot_be_read(string table)
    {
        var dora = $"dora-{table.Replace('_', '-')}";
        await app.GivenTrial($"trial-of-{dora}");
        using var team = await GivenContract(dora);
        using var phone = app.As(dora, "customer");
        var before = await Kept(phone);
        before.ShouldContain($"contract-{dora}");
        // Nothing of what is known of anybody is in memory, nor that this phone was here.
        await app.Restart();
        using var again = app.As(dora, "customer");
        using (app.Fragile.Break(table))
        {
            (await again.Feed()).GetProperty("widgets").GetArrayLength().ShouldBeGreaterThan(0);
            ((int)(await again.GetAsync("/sync/pull?last_pulled_at=0")).StatusCode).ShouldBe(503);
        }

        (await Kept(again)).ShouldBe(before);
    }

    [Fact]
    public async Task What_an_admin_narrows_while_it_cannot_be_read_is_narrowed_by_the_next_reading()
    {
        using var team = await SourceTeam.New(app);
        await team.Push(1, "Long.", ttl: 600, stale: 600);
        // One of its own, which nobody else reads again meanwhile.
        using var pushed = ActivatorUtilities.CreateInstance<PushedContent>(app.Services);
        var caches = new Dictionary<string, WidgetCache> { [team.Widget] = new(FreshSeconds: 10, StaleSeconds: 5) };
        var later = app.Clock.NowMs() + 30 * Clock.Second;
        var ct = TestContext.Current.CancellationToken;
        await pushed.Reload(() => { }, ct);

        using (app.Fragile.Break("home_snapshots"))
            await Should.ThrowAsync<InvalidOperationException>(() => pushed.Narrow(caches, () => { }, ct));
        pushed.Shared(team.Widget, later).ShouldNotBeNull();

        await pushed.Narrow(caches, () => { }, ct);
        pushed.Shared(team.Widget, later).ShouldBeNull();
    }

    /// <summary>A team that told that the person has a contract, which a rule asks for, and showed them something of their own.</summary>
    private async Task<SourceTeam> GivenContract(string person)
    {
        var team = await SourceTeam.New(app, with => with["personal"] = true);
        await Fine(team.Push(1, "For all.", stale: 3600));
        await Fine(team.Push(1, "Yours alone.", new { userId = person }, stale: 3600));
        await Fine(team.Client.PutAsJsonAsync(
            $"/api/home/sources/{team.Name}/attributes/stage", new { type = "text", privacy = "personal", description = "How far." }));
        await Fine(team.Client.PutAsJsonAsync(
            $"/api/home/sources/{team.Name}/persons/{person}", new { version = 1, attributes = new { stage = "contract" } }));
        await app.GivenText($"contract-{person}", with => with["rule"] = new JsonObject { [$"{team.Name}.stage"] = "contract" });
        return team;

        static async Task Fine(Task<HttpResponseMessage> answer) => (await answer).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    private static string? Says(JsonElement feed, string key) => feed.GetProperty("widgets").EnumerateArray()
        .Where(widget => widget.GetProperty("key").GetString() == key)
        .Select(widget => widget.GetProperty("content").GetProperty("paragraphs")[0].GetString()).SingleOrDefault();

    private static async Task<List<string>> Kept(HttpClient phone) =>
    [
        .. (await phone.GetFromJsonAsync<JsonNode>("/sync/pull?last_pulled_at=0"))!["changes"]!["home_widgets"]!["updated"]!.AsArray()
            .OrderBy(row => (long)row!["position"]!).Select(row => (string)row!["key"]!),
    ];

    /// <summary>What is counted as not read.</summary>
    private sealed class Unread : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Unread()
        {
            _listener.InstrumentPublished = (instrument, all) =>
            {
                if (instrument.Name == "kontor.home.persons_unread") all.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => What.Enqueue((string)tags[0].Value!));
            _listener.Start();
        }

        public ConcurrentQueue<string> What { get; } = [];

        public void Dispose() => _listener.Dispose();
    }
}
