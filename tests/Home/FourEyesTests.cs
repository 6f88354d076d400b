using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Home.Tests.Experiments;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>Of a careful team nothing is shown that one admin alone wishes, by whichever door.</summary>
public class FourEyesTests(FourEyesTests.CarefulApp app) : IClassFixture<FourEyesTests.CarefulApp>
{
    public sealed class CarefulApp : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:FourEyes:0"] = "lending";
        }
    }

    [Fact]
    public async Task A_careful_teams_widget_is_given_away_by_two_as_a_draft_too()
    {
        var widget = await GivenShown("given-away");

        var both = await Patch(widget, new { state = "draft", team = "home", content = Says("Other") });
        both.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await app.Anonymous.Says("given-away")).ShouldBe("Text of given-away.");
        var off = await Patch(widget, new { state = "draft", content = Says("Other") });
        off.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Anonymous.Keys()).ShouldNotContain("given-away");
        (await Patch(widget, new { team = "home" })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await Patch(widget, new { state = "published" })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await app.Anonymous.Keys()).ShouldNotContain("given-away");

        // Whoever agrees to another team agrees to that, and to nothing more.
        (await Patch(widget, new { team = "home" })).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var agreed = await Trials.Ok(await Agree(widget));
        ((string)agreed["team"]!, (string)agreed["state"]!).ShouldBe(("home", "draft"));
        (await app.Anonymous.Keys()).ShouldNotContain("given-away");
        (await Patch(widget, new { state = "published" })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Anonymous.Says("given-away")).ShouldBe("Other");
    }

    [Fact]
    public async Task The_key_of_what_a_careful_team_put_away_is_for_that_team()
    {
        var widget = await GivenShown("put-away");
        (await app.Admin.DeleteAsync($"/api/admin/widgets/{widget["id"]}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var other = await app.Admin.PostAsJsonAsync("/api/admin/widgets", HomeApp.Text("put-away"));

        (await other.Code()).ShouldBe("widget-key-taken");
        var own = HomeApp.Text("put-away");
        own["team"] = "lending";
        (await app.Admin.PostAsJsonAsync("/api/admin/widgets", own)).IsSuccessStatusCode.ShouldBeTrue();
        (await app.Anonymous.Keys()).ShouldNotContain("put-away");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_experiment_that_decides_what_a_careful_team_shows_is_started_and_decided_by_two(bool isIndirect)
    {
        var key = isIndirect ? "before-offer" : "offer";
        await app.GivenDraft(key);
        if (isIndirect)
        {
            await app.GivenDraft("behind-offer", with => with["prerequisites"] = new JsonArray(
                new JsonObject { ["experiment"] = key, ["variations"] = new JsonArray("bold") }));
        }

        await GivenShown($"{key}-text", with => with["experiment"] = new JsonObject
        {
            ["key"] = isIndirect ? "behind-offer" : key,
            ["variations"] = new JsonArray("bold"),
        });

        await Trials.Ok(await Do(key, "start"), HttpStatusCode.Accepted);
        (await (await Do(key, "approve")).Code()).ShouldBe("second-person-needed");
        ((string?)(await Trials.Ok(await AgreeTo(key)))["state"]).ShouldBe("running");
        await Trials.Ok(await app.Admin.Change(key, new { coverage = 1, name = "Another" }), HttpStatusCode.Accepted);
        await Trials.Ok(await Do(key, "stop", new { decision = "bold" }), HttpStatusCode.Accepted);
        ((string?)(await app.Experiment(key))["state"]).ShouldBe("running");
        (await Trials.Ok(await Do(key, "stop")))["decision"].ShouldBeNull();
    }

    [Fact]
    public async Task An_experiment_of_a_careful_team_is_given_away_by_two_as_a_draft_too()
    {
        await app.GivenDraft("own-trial", with => with["team"] = "lending");

        await Trials.Ok(await app.Admin.Change("own-trial", new { name = "Another" }));
        await Trials.Ok(await app.Admin.Change("own-trial", new { team = "home" }), HttpStatusCode.Accepted);

        ((string?)(await app.Experiment("own-trial"))["team"]).ShouldBe("lending");
    }

    private async Task<JsonObject> GivenShown(string key, Action<JsonObject>? with = null)
    {
        var widget = await app.GivenText(key, one =>
        {
            one["team"] = "lending";
            with?.Invoke(one);
        });
        return await Trials.Ok(await Agree(widget));
    }

    private Task<HttpResponseMessage> Patch(JsonObject widget, object change, string by = "admin") =>
        app.As(by, "admin").PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", change);

    private Task<HttpResponseMessage> Agree(JsonObject widget) =>
        app.As("second", "admin").PostAsJsonAsync($"/api/admin/widgets/{widget["id"]}/publish", new { });

    private Task<HttpResponseMessage> Do(string experiment, string step, object? body = null) =>
        app.Admin.PostAsJsonAsync($"/api/admin/experiments/{experiment}/{step}", body ?? new { });

    private Task<HttpResponseMessage> AgreeTo(string experiment) =>
        app.As("second", "admin").PostAsJsonAsync($"/api/admin/experiments/{experiment}/approve", new { });

    private static object Says(string text) => new { paragraphs = new[] { text } };
}
