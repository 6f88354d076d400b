using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Home.Experiments;
using Kontor.Home.Tests.Insight;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

/// <summary>Who saw what first, what they keep of it, and what counts.</summary>
public class ExposureTests(HomeApp app) : IClassFixture<HomeApp>
{
    private sealed record Seen(
        string Attribute, string Unit, string Variation, long Clicks, long Dismissals, long FeedClicks, bool IsCounted);

    [Fact]
    public async Task What_a_device_saw_first_stays_after_the_sign_in_whatever_the_account_would_draw()
    {
        var widgets = await app.GivenTrial("stays");
        var device = await app.SomeDevice("stays", "bold", "stays");
        var person = await app.Somebody("stays", "control", "stays");
        (await app.Look(app.Anonymous.OnDevice(device), widgets, "stays")).ShouldBe("bold");

        var feed = await app.As(person, "customer").OnDevice(device).Feed();

        Trials.Variation(feed, "stays").ShouldBe("bold");
        // Elsewhere nobody knows yet that they have seen it; from the first look on they see it everywhere.
        (await app.As(person, "customer").Variation("stays")).ShouldBe("control");
        (await app.As(person, "customer").OnDevice(device).Tell(app.On(feed, widgets["bold"]))).ShouldBe(1);
        (await app.As(person, "customer").Variation("stays")).ShouldBe("bold");
        (await app.As(person, "customer").OnDevice("stays-another").Variation("stays")).ShouldBe("bold");

        var explained = await app.As(person, "customer").GetFeedExplained("stays-bold");
        explained.GetProperty("reason").GetString().ShouldBe("sticky");
        explained.GetProperty("isSticky").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task A_look_that_is_told_after_the_sign_in_counts_for_what_the_device_was_shown()
    {
        var widgets = await app.GivenTrial("late");
        var device = await app.SomeDevice("late", "bold", "late");
        var person = await app.Somebody("late", "control", "late");
        var before = await app.Anonymous.OnDevice(device).Feed();

        await app.As(person, "customer").OnDevice(device).Tell(app.On(before, widgets["bold"]));

        (await app.As(person, "customer").OnDevice(device).Variation("late")).ShouldBe("bold");
    }

    [Fact]
    public async Task To_be_given_a_variation_writes_nothing_and_counts_for_nothing()
    {
        var widgets = await app.GivenTrial("given");
        var person = await app.Somebody("given", "bold", "given");
        await app.As(person, "customer").Feed();
        (await app.Rows("given")).ShouldBeEmpty();

        // What is beside it on the screen says nothing of it.
        var feed = await app.As(person, "customer").Feed();
        await app.As(person, "customer").Tell(app.On(feed, (string)(await app.GivenText("given-other"))["id"]!));
        (await app.Rows("given")).ShouldBeEmpty();

        await app.As(person, "customer").Tell(app.On(feed, widgets["bold"]));
        (await Rows("given")).ShouldHaveSingleItem().ShouldBe(new("id", person, "bold", 0, 0, 0, true));
    }

    [Theory]
    [InlineData("click", 1, 0)]
    [InlineData("dismiss", 0, 1)]
    public async Task What_was_clicked_or_hidden_was_seen_though_that_is_told_later_or_never(string kind, long clicks, long dismissals)
    {
        var key = $"early-{kind}";
        var widgets = await app.GivenTrial(key);
        var person = await app.Somebody(key, "bold", key);
        var feed = await app.As(person, "customer").Feed();

        await app.As(person, "customer").Tell(app.On(feed, widgets["bold"], kind));
        await app.As(person, "customer").Tell(app.On(feed, widgets["bold"]));

        (await Rows(key)).ShouldHaveSingleItem().ShouldBe(new("id", person, "bold", clicks, dismissals, clicks, true));
    }

    [Fact]
    public async Task Somebody_is_counted_once_however_often_and_at_once_they_look()
    {
        var widgets = await app.GivenTrial("once");
        var person = await app.Somebody("once", "bold", "once");
        var feed = await app.As(person, "customer").Feed();
        var told = app.On(feed, widgets["bold"], id: "the-same");

        await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            using var client = app.As(person, "customer");
            // The same event from everywhere, and another from each.
            await client.Post(told.DeepClone(), app.On(feed, widgets["bold"], id: $"another-{i}"));
        }));

        (await Rows("once")).ShouldHaveSingleItem().Variation.ShouldBe("bold");
    }

    [Fact]
    public async Task Clicks_and_dismissals_of_its_widgets_count_and_clicks_elsewhere_in_the_feed_too()
    {
        var widgets = await app.GivenTrial("clicks");
        var other = (string)(await app.GivenText("elsewhere"))["id"]!;
        var person = await app.Somebody("clicks", "bold", "clicks");
        var feed = await app.As(person, "customer").Feed();

        await app.As(person, "customer").Tell(
            app.On(feed, widgets["bold"]), app.On(feed, widgets["bold"], "click"), app.On(feed, other, "click"));
        await app.As(person, "customer").Tell(app.On(feed, widgets["bold"], "dismiss"), app.On(feed, other, "dismiss"));

        (await Rows("clicks")).ShouldHaveSingleItem().ShouldBe(new("id", person, "bold", 1, 1, 2, true));
    }

    [Fact]
    public async Task A_person_and_their_device_are_one()
    {
        var widgets = await app.GivenTrial("merged");
        var device = await app.SomeDevice("merged", "bold", "merged");
        await app.Look(app.Anonymous.OnDevice(device), widgets, "merged", "click");

        await app.Look(app.As("merged", "customer").OnDevice(device), widgets, "merged");

        var rows = await Rows("merged");
        rows.Single(row => row.IsCounted).ShouldBe(new("id", "merged", "bold", 1, 0, 1, true));
        rows.Single(row => !row.IsCounted).Attribute.ShouldBe("deviceId");

        // Whoever signs in there next has not clicked.
        await app.Look(app.As("merged-next", "customer").OnDevice(device), widgets, "merged");
        (await Rows("merged")).Single(row => row.Unit == "merged-next").ShouldBe(new("id", "merged-next", "bold", 0, 0, 0, true));
    }

    [Fact]
    public async Task What_was_forced_or_shown_to_who_takes_no_part_is_never_counted()
    {
        var widgets = await app.GivenTrial("uncounted", with => with["condition"] = new JsonObject { ["platform"] = "ios" });
        var forced = await app.Admin.Feed("?variation=uncounted:1&platform=ios");
        await app.Admin.Tell(app.On(forced, widgets["bold"]), app.On(forced, widgets["bold"], "click"));
        var outside = await app.As("uncounted", "customer").Feed();
        await app.As("uncounted", "customer").Tell(app.On(outside, widgets["control"]));
        await app.As("uncounted", "customer").Tell(app.Event(widgets["bold"]));

        (await Rows("uncounted")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_can_say_that_they_were_shown_what_they_do_not_draw()
    {
        var widgets = await app.GivenTrial("forged");
        var bold = await app.Somebody("forged", "bold", "forged");
        var control = await app.Somebody("forged", "control", "forged");
        var feed = await app.As(bold, "customer").Feed();

        await app.As(control, "customer").Tell(app.On(feed, widgets["bold"]));
        foreach (var feedId in new[] { ".", ".abc", "x.ffffffZ", new string('.', 200), feed.GetProperty("feedId").GetString() + "!" })
        {
            var told = app.Event(widgets["bold"]);
            told["feedId"] = feedId;
            await app.As(control, "customer").Tell(told);
        }

        (await Rows("forged")).ShouldBeEmpty();
        (await app.As(control, "customer").Variation("forged")).ShouldBe("control");
    }

    [Fact]
    public async Task A_strangers_device_tells_nothing_of_the_person_who_used_it()
    {
        var widgets = await app.GivenTrial("leak");
        var device = await app.SomeDevice("leak", "control", "leak");
        var person = await app.Somebody("leak", "bold", "leak");
        await app.Look(app.As(person, "customer").OnDevice(device), widgets, "leak");

        (await app.Anonymous.OnDevice(device).Variation("leak")).ShouldBe("control");
        var other = await app.Somebody("leak", "control", "leak-other");
        (await app.As(other, "customer").OnDevice(device).Variation("leak")).ShouldBe("control");
        (await Rows("leak")).ShouldAllBe(row => row.Unit == person);
        (await app.Rows("leak")).ShouldNotContain(row => row.Contains(Trials.DeviceId(device), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_raised_bucket_version_begins_anew_and_an_old_feed_counts_no_more()
    {
        var widgets = await app.GivenTrial("anew");
        var person = await app.Somebody("anew", "bold", "anew");
        var old = await app.As(person, "customer").Feed();
        await app.As(person, "customer").Tell(app.On(old, widgets["bold"]));

        await Trials.Ok(await app.Admin.Change("anew", new { weights = new[] { 1, 0 }, bucketVersion = 1 }));

        (await app.As(person, "customer").Variation("anew")).ShouldBe("control");
        await app.As(person, "customer").Tell(app.On(old, widgets["bold"], "click"));
        (await Rows("anew")).ShouldHaveSingleItem().Clicks.ShouldBe(0);
        await app.Look(app.As(person, "customer"), widgets, "anew");
        (await Rows("anew")).Select(row => row.Variation).ShouldBe(["bold", "control"], ignoreOrder: true);

        // Whoever saw a version that did harm is left out.
        await Trials.Ok(await app.Admin.Change("anew", new { bucketVersion = 2, bucketVersionMin = 2 }));
        (await app.As(person, "customer").GetFeedExplained("anew-control")).GetProperty("reason").GetString()
            .ShouldBe("bucket-version-blocked");
    }

    [Fact]
    public async Task What_was_seen_on_one_node_is_kept_on_another()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        var widgets = await app.GivenTrial("elsewhere-node");
        await using var other = (HomeApp)await app.AnotherNode();
        var device = await app.SomeDevice("elsewhere-node", "bold", "node");
        var person = await app.Somebody("elsewhere-node", "control", "node");
        (await other.As(person, "customer").OnDevice(device).Variation("elsewhere-node")).ShouldBe("control");

        await app.Look(app.Anonymous.OnDevice(device), widgets, "elsewhere-node");

        await Feeds.Eventually(async () => await other.As(person, "customer").OnDevice(device).Variation("elsewhere-node") == "bold");
    }

    [Fact]
    public async Task Many_requests_at_once_read_what_was_seen_once()
    {
        await app.GivenTrial("memory");
        var assignments = ActivatorUtilities.CreateInstance<Assignments>(app.Services, new CountingDatabase(app.Database));
        var book = app.Model().Experiments;

        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => assignments.Of(book, "memory", "memory-device", default).AsTask()));
        await assignments.Of(book, "memory", "memory-device", default);
        CountingDatabase.Reads.ShouldBe(1);

        assignments.Forget(StoredAssignments.PayloadOf("id", "memory"));
        await assignments.Of(book, "memory", "memory-device", default);
        CountingDatabase.Reads.ShouldBe(2);
    }

    [Fact]
    public async Task Assignments_go_long_after_their_experiment_was_archived()
    {
        var widgets = await app.GivenTrial("tidied");
        await app.Look(app.As("tidied", "customer"), widgets, "tidied");
        await app.Run("tidied", "stop");
        foreach (var id in widgets.Values) await app.Admin.DeleteAsync($"/api/admin/widgets/{id}");
        (await app.Admin.DeleteAsync("/api/admin/experiments/tidied")).IsSuccessStatusCode.ShouldBeTrue();
        var now = app.Clock.GetUtcNow().ToUnixTimeMilliseconds();

        await app.Database.Write(tx => StoredAssignments.Tidy(tx, now - 1000).AsTask());
        (await Rows("tidied")).ShouldHaveSingleItem();
        await app.Database.Write(tx => StoredAssignments.Tidy(tx, now + 60_000).AsTask());
        (await Rows("tidied")).ShouldBeEmpty();
    }

    private async Task<List<Seen>> Rows(string experiment) => await app.Database.Read(tx => tx.Query<Seen>("""
        SELECT attribute, unit, variation, clicks, dismissals, feed_clicks, is_counted FROM home_assignments
        WHERE experiment = @experiment
        ORDER BY exposed_at, attribute
        """, new { experiment }).AsTask());

    private sealed class CountingDatabase(Database inner) : Database
    {
        public static int Reads;

        public override Dialect Dialect => inner.Dialect;

        public override Task<T> Read<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
        {
            Interlocked.Increment(ref Reads);
            return inner.Read(work, ct);
        }

        public override Task<T> Snapshot<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => inner.Snapshot(work, ct);

        public override Task<T> Write<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => inner.Write(work, ct);

        public override Task Exclusively(Func<Tx, Task> work, CancellationToken ct = default) => inner.Exclusively(work, ct);
    }
}
