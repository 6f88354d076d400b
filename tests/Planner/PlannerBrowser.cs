using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kontor.Testing;
using Shouldly;

namespace Kontor.Planner.Tests;

/// <summary>What a person does on the page, and what their phone hears of it.</summary>
internal static partial class PlannerBrowser
{
    private const string TokenName = "__RequestVerificationToken";

    /// <summary>At the planner, signed in.</summary>
    public static async Task<Browser> BrowserOf(this KontorApp app, Person person, string language = "en")
    {
        var browser = app.NewBrowser(language);
        await browser.Open("/login?returnUrl=/planner");
        await browser.Submit("/login", ("email", person.Email), ("password", person.Password));
        browser.Path.ShouldBe("/planner");
        return browser;
    }

    /// <returns>The new project's id.</returns>
    public static async Task<string> AddProject(this Browser browser, string name)
    {
        var before = browser.ProjectIds();
        await browser.Submit("/planner/projects", ("name", name));
        return browser.ProjectIds().Except(before).ShouldHaveSingleItem();
    }

    /// <returns>The new task's id.</returns>
    public static async Task<string> AddTask(this Browser browser, string projectId, string title)
    {
        var before = browser.TaskIds();
        await browser.Submit($"/planner/projects/{projectId}/tasks", ("title", title));
        return browser.TaskIds().Except(before).ShouldHaveSingleItem();
    }

    /// <summary>Sends fields to any address, as no form of the shown page would; with that page's token unless another is given.</summary>
    public static async Task<HttpStatusCode> Forge(
        this KontorApp app, Browser browser, string path, string? token = null, params (string Name, string? Value)[] fields)
    {
        using var handler = new SocketsHttpHandler { CookieContainer = browser.Cookies, AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { BaseAddress = app.Address };
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        var form = fields.ToDictionary(field => field.Name, field => field.Value);
        form[TokenName] = token ?? Token().Match(browser.Html).Groups["value"].Value;
        using var answer = await client.PostAsync(path, new FormUrlEncodedContent(form));
        return answer.StatusCode;
    }

    public static List<string> ProjectIds(this Browser browser) =>
        [.. ProjectForm().Matches(browser.Html).Select(form => form.Groups["id"].Value)];

    /// <summary>In the order of the page.</summary>
    public static List<string> TaskIds(this Browser browser) =>
        [.. TickForm().Matches(browser.Html).Select(form => form.Groups["id"].Value)];

    public static async Task<JsonObject> Pull(this Person person, long? since = null)
    {
        using var answer = await person.Client.GetAsync(
            $"/sync/pull?last_pulled_at={since?.ToString(CultureInfo.InvariantCulture) ?? "null"}&schema_version=1&migration=null");
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!;
    }

    public static async Task Push(this Person person, JsonObject changes)
    {
        using var answer = await person.Client.PostAsJsonAsync("/sync/push", new { changes });
        answer.EnsureSuccessStatusCode();
    }

    public static long Timestamp(this JsonObject pull) => (long)pull["timestamp"]!;

    public static JsonArray List(this JsonObject pull, string table, string list) => pull["changes"]![table]![list]!.AsArray();

    [GeneratedRegex("""action="/planner/projects/(?<id>[^"/]+)/tasks""")]
    private static partial Regex ProjectForm();

    [GeneratedRegex("""name="__RequestVerificationToken" value="(?<value>[^"]+)""")]
    private static partial Regex Token();

    [GeneratedRegex("""action="/planner/tasks/(?<id>[^"/]+)/(?:done|open)""")]
    private static partial Regex TickForm();
}
