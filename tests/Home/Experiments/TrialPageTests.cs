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
        (await Html("/admin/experiments?state=running")).ShouldNotContain("page-draft");

        (await Html("/admin/experiments/page-draft")).ShouldContain("Start it");
        (await Html("/admin/experiments/page-running")).ShouldContain("Nobody has seen it yet.");
        (await Html("/admin/experiments/page-stopped")).ShouldContain("everybody sees “Bold”");
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
