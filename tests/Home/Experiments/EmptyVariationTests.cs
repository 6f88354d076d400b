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
            .ShouldStartWith("A variation without a widget is never clicked");
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
}
