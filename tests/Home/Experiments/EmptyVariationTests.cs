using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Home.Tests.Insight;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

/// <summary>A banner or nothing: whoever is shown nothing cannot have had it on their screen.</summary>
public class EmptyVariationTests(TrialAdminTests.CarefulApp app) : IClassFixture<TrialAdminTests.CarefulApp>
{
    [Fact]
    public async Task Where_one_variation_shows_nothing_the_feed_on_the_screen_counts_for_all()
    {
        await app.GivenDraft("nothing");
        await app.GivenText("nothing-bold", text =>
            text["experiment"] = new JsonObject { ["key"] = "nothing", ["variations"] = new JsonArray("bold") });
        var other = (string)(await app.GivenText("beside-nothing"))["id"]!;

        // Nobody could ever click the control.
        var refused = await app.Admin.PostAsJsonAsync("/api/admin/experiments/nothing/start", new { });
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors").GetProperty("goal")[0].GetString()!
            .ShouldStartWith("A variation without a published widget is never clicked");
        await Trials.Ok(await app.Admin.Change("nothing", new { goal = "test.bought" }));
        await app.Run("nothing", "start");

        foreach (var id in Enumerable.Range(0, 20).Select(i => $"nothing-{i}"))
        {
            using var person = app.As(id, "customer");
            var feed = await person.Feed();
            await person.Tell(app.On(feed, other), app.On(feed, other, "click"));
        }

        var groups = (await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/experiments/nothing/results"))
            .GetProperty("variations").EnumerateArray().ToList();
        groups.Sum(one => one.GetProperty("units").GetInt64()).ShouldBe(20);
        groups.ShouldAllBe(one => one.GetProperty("units").GetInt64() > 0);
        groups.ShouldAllBe(one => one.GetProperty("feedClicks").GetProperty("units").GetInt64() == one.GetProperty("units").GetInt64());
    }

    [Theory]
    [InlineData("none", null, null, "control", "bold")]
    [InlineData("first", "published", null, "bold")]
    [InlineData("second", null, "published", "control")]
    [InlineData("drafted", "published", "draft", "bold")]
    [InlineData("drafts", "draft", "draft", "control", "bold")]
    [InlineData("both", "published", "published")]
    public async Task What_clicks_decide_does_not_start_before_each_variation_has_a_published_widget(
        string name, string? control, string? bold, params string[] lacking)
    {
        var key = $"start-{name}";
        await app.GivenDraft(key);
        foreach (var (variation, state) in new[] { ("control", control), ("bold", bold) })
        {
            if (state is not null) await GivenShown(key, variation, text => text["state"] = state);
        }

        var answer = await app.Admin.PostAsJsonAsync($"/api/admin/experiments/{key}/start", new { });

        answer.StatusCode.ShouldBe(lacking.Length == 0 ? HttpStatusCode.OK : HttpStatusCode.UnprocessableEntity);
        if (lacking.Length > 0) await ShouldLack(answer, lacking);
        ((string?)(await app.Experiment(key))["state"]).ShouldBe(lacking.Length == 0 ? "running" : "draft");
    }

    [Fact]
    public async Task A_start_is_not_agreed_to_while_its_widgets_wait_or_are_no_longer_published()
    {
        await app.GivenDraft("other-draft");
        await app.GivenDraft("waits", with => with["team"] = "lending");
        await GivenShown("waits", "control");
        var bold = await GivenShown("waits", "bold", text => text["team"] = "lending");
        await ShouldLack(await app.Admin.PostAsJsonAsync("/api/admin/experiments/waits/start", new { }), "bold");

        using var second = app.As("second", "admin");
        var address = $"/api/admin/widgets/{bold["id"]}";
        await Trials.Ok(await second.Agree(address));
        await Trials.Ok(await app.Admin.PostAsJsonAsync("/api/admin/experiments/waits/start", new { }), HttpStatusCode.Accepted);
        using var list = await new FormBrowser(app, "second;admin").Open("/admin/experiments");
        list.Words.ShouldContain("Waiting for a second person: 1. Show them");
        await list.Open("/admin/experiments?waiting=true");
        list.Html.ShouldContain("/admin/experiments/waits");
        list.Html.ShouldNotContain("/admin/experiments/other-draft");
        await Trials.Ok(await app.Admin.PatchAsJsonAsync(address, new { state = "draft" }));

        await ShouldLack(await second.Agree("/api/admin/experiments/waits", "approve"), "bold");
        ((string?)(await app.Experiment("waits"))["state"]).ShouldBe("draft");
    }

    [Theory]
    [InlineData("archived")]
    [InlineData("draft")]
    public async Task A_widget_that_is_taken_off_while_clicks_decide_leaves_the_feed_whole_and_makes_the_results_none(string state)
    {
        var key = $"off-{state}";
        var widgets = await app.GivenTrial(key);
        var other = (string)(await app.GivenText($"beside-{key}"))["id"]!;
        var bold = await app.Somebody(key, "bold", $"{key}-bold");
        var control = await app.Somebody(key, "control", $"{key}-control");
        var late = await app.Somebody(key, "bold", $"{key}-late");
        foreach (var id in new[] { bold, control }) await app.Look(app.As(id, "customer"), widgets, key, "click");
        (await Results(key)).GetProperty("warnings").GetArrayLength().ShouldBe(0);

        await Trials.Ok(await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{widgets["bold"]}", new { state }));

        var feed = await app.As(late, "customer").Feed();
        var shown = feed.GetProperty("widgets").EnumerateArray().Select(one => one.GetProperty("key").GetString()).ToList();
        shown.ShouldContain($"beside-{key}");
        shown.ShouldNotContain($"{key}-bold");
        shown.ShouldNotContain($"{key}-control");
        (await app.As(control, "customer").Variation(key)).ShouldBe("control");
        // Who could click nothing takes no part, whatever else they look at.
        await app.As(late, "customer").Tell(app.On(feed, other), app.On(feed, other, "click"));
        var results = await Results(key);
        results.GetProperty("units").GetInt64().ShouldBe(2);
        results.GetProperty("verdict").GetString().ShouldBe("untrusted");
        results.GetProperty("sentence").GetString()!.ShouldStartWith("Nobody can click a variation without a published widget");
        results.GetProperty("warnings").GetArrayLength().ShouldBe(1);
        using var page = await new FormBrowser(app, "kim;admin").Open($"/admin/experiments/{key}");
        page.Words.ShouldContain("Until then the results cannot be trusted. Without a published widget: Bold");

        await Trials.Ok(await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{widgets["bold"]}", new { state = "published" }));
        (await app.As(bold, "customer").Variation(key)).ShouldBe("bold");
        (await Results(key)).GetProperty("verdict").GetString().ShouldBe("too-few");
    }

    private Task<JsonElement> Results(string key) =>
        app.Admin.GetFromJsonAsync<JsonElement>($"/api/admin/experiments/{key}/results");

    private Task<JsonObject> GivenShown(string key, string variation, Action<JsonObject>? with = null) =>
        app.GivenText($"{key}-{variation}", text =>
        {
            text["experiment"] = new JsonObject { ["key"] = key, ["variations"] = new JsonArray(variation) };
            with?.Invoke(text);
        });

    private static async Task ShouldLack(HttpResponseMessage refused, params string[] variations)
    {
        var problem = await Trials.Ok(refused, HttpStatusCode.UnprocessableEntity);
        ((string?)problem["code"]).ShouldBe("experiment-invalid");
        problem["emptyVariations"]!.AsArray().Select(one => (string)one!).ShouldBe(variations);
        ((string?)problem["detail"]).ShouldBe($"Without a published widget: {string.Join(", ", variations)}.");
    }
}
