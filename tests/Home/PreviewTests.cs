using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>An admin sees the feed as anybody would, with what is being edited, and leaves no trace.</summary>
public partial class PreviewTests(PreviewTests.PeopledApp app) : IClassFixture<PreviewTests.PeopledApp>
{
    private const string Page = "/admin/home/preview";
    private const string New = "/admin/widgets/new";

    public sealed class PeopledApp : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Services.AddSingleton<IPersonFinder, Everybody>();
        }

        private sealed class Everybody : IPersonFinder
        {
            public Task<FoundPerson?> Find(string named, CancellationToken ct) => Task.FromResult<FoundPerson?>(
                named.StartsWith("pia", StringComparison.Ordinal) ? new("pia", "pia@x.example", "Pia", ["customer", "premium"]) : null);

            public Task<IReadOnlySet<string>> Known(IReadOnlyCollection<string> ids, CancellationToken ct) =>
                Task.FromResult<IReadOnlySet<string>>(ids.Where(id => id == "pia").ToHashSet());
        }
    }

    [Fact]
    public async Task It_is_what_the_person_gets_in_the_same_order()
    {
        await app.GivenText("as-premium", with => with["roles"] = new JsonArray("premium"));
        await app.GivenText("as-stranger", with => with["roles"] = new JsonArray("anonymous"));
        await app.GivenText("as-phone", with => with["rule"] = new JsonObject { ["platform"] = "ios" });
        await Feeds.Eventually(async () => (await app.As("pia", "customer", "premium").Keys()).Contains(TestSource.Yours));

        using var kim = await Look("?kind=signed-in&who=pia@x.example");
        Shown(kim).ShouldBe(await app.As("pia", "customer", "premium").Keys("?locale=en"));
        kim.Words.ShouldContain("yours for pia");
        Shown(await Look("")).ShouldBe(await app.Anonymous.Keys());
        Shown(await Look("?platform=ios")).ShouldBe(await app.Anonymous.Keys("?platform=ios"));
        (await Look("?language=de")).Words.ShouldContain("Titel von as-stranger");
        (await Look("?kind=signed-in&who=nobody@x.example")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Look("?at=soon")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Each_widget_says_in_a_sentence_why_it_is_there_or_not()
    {
        await app.GivenText("why-premium", with => with["roles"] = new JsonArray("premium"));
        await app.GivenText("why-sure", with => with["assurance"] = "two-factors");
        await app.GivenText("why-late", with => with["schedule"] = new JsonObject { ["startsAt"] = "2090-05-01T08:00:00Z" });
        await app.GivenText("why-rule", with => with["rule"] = JsonNode.Parse("""{"platform": {"$in": ["ios", "android"]}}"""));
        await app.GivenText("why-not", with => with["rule"] = JsonNode.Parse("""{"$not": {"language": "en"}}"""));
        await app.GivenText("why-hours", with => with["schedule"] = new JsonObject
        {
            ["hours"] = new JsonObject { ["days"] = new JsonArray("mon", "sat"), ["from"] = "08:00", ["until"] = "08:01" },
        });
        await app.GivenText("why-draft", with => with["state"] = "draft");

        var words = (await Look("?kind=signed-in")).Words;

        words.ShouldContain("why-premium Hidden: needs role premium");
        words.ShouldContain("why-sure Hidden: needs a sign-in with two factors");
        words.ShouldContain("why-late Hidden: begins on 1 May 2090, 08:00 UTC");
        words.ShouldContain("why-rule Hidden: its rule asks for platform ∈ ios, android; here it is web");
        words.ShouldContain("why-not Hidden: its rule excludes language = en; here it is en");
        words.ShouldContain("why-draft Hidden: it is not published");
        words = (await Look("?kind=signed-in&at=2090-05-02T00:00")).Words;
        words.ShouldContain("why-hours Hidden: only at Mon Sat 08:00–08:01 UTC");
        words.ShouldContain("test.news Shown at place");
        (await Look("?kind=signed-in&previewRoles=premium&previewAssurance=two-factors&at=2090-05-02T00:00&platform=ios&language=de")).Words
            .ShouldNotContain("why-late Hidden");
    }

    [Fact]
    public async Task What_is_being_typed_is_shown_as_if_it_were_published_and_to_nobody_else()
    {
        using var kim = await new FormBrowser(app, "kim;admin").Open($"{New}?type=text");

        await kim.Send(
            New, "preview", ("key", "tried"), ("titles/en", "Tried"), ("roles", "premium"), ("content/paragraphs/0", "Only typed."),
            ("kind", "signed-in"), ("previewRoles", "premium"));

        kim.Status.ShouldBe(HttpStatusCode.OK, kim.Words);
        Shown(kim).ShouldContain("tried");
        kim.Words.ShouldContain("Only typed.");
        (await app.As("pia", "premium").Keys()).ShouldNotContain("tried");
        await kim.Send(New, "preview", ("previewRoles", "customer"));
        Shown(kim).ShouldNotContain("tried");
        kim.Words.ShouldContain("tried Hidden: needs role premium");
        // What could not be saved cannot be tried, and says why at its field.
        await kim.Send(New, "preview", ("content/paragraphs/0", ""));
        kim.Words.ShouldContain("Is missing.");
        kim.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);

        var widget = await app.GivenText("tried-again");
        var page = $"/admin/widgets/{widget["id"]}";
        await kim.Open(page);
        await kim.Send(page, "preview", ("content/paragraphs/0", "Changed, not saved."));
        kim.Words.ShouldContain("Changed, not saved.");
        (await app.Anonymous.Says("tried-again")).ShouldBe("Text of tried-again.");
    }

    [Fact]
    public async Task It_is_the_feed_of_the_app_version_that_is_chosen()
    {
        await app.GivenText("for-new-apps", with => with["rule"] = JsonNode.Parse("""{"appVersion": {"$vgte": "2.0.0"}}"""));

        Shown(await Look("?platform=ios&appVersion=2.1.0")).ShouldContain("for-new-apps");
        Shown(await Look("?platform=ios&appVersion=1.9.9")).ShouldNotContain("for-new-apps");
        var wrong = await Look("?appVersion=<b>");
        (wrong.Status, wrong.Error("appVersion")).ShouldBe((HttpStatusCode.BadRequest, "A version such as 1.4.2."));
        wrong = await Look("?variation=banner");
        (wrong.Status, wrong.Error("variation"))
            .ShouldBe((HttpStatusCode.BadRequest, "An experiment and the number of a variation, such as banner:1."));
    }

    [Fact]
    public async Task Looking_writes_nothing_tells_nobody_and_asks_no_source_about_somebody_made_up()
    {
        await Look("?kind=signed-in");
        var (before, calls) = (await Rows(), app.Source.Calls);

        using var kim = await Look("?kind=signed-in&previewRoles=premium");
        await kim.Open($"{Page}?kind=signed-in");

        kim.Html.ShouldNotContain("record.js");
        kim.Html.ShouldNotContain("data-widget-id");
        kim.Html.ShouldNotContain("data-feed");
        kim.Html.ShouldContain("inert");
        (await Rows()).ShouldBe(before);
        app.Source.Calls.ShouldBe(calls);
    }

    [Fact]
    public async Task Only_admins_look() =>
        (await app.As("eve", "customer").GetAsync(Page)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

    private Task<FormBrowser> Look(string query) => new FormBrowser(app, "kim;admin").Open(Page + query);

    /// <summary>The widgets on the phone's screen, from the top down.</summary>
    private static List<string> Shown(FormBrowser browser) =>
        [.. Preview().Matches(browser.Html.Split("preview-desktop")[0]).Select(match => match.Groups["key"].Value)];

    /// <summary>How many rows each table of the feed has.</summary>
    private Task<string> Rows() => app.Database.Read(async tx =>
    {
        var tables = await tx.Query<string>(Testing.TestDatabase.IsPostgres
            ? "SELECT tablename FROM pg_tables WHERE tablename LIKE 'home\\_%' ORDER BY 1"
            : "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'home\\_%' ESCAPE '\\' ORDER BY 1");
        var counts = new List<string>();
        foreach (var table in tables) counts.Add($"{table} {await tx.First<long>($"SELECT COUNT(*) FROM {table}")}");
        counts.Count.ShouldBeGreaterThan(10);
        return string.Join('\n', counts);
    });

    [GeneratedRegex("data-preview=\"(?<key>[^\"]*)\"")]
    private static partial Regex Preview();
}
