using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>What is sensitive of a person is for them, and for admins who signed in with two factors.</summary>
public class SensitiveTests(SensitiveTests.App app) : IClassFixture<SensitiveTests.App>
{
    [Fact]
    public async Task Sensitive_values_are_for_the_person_and_for_admins_with_two_factors()
    {
        await app.GivenText("stamp-debtor", with => with["rule"] = Json("""{"stamps.debts": {"$gt": 4000}, "stamps.count": 0}"""));
        app.Stamps.Debts["dan"] = 4711;

        var hidden = await Traced(app.Admin);
        hidden.ShouldNotContain("4711");
        // Neither what was compared, on whatever level it stands.
        hidden.ShouldNotContain("4000");
        hidden.ShouldContain("\"name\":\"stamps.count\",\"expected\":0");
        hidden.ShouldContain("\"isHidden\":true");
        (await Traced(app.As("boss;mfa", "admin"))).ShouldContain("4711");
        (await Traced(app.As("dan", "admin"))).ShouldContain("4711");
        (await Traced(app.As("dan", "customer"), "")).ShouldNotContain("4711");

        static async Task<string> Traced(HttpClient client, string query = "?userId=dan") =>
            (await client.GetFromJsonAsync<JsonElement>($"/api/home/explain{query}")).GetProperty("widgets").EnumerateArray()
                .Single(widget => widget.GetProperty("key").GetString() == "stamp-debtor").GetRawText();
    }

    [Fact]
    public async Task Nobody_searches_for_a_sensitive_value_by_rules_of_their_own()
    {
        app.Stamps.Debts["dora"] = 815;
        await app.Admin.PostAsJsonAsync(
            "/api/admin/segments", new { key = "in-debt", title = "In debt", rule = Json("""{"stamps.debts": {"$gt": 800}}""") });

        foreach (var rule in new[] { """{"stamps.debts": {"$gt": 800}}""", """{"$not": {"$inGroup": "in-debt"}}""" })
        {
            var refused = await Try(app.Admin, rule);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await refused.Code()).ShouldBe("attribute-sensitive");
            (await Try(app.As("boss;mfa", "admin"), rule)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await Try(app.Admin, """{"stamps.count": 0}""")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var (one, two) = (await OnPage("kim;admin"), await OnPage("kim;mfa;admin"));
        one.ShouldContain("only by admins who signed in with two factors");
        one.ShouldNotContain("It holds");
        two.ShouldContain("It holds");

        Task<HttpResponseMessage> Try(HttpClient admin, string rule) => admin.PostAsJsonAsync(
            "/api/admin/rules/evaluate", new { rule = Json(rule), attributes = new { }, userId = "dora" });

        async Task<string> OnPage(string admin)
        {
            const string page = "/admin/segments/in-debt";
            using var browser = await new FormBrowser(app, admin).Open(page);
            await browser.Send(page, null, ("try-user", "dora"), ("rule-look", "try"));
            return browser.Words;
        }
    }

    [Fact]
    public async Task A_draft_is_no_way_to_search_either()
    {
        app.Stamps.Debts["dan"] = 4711;
        const string page = "/admin/widgets/new";

        foreach (var (admin, who, isTold) in new[]
        {
            ("kim;admin", "dan", false), ("kim;mfa;admin", "dan", true), ("kim;admin", "", true),
        })
        {
            using var browser = await new FormBrowser(app, admin).Open($"{page}?type=text");
            await browser.Send(
                page, "preview", ("key", "draft-debt"), ("titles/en", "Draft"), ("content/paragraphs/0", "Pay."),
                ("rule", """{"stamps.debts": 4711}"""), ("kind", "signed-in"), ("who", who));
            browser.Words.Contains("only by admins who signed in with two factors", StringComparison.Ordinal).ShouldBe(!isTold);
            (browser.Html.Contains("preview-frames", StringComparison.Ordinal)
                || browser.Words.Contains("feed is empty", StringComparison.Ordinal)).ShouldBe(isTold);
        }
    }

    [Fact]
    public async Task A_name_that_is_there_twice_counts_as_it_was_said_last()
    {
        var answer = await app.Admin.PostAsJsonAsync("/api/admin/rules/evaluate", new
        {
            rule = Json("""{"stamps.count": 2}"""),
            attributes = Twice,
            userId = "twice",
        });

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("result").GetBoolean().ShouldBeTrue();
        await app.GivenText("twice", with => with["rule"] = Json("""{"stamps.count": 2}"""));
        var tried = await app.Admin.PostAsJsonAsync("/api/admin/home/simulate", new
        {
            draft = new { widget = "twice", change = new { priority = 900 } },
            contexts = new[] { new { signedIn = true, attributes = Twice } },
        });
        tried.StatusCode.ShouldBe(HttpStatusCode.OK, await tried.Content.ReadAsStringAsync());
        (await tried.Content.ReadAsStringAsync()).ShouldContain("\"stamps.count\":2");
    }

    private static readonly JsonElement Twice = JsonElement.Parse("""
        {"stamps": {"count": 1}, "stamps": {"count": 1, "count": 2}, "shop": {"a": 1, "a": 2}, "shop": {"b": 1, "b": 2}, "a": 1, "a": 2}
        """);

    public sealed class App : HomeApp
    {
        internal AttributeTests.Stamps Stamps { get; } = new();

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Services.AddSingleton<IPersonAttributes>(Stamps);
            builder.Services.AddSingleton<IPersonFinder, Everybody>();
        }

        private sealed class Everybody : IPersonFinder
        {
            public Task<FoundPerson?> Find(string named, CancellationToken ct) =>
                Task.FromResult<FoundPerson?>(new(named, $"{named}@x.example", named, ["customer"]));

            public Task<IReadOnlySet<string>> Known(IReadOnlyCollection<string> ids, CancellationToken ct) =>
                Task.FromResult<IReadOnlySet<string>>(ids.ToHashSet());
        }
    }

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;
}
