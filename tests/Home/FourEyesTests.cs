using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
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
        if (!isIndirect) await app.GivenDraft(key);
        if (isIndirect)
        {
            await app.GivenReady(key);
            await app.GivenDraft("behind-offer", with => with["prerequisites"] = new JsonArray(
                new JsonObject { ["experiment"] = key, ["variations"] = new JsonArray("bold") }));
        }

        var shown = isIndirect ? "behind-offer" : key;
        await GivenShown($"{key}-text", with => with["experiment"] = In(shown, "bold"));
        await app.GivenText($"{key}-usual", with => with["experiment"] = In(shown, "control"));

        await Trials.Ok(await Do(key, "start"), HttpStatusCode.Accepted);
        (await (await Do(key, "approve")).Code()).ShouldBe("second-person-needed");
        ((string?)(await Trials.Ok(await AgreeTo(key)))["state"]).ShouldBe("running");
        await Trials.Ok(await app.Admin.Change(key, new { coverage = 1, name = "Another" }), HttpStatusCode.Accepted);
        await Trials.Ok(await Do(key, "stop", new { decision = "bold" }), HttpStatusCode.Accepted);
        ((string?)(await app.Experiment(key))["state"]).ShouldBe("running");
        (await Trials.Ok(await Do(key, "stop")))["decision"].ShouldBeNull();

        static JsonObject In(string experiment, string variation) =>
            new() { ["key"] = experiment, ["variations"] = new JsonArray(variation) };
    }

    [Fact]
    public async Task An_experiment_of_a_careful_team_is_given_away_by_two_as_a_draft_too()
    {
        await app.GivenDraft("own-trial", with => with["team"] = "lending");

        await Trials.Ok(await app.Admin.Change("own-trial", new { name = "Another" }));
        await Trials.Ok(await app.Admin.Change("own-trial", new { team = "home" }), HttpStatusCode.Accepted);

        ((string?)(await app.Experiment("own-trial"))["team"]).ShouldBe("lending");
    }

    [Fact]
    public async Task Nobody_agrees_to_a_wish_that_they_have_not_read()
    {
        var widget = await GivenShown("unread");
        await app.GivenReady("unread-trial", with => with["team"] = "lending");
        await Do("unread-trial", "start");
        await Patch(widget, new { priority = 7 });
        foreach (var (address, step) in new[] { (Address(widget), "publish"), ("/api/admin/experiments/unread-trial", "approve") })
        {
            var second = app.As("second", "admin");
            var read = await second.Mark(address);
            read.ShouldNotBeNull();
            (await (await second.PostAsync($"{address}/{step}", null)).Code()).ShouldBe("wish-changed");
            (await app.Admin.PatchAsJsonAsync(address, new { priority = 8, name = "Another" })).StatusCode.ShouldBe(
                step == "publish" ? HttpStatusCode.Accepted : HttpStatusCode.OK);
            if (step == "approve") await Do("unread-trial", "start");

            (await (await second.PostAsJsonAsync($"{address}/{step}", new { mark = read })).Code()).ShouldBe("wish-changed");
            (await (await second.PostAsJsonAsync($"{address}/refuse", new { mark = read })).Code()).ShouldBe("wish-changed");
            (await Proposal(address)).ShouldNotBeNull();

            (await second.Agree(address, step)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await (await app.As("second", "admin").PostAsJsonAsync($"{Address(widget)}/publish", new { mark = "gone" })).Code())
            .ShouldBe("wish-changed");
        ((int)(await app.Admin.GetFromJsonAsync<JsonObject>(Address(widget)))!["priority"]!).ShouldBe(8);
    }

    [Fact]
    public async Task What_somebody_wishes_is_not_lost_by_what_another_changes()
    {
        var widget = await GivenShown("kept-wish");
        await app.GivenReady("kept-trial", with => with["team"] = "lending");
        await Do("kept-trial", "start");
        await AgreeTo("kept-trial");
        await app.Admin.Change("kept-trial", new { name = "Wished" });
        await Patch(widget, new { priority = 7 });
        foreach (var address in new[] { Address(widget), "/api/admin/experiments/kept-trial" })
        {
            var (wish, kim) = ((await Proposal(address))!.ToJsonString(), app.As("kim", "admin"));

            (await (await kim.PatchAsJsonAsync(address, new { priority = 9, name = "Hers" })).Code()).ShouldBe("wish-waits");
            (await Proposal(address))!.ToJsonString().ShouldBe(wish);

            var replaced = await kim.PatchAsJsonAsync(address, new { priority = 9, name = "Hers", mark = await kim.Mark(address) });
            replaced.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            ((string?)(await Proposal(address))!["userId"]).ShouldBe("kim");
        }

        // To take something off is always possible; what waits is still there to be read.
        (await app.Admin.PostAsync($"{Address(widget)}/archive", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Anonymous.Keys()).ShouldNotContain("kept-wish");
        ((string?)(await Proposal(Address(widget)))!["userId"]).ShouldBe("kim");
        (await Do("kept-trial", "stop")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await app.As("second", "admin").Agree("/api/admin/experiments/kept-trial", "approve")).Code()).ShouldBe("experiment-state");
    }

    [Fact]
    public async Task What_is_wished_of_an_experiment_can_be_refused_and_taken_back()
    {
        await app.GivenReady("refused", with => with["team"] = "lending");
        const string Address = "/api/admin/experiments/refused";
        foreach (var by in new[] { "second", "admin" })
        {
            await Trials.Ok(await Do("refused", "start"), HttpStatusCode.Accepted);

            var after = await Trials.Ok(await app.As(by, "admin").Agree(Address, "refuse"));

            ((string?)after["state"], after["proposal"]).ShouldBe(("draft", null));
        }

        (await (await app.As("second", "admin").PostAsJsonAsync($"{Address}/approve", new { })).Code()).ShouldBe("nothing-waits");
    }

    [Fact]
    public async Task The_page_of_an_experiment_says_what_is_wished_and_agrees_to_what_was_read()
    {
        await app.GivenReady("paged", with => with["team"] = "lending");
        using var kim = await new FormBrowser(app, "kim;admin").Open("/admin/experiments/paged");
        await kim.Send("/admin/experiments/paged/start", null);
        kim.Words.ShouldContain("You wish this experiment to be so");
        kim.Html.ShouldNotContain("paged/approve");
        using var lee = await new FormBrowser(app, "lee;admin").Open("/admin/experiments/paged");
        lee.Words.ShouldContain("kim wishes this experiment to be so");
        lee.Words.ShouldContain("State before: Draft now: Under way");
        lee.Html.ShouldNotContain("paged/start");
        (await app.As("kim", "admin").Change("paged", new { name = "Other" })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.As("kim", "admin").PostAsync("/api/admin/experiments/paged/start", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        await lee.Send("/admin/experiments/paged/approve", null);

        lee.Status.ShouldBe(HttpStatusCode.Conflict);
        lee.Words.ShouldContain("What waits is not what you have read");
        await lee.Send("/admin/experiments/paged/refuse", null);
        lee.Words.ShouldNotContain("wishes this experiment");
        await kim.Open("/admin/experiments/paged");
        await kim.Send("/admin/experiments/paged/start", null);
        await lee.Open("/admin/experiments/paged");
        await lee.Send("/admin/experiments/paged/approve", null);
        ((string?)(await app.Experiment("paged"))["state"]).ShouldBe("running");
    }

    [Fact]
    public async Task What_waits_is_counted_though_no_signal_told_of_it()
    {
        var widget = await GivenShown("counted");
        using var kim = await new FormBrowser(app, "kim;admin").Open("/admin/widgets");
        var before = kim.Words;
        await app.Database.Write(tx => tx.Execute(
            "UPDATE home_widgets SET proposal = '{}', proposer_id = 'far' WHERE id = @id", new { id = (string)widget["id"]! }).AsTask());

        await kim.Open("/admin/widgets");

        Waiting(kim.Words).ShouldBe(Waiting(before) + 1);
        (await app.Admin.PostAsJsonAsync($"{Address(widget)}/refuse", new { })).StatusCode.ShouldBe(HttpStatusCode.OK);

        static int Waiting(string words) => Regex.Match(words, @"Waiting for a second person: (\d+)") is { Success: true } found
            ? int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture)
            : 0;
    }

    [Fact]
    public async Task What_waits_is_answered_as_accepted_when_it_is_new()
    {
        var request = HomeApp.Text("new-wish");
        request["team"] = "lending";

        var answer = await app.Admin.PostAsJsonAsync("/api/admin/widgets", request);

        var widget = await Trials.Ok(answer, HttpStatusCode.Accepted);
        answer.Headers.Location!.ToString().ShouldBe(Address(widget));
        ((string?)widget["state"], (string?)widget["proposal"]!["userId"]).ShouldBe(("draft", "admin"));
    }

    [Fact]
    public async Task What_is_agreed_to_or_brought_back_is_checked_again()
    {
        await app.GivenDraft("soon-gone");
        var widget = await GivenShown("named-gone");
        await Patch(widget, new { experiment = new { key = "soon-gone", variations = new[] { "bold" } } });
        (await app.Admin.DeleteAsync("/api/admin/experiments/soon-gone")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await Agree(widget)).Code()).ShouldBe("widget-experiment-invalid");
        (await app.Anonymous.Keys()).ShouldContain("named-gone");

        var segment = new { key = "soon-gone", title = "Soon gone", persons = Array.Empty<string>() };
        (await app.Admin.PostAsJsonAsync("/api/admin/segments", segment)).StatusCode.ShouldBe(HttpStatusCode.Created);
        var aimed = await app.GivenText("aimed-gone", with => with["rule"] = new JsonObject { ["$inGroup"] = "soon-gone" });
        await Patch(aimed, new { rule = new { } });
        (await app.Admin.DeleteAsync("/api/admin/segments/soon-gone")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await app.Admin.PostAsJsonAsync($"{Address(aimed)}/rollback", new { version = 1 })).Code()).ShouldBe("rule-invalid");

        var schema = new { type = "object", properties = new { note = new { type = "string" } }, required = new[] { "note" } };
        var type = new { key = "soon-gone", schema };
        (await app.Admin.PostAsJsonAsync("/api/admin/types", type)).StatusCode.ShouldBe(HttpStatusCode.Created);
        var typed = await app.GivenText("typed-gone", with =>
        {
            with["type"] = "soon-gone";
            with["content"] = new JsonObject { ["note"] = "Once." };
        });
        await app.Admin.DeleteAsync(Address(typed));
        await app.GivenText("typed-gone");
        (await app.Admin.DeleteAsync("/api/admin/types/soon-gone@1")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await app.Admin.PostAsJsonAsync($"{Address(typed)}/rollback", new { version = 1 })).Code()).ShouldBe("widget-type-unknown");
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
        app.As("second", "admin").Agree(Address(widget));

    private Task<HttpResponseMessage> Do(string experiment, string step, object? body = null) =>
        app.Admin.PostAsJsonAsync($"/api/admin/experiments/{experiment}/{step}", body ?? new { });

    private Task<HttpResponseMessage> AgreeTo(string experiment) =>
        app.As("second", "admin").Agree($"/api/admin/experiments/{experiment}", "approve");

    private static string Address(JsonObject widget) => $"/api/admin/widgets/{widget["id"]}";

    private async Task<JsonNode?> Proposal(string address) => (await app.Admin.GetFromJsonAsync<JsonObject>(address))!["proposal"];

    private static object Says(string text) => new { paragraphs = new[] { text } };
}
