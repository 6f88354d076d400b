using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Home.Tests.Insight;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

/// <summary>What an experiment has shown, and whether it can be trusted.</summary>
public class ResultTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task What_people_do_after_they_saw_it_is_in_the_results()
    {
        var widgets = await app.GivenTrial("results");
        var clicks = new Dictionary<string, long> { ["control"] = 0, ["bold"] = 0 };
        var units = new Dictionary<string, long>(clicks);
        for (var i = 0; i < 30; i++)
        {
            using var person = app.As($"results-{i}", "customer");
            var variation = await app.Look(person, widgets, "results");
            units[variation]++;
            if (i % 3 > 0) continue;
            var feed = await person.Feed();
            await person.Tell(app.On(feed, widgets[variation], "click"), app.On(feed, widgets[variation], "click"));
            clicks[variation]++;
        }

        var results = await Results("results");

        results.GetProperty("units").GetInt64().ShouldBe(30);
        foreach (var one in results.GetProperty("variations").EnumerateArray())
        {
            var key = one.GetProperty("key").GetString()!;
            one.GetProperty("units").GetInt64().ShouldBe(units[key]);
            one.GetProperty("goal").GetProperty("units").GetInt64().ShouldBe(clicks[key]);
            one.GetProperty("goal").GetProperty("clicks").GetInt64().ShouldBe(2 * clicks[key]);
            one.GetProperty("feedClicks").GetProperty("units").GetInt64().ShouldBe(clicks[key]);
        }

        results.GetProperty("verdict").GetString().ShouldBe("too-few");
        results.GetProperty("sentence").GetString()!.ShouldStartWith("30 people saw it: too few");
    }

    [Fact]
    public async Task A_variation_that_is_better_is_called_so_in_a_sentence()
    {
        await app.GivenTrial("better");
        await Given("better", ("control", 2000, 200), ("bold", 2000, 320));

        var results = await Results("better");

        results.GetProperty("verdict").GetString().ShouldBe("better");
        results.GetProperty("leader").GetString().ShouldBe("bold");
        results.GetProperty("sentence").GetString().ShouldBe(
            "“Bold” brings 60 % more clicks; between 24 % and 107 %. 4,000 people saw it. Enough to decide.");
        var lift = results.GetProperty("variations")[1].GetProperty("goal").GetProperty("lift");
        lift.GetProperty("estimate").GetDouble().ShouldBe(0.6, 1e-9);
        lift.GetProperty("low").GetDouble().ShouldBe(0.356, 0.001);
        results.GetProperty("sampleRatio").GetProperty("isWrong").GetBoolean().ShouldBeFalse();
        results.GetProperty("warnings").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task What_is_worse_or_not_known_yet_is_called_so()
    {
        await app.GivenTrial("worse");
        await Given("worse", ("control", 2000, 320), ("bold", 2000, 200));
        (await Results("worse")).GetProperty("sentence").GetString()!.ShouldContain("fewer clicks");

        await app.GivenTrial("open");
        await Given("open", ("control", 2000, 200), ("bold", 2000, 215));
        var open = await Results("open");
        open.GetProperty("verdict").GetString().ShouldBe("undecided");
        open.GetProperty("sentence").GetString()!.ShouldEndWith("Not enough to decide.");

        await app.GivenTrial("unseen");
        (await Results("unseen")).GetProperty("verdict").GetString().ShouldBe("no-data");
    }

    /// <summary>"Between 85 % below and 5,150,045 % above the control" was said, and a dot stood at +320 % for +8,593 %.</summary>
    [Fact]
    public async Task A_lift_over_a_control_that_nobody_clicks_is_not_said_to_the_per_cent_nor_drawn_where_it_is_not()
    {
        await app.GivenTrial("unclicked");
        await Given("unclicked", ("control", 127, 0), ("bold", 133, 45));

        var results = await Results("unclicked");

        results.GetProperty("verdict").GetString().ShouldBe("undecided");
        var sentence = results.GetProperty("sentence").GetString()!;
        sentence.ShouldContain("below the control and more than ten times as much. 260 people saw it.");
        var page = await Page("unclicked", "en");
        page.ShouldContain("lift-beyond");
        page.ShouldContain("> +1,000 %</text>");
        page.ShouldNotContain("chart-dot");
        page.ShouldNotContain("for one look</span>");
        (await Page("unclicked", "de")).ShouldContain("mehr als ihrem Zehnfachen");

        // What can be said is drawn in its place.
        await app.GivenTrial("clicked");
        await Given("clicked", ("control", 2000, 200), ("bold", 2000, 215));
        var usual = await Page("clicked", "en");
        usual.ShouldContain("chart-dot");
        usual.ShouldContain("for one look</span>");
        usual.ShouldNotContain("lift-beyond");
        (await Results("clicked")).GetProperty("sentence").GetString()!.ShouldNotContain("ten times");
    }

    [Fact]
    public async Task Nobody_having_seen_an_experiment_is_not_called_groups_of_the_right_sizes()
    {
        await app.GivenTrial("empty-groups");
        var page = await Page("empty-groups", "en");
        page.ShouldContain("Sizes of the groups: nobody has seen it yet");
        page.ShouldNotContain("as they should be");
    }

    [Fact]
    public async Task Who_is_known_to_be_better_or_not_known_to_be_worse_counts_whoever_is_ahead()
    {
        await app.GivenTrial("ahead", with => Three(with, 0.4975, 0.005, 0.4975));
        await Given("ahead", ("control", 10_000, 1000), ("bold", 100, 15), ("calm", 10_000, 1250));
        var ahead = await Results("ahead");
        ahead.GetProperty("verdict").GetString().ShouldBe("better");
        ahead.GetProperty("leader").GetString().ShouldBe("calm");

        await app.GivenTrial("behind", with => Three(with, 0.4975, 0.005, 0.4975));
        await Given("behind", ("control", 10_000, 2000), ("bold", 100, 15), ("calm", 10_000, 1650));
        var behind = await Results("behind");
        behind.GetProperty("verdict").GetString().ShouldBe("undecided");
        behind.GetProperty("leader").GetString().ShouldBe("bold");
        behind.GetProperty("variations")[2].GetProperty("goal").GetProperty("lift").GetProperty("alwaysHigh").GetDouble()
            .ShouldBeLessThan(0);

        static void Three(JsonObject with, params double[] weights)
        {
            with["variations"]!.AsArray().Add(new JsonObject { ["key"] = "calm", ["name"] = "Calm" });
            with["weights"] = new JsonArray([.. weights.Select(weight => JsonValue.Create(weight))]);
        }
    }

    [Fact]
    public async Task Groups_of_the_wrong_sizes_make_the_results_untrustworthy()
    {
        await app.GivenTrial("skewed");
        await Given("skewed", ("control", 2000, 100), ("bold", 1700, 300));

        var results = await Results("skewed");

        results.GetProperty("verdict").GetString().ShouldBe("untrusted");
        results.GetProperty("leader").ValueKind.ShouldBe(JsonValueKind.Null);
        results.GetProperty("sampleRatio").GetProperty("isWrong").GetBoolean().ShouldBeTrue();
        results.GetProperty("sampleRatio").GetProperty("p").GetDouble().ShouldBeLessThan(0.001);
        results.GetProperty("sentence").GetString()!.ShouldContain("cannot be trusted");

        // The same sizes are right where the weights say so.
        await app.GivenTrial("weighted", with => with["weights"] = new JsonArray(0.54, 0.46));
        await Given("weighted", ("control", 2000, 100), ("bold", 1700, 300));
        (await Results("weighted")).GetProperty("verdict").GetString().ShouldBe("better");
    }

    [Fact]
    public async Task A_guardrail_that_is_hurt_is_warned_of()
    {
        await app.GivenTrial("guarded");
        await Given("guarded", ("control", 2000, 200), ("bold", 2000, 320));
        await app.Database.Write(tx => tx.Execute("""
            UPDATE home_assignments SET dismissals = 1
            WHERE experiment = 'guarded' AND variation = 'bold' AND unit < 'guarded-bold-1400'
            """).AsTask());
        await app.Database.Write(tx => tx.Execute("""
            UPDATE home_assignments SET dismissals = 1
            WHERE experiment = 'guarded' AND variation = 'control' AND unit < 'guarded-control-1050'
            """).AsTask());

        (await Results("guarded")).GetProperty("warnings").EnumerateArray().Select(one => one.GetString())
            .ShouldBe(["Bold: more people dismiss it."]);
    }

    [Fact]
    public async Task Analytics_tell_of_each_running_experiment_whether_its_groups_are_of_the_right_sizes()
    {
        await app.GivenTrial("told");
        await Given("told", ("control", 2000, 100), ("bold", 1700, 100));
        await app.GivenDraft("untold");

        var running = (await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/home/analytics?by=experiment"))
            .GetProperty("running").EnumerateArray().ToDictionary(one => one.GetProperty("experiment").GetString()!);

        running["told"].GetProperty("sampleRatio").GetProperty("isWrong").GetBoolean().ShouldBeTrue();
        running["told"].GetProperty("verdict").GetString().ShouldBe("untrusted");
        running.ShouldNotContainKey("untold");
    }

    [Fact]
    public async Task Results_are_for_admins_and_of_experiments_that_there_are()
    {
        await app.GivenTrial("secret");
        (await app.As("somebody", "customer").GetAsync("/api/admin/experiments/secret/results")).StatusCode
            .ShouldBe(HttpStatusCode.Forbidden);
        var none = await app.Admin.GetAsync("/api/admin/experiments/none/results");
        (await none.Code()).ShouldBe("not-found");
    }

    private Task<JsonElement> Results(string key) => app.Admin.GetFromJsonAsync<JsonElement>($"/api/admin/experiments/{key}/results");

    private async Task<string> Page(string key, string language)
    {
        using var admin = app.Admin;
        admin.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        return WebUtility.HtmlDecode(await admin.GetStringAsync($"/admin/experiments/{key}"));
    }

    /// <summary>As if so many had looked, and so many of them clicked.</summary>
    private async Task Given(string experiment, params (string Variation, int Units, int Clicked)[] groups)
    {
        foreach (var (variation, units, clicked) in groups)
        {
            var rows = Enumerable.Range(0, units).Select(i => new
            {
                unit = $"{experiment}-{variation}-{1000 + i}",
                experiment,
                variation,
                clicks = i < clicked ? 1L : 0L,
            }).ToList();
            await app.Database.Write(tx => tx.ExecuteEach("""
                INSERT INTO home_assignments (attribute, unit, experiment, bucket_version, variation, exposed_at, clicks, feed_clicks)
                VALUES ('id', @unit, @experiment, 0, @variation, 1, @clicks, @clicks)
                """, rows).AsTask());
        }
    }
}
