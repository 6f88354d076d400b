using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

/// <summary>Experiments in the admin panel, without JavaScript.</summary>
public partial class TrialPageTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task The_list_and_each_state_of_an_experiment_have_a_page()
    {
        await app.GivenDraft("page-draft");
        await app.GivenTrial("page-running");
        await app.GivenTrial("page-stopped");
        await app.Run("page-stopped", "stop", new { decision = "bold" });

        var list = await Html("/admin/experiments");
        foreach (var key in new[] { "page-draft", "page-running", "page-stopped" }) list.ShouldContain($"/admin/experiments/{key}");
        list.ShouldContain("“Bold” was chosen");
        (await Html("/admin/experiments?state=running")).ShouldNotContain("page-draft");

        (await Html("/admin/experiments/page-draft")).ShouldContain("Start it");
        (await Html("/admin/experiments/page-running")).ShouldContain("Nobody has seen it yet.");
        (await Html("/admin/experiments/page-stopped")).ShouldContain("everybody sees “Bold”");
        (await Html("/admin/experiments/page-stopped")).ShouldNotContain("Stop it with this decision");
        (await Html("/admin/experiments/page-running", "de")).ShouldContain("Noch hat es niemand gesehen.");
        (await Html("/admin/experiments/page-running/edit")).ShouldContain("""value="control""");
        (await app.Admin.GetAsync("/admin/experiments/nowhere")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await app.As("page", "customer").GetAsync("/admin/experiments")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task An_admin_writes_changes_starts_and_decides_one_by_forms()
    {
        var wrong = await Post("/admin/new-experiment", Form("by-form", weights: ["90", "20"]));
        wrong.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        wrong.Html.ShouldContain("field-error");
        wrong.Html.ShouldContain("""value="90""");

        (await Post("/admin/new-experiment", Form("by-form", weights: ["70", "30"]))).Status.ShouldBe(HttpStatusCode.Redirect);
        var made = await app.Experiment("by-form");
        made["weights"]!.ToJsonString().ShouldBe("[0.7,0.3]");
        made["coverage"]!.GetValue<double>().ShouldBe(0.5);
        made["holdouts"]![0]!["share"]!.GetValue<double>().ShouldBe(0.05);
        made["condition"]!.ToJsonString().ShouldBe("""{"platform":"web"}""");

        var early = await Post("/admin/experiments/by-form/start", []);
        early.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        early.Html.ShouldContain("Without a published widget: As it is, Bold");
        var widget = await app.GivenText("by-form-text", text => text["experiment"] = new JsonObject
        {
            ["key"] = "by-form",
            ["variations"] = new JsonArray("control", "bold"),
        });
        (await Post("/admin/experiments/by-form/start", [])).Status.ShouldBe(HttpStatusCode.Redirect);
        var locked = await Post("/admin/experiments/by-form/edit", Form("by-form", weights: ["60", "40"]));
        locked.Status.ShouldBe(HttpStatusCode.Conflict);
        locked.Html.ShouldContain("weights");
        (await Post("/admin/experiments/by-form/stop", [new("decision", "bold")])).Status.ShouldBe(HttpStatusCode.Redirect);
        (await app.Experiment("by-form"))["decision"]!.GetValue<string>().ShouldBe("bold");
        (await app.Admin.DeleteAsync($"/api/admin/widgets/{widget["id"]}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Post("/admin/experiments/by-form/archive", [])).Status.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task Whoever_agrees_to_a_start_sees_what_is_measured_and_finds_the_widgets()
    {
        await app.GivenDraft("page-facts", with =>
        {
            with["team"] = "lending";
            with["weights"] = new JsonArray(0.7, 0.3);
        });
        var widget = await app.GivenText("page-facts-text", text =>
        {
            text["state"] = "draft";
            text["experiment"] = new JsonObject { ["key"] = "page-facts", ["variations"] = new JsonArray("bold") };
        });
        using var kim = await new FormBrowser(app, "kim;admin").Open("/admin/experiments/page-facts");
        kim.Words.ShouldContain("Team lending Goal A click on one of its widgets Shares As it is 70 % · Bold 30 %");
        kim.Html.ShouldContain($"<a href=\"/admin/widgets/{widget["id"]}\">Title of page-facts-text</a>");
        kim.Words.ShouldContain("Title of page-facts-text page-facts-text Bold Draft");
        kim.Words.ShouldContain("Without a published widget: As it is, Bold");

        await kim.Open("/admin/widgets");

        kim.Html.ShouldContain("<a href=\"/admin/experiments/page-facts\">page-facts</a><span class=\"muted\"> (bold)</span>");
    }

    [Fact]
    public async Task Of_what_readers_cannot_tell_apart_there_is_one_choice_and_the_result_chooses_first()
    {
        var widgets = await app.GivenTrial("page-chosen");
        using var kim = await new FormBrowser(app, "kim;admin").Open("/admin/experiments/page-chosen");
        Choices(kim).ShouldBe([("", true), ("bold", false)]);
        kim.Words.ShouldContain("“As it is”, the control");
        await Clicked("control", 300, 30);
        await Clicked("bold", 300, 240);

        await kim.Open("/admin/experiments/page-chosen");

        Choices(kim).ShouldBe([("", false), ("bold", true)]);
        kim.Words.ShouldContain("Bold – the result speaks for it");
        await app.Run("page-chosen", "stop", new { decision = "control" });
        await kim.Open("/admin/experiments/page-chosen");
        Choices(kim).ShouldBe([("", true), ("bold", false)]);

        static List<(string, bool)> Choices(FormBrowser browser) =>
        [
            .. Regex.Matches(browser.Html, "<input[^>]*type=\"radio\"[^>]*>").Select(one =>
                (Regex.Match(one.Value, "value=\"([^\"]*)\"").Groups[1].Value, one.Value.Contains("checked", StringComparison.Ordinal))),
        ];

        Task Clicked(string variation, int units, int clicks) => app.Database.Write(async tx =>
        {
            for (var i = 0; i < units; i++)
            {
                await tx.Execute("""
                    INSERT INTO home_assignments
                        (attribute, unit, experiment, bucket_version, variation, exposed_at, clicks, dismissals, feed_clicks)
                    VALUES ('id', @unit, 'page-chosen', 0, @variation, @now, @clicks, 0, 0)
                    """, new
                {
                    unit = $"{variation}-{i}",
                    variation,
                    now = app.Clock.GetUtcNow().ToUnixTimeMilliseconds(),
                    clicks = i < clicks ? 1L : 0L,
                });
            }

            return true;
        });
    }

    private static List<KeyValuePair<string, string>> Form(string key, string[] weights) =>
    [
        new("key", key), new("name", "By a form"), new("team", "home"), new("goal", "click"), new("units", "people"),
        new("variationKey", "control"), new("variationName", "As it is"), new("variationWeight", weights[0]),
        new("variationKey", "bold"), new("variationName", "Bold"), new("variationWeight", weights[1]),
        new("variationKey", ""), new("variationName", ""), new("variationWeight", ""),
        new("coverage", "50"), new("condition", """{"platform":"web"}"""), new("holdouts", "all: 5"), new("hashVersion", "2"),
        new("bucketVersion", "0"), new("bucketVersionMin", "0"), new("sticky", "true"),
    ];

    /// <summary>Sends a form with the token of a page.</summary>
    private async Task<(HttpStatusCode Status, string Html)> Post(string path, List<KeyValuePair<string, string>> fields)
    {
        using var client = app.Admin;
        var page = await client.GetAsync("/admin/new-experiment");
        var token = Token().Match(await page.Content.ReadAsStringAsync()).Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent([.. fields, new("__RequestVerificationToken", token)]),
        };
        request.Headers.Add("Cookie", page.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
        var answer = await client.SendAsync(request);
        return (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()));
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]*)\"")]
    private static partial Regex Token();

    private async Task<string> Html(string path, string language = "en")
    {
        using var client = app.Admin;
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var answer = await client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }
}
