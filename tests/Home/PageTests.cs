using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

public class PageTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task Each_type_is_rendered()
    {
        await Given("page-hero", "hero", """
            {"title": "Boots", "text": "Warm.", "imageUrl": "/b.svg", "link": {"href": "/boots", "label": "Look"}}
            """);
        await Given("page-grid", "product-grid", """
            {"items": [{"productId": "1", "name": "Tent", "price": 1234.5, "previousPrice": 2000, "currency": "EUR", "imageUrl": "/t.svg",
                        "href": "/tent", "badge": "New"},
                       {"productId": "2", "name": "Odd", "price": 0.123456, "currency": "EUR", "href": "/odd"}]}
            """);
        await Given("page-cards", "card-list", """{"items": [{"title": "Pack", "text": "Socks", "href": "/pack", "meta": "Trip"}]}""");
        await app.GivenText("page-text");

        var html = await Html(app.Anonymous);

        foreach (var said in new[]
        {
            "Boots", "Warm.", "href=\"/boots\"", "src=\"/b.svg\"", "Look", "Tent", "€1,234.50", "€2,000.00", "New", "Odd",
            "href=\"/odd\"", "Pack", "Socks", "Trip", "href=\"/pack\"", "Text of page-text.",
        })
        {
            html.ShouldContain(said);
        }

        (await Html(app.Anonymous, "de")).ShouldContain("Titel von page-text");
        (await Html(app.Anonymous, "de")).ShouldContain("1.234,50");
    }

    [Fact]
    public async Task What_a_widget_says_is_text_and_never_markup()
    {
        await app.GivenText("page-markup", with =>
        {
            with["titles"] = new JsonObject { ["en"] = "<img src=x onerror=alert(1)>" };
            with["content"] = new JsonObject { ["paragraphs"] = new JsonArray("<script>alert(1)</script>") };
        });

        var html = await Html(app.Anonymous);

        html.ShouldNotContain("<script>alert");
        html.ShouldNotContain("<img src=x");
        html.ShouldContain("&lt;script&gt;");
    }

    [Fact]
    public async Task The_page_keeps_to_the_gates_and_shows_a_person_their_own()
    {
        await app.GivenText("page-premium", with => with["roles"] = new JsonArray("premium"));

        (await Html(app.Anonymous)).ShouldNotContain("page-premium");
        (await Html(app.Anonymous)).ShouldNotContain("yours for");
        (await Html(app.As("pia", "premium"))).ShouldContain("page-premium");
        (await Html(app.As("pia", "premium"))).ShouldContain("yours for pia");
    }

    [Fact]
    public async Task An_admin_sees_all_widgets_with_their_state()
    {
        await app.GivenText("listed-draft", with => with["state"] = "draft");
        await app.GivenText("listed-late", with =>
        {
            with["roles"] = new JsonArray("premium", "customer");
            with["schedule"] = new JsonObject { ["startsAt"] = "2090-05-01T08:00:00Z" };
        });

        var html = await Html(app.Admin, "en", "/admin/widgets");

        foreach (var said in new[]
        {
            "listed-draft", "Draft", "listed-late", "premium, customer", "From 1 May 2090", "test.news", "s old", "test.yours",
        })
        {
            html.ShouldContain(said);
        }
    }

    [Fact]
    public async Task The_list_of_widgets_is_for_admins()
    {
        (await app.As("eve", "customer").GetAsync("/admin/widgets")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var stranger = await app.Anonymous.GetAsync("/admin/widgets");
        stranger.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        stranger.Headers.Location!.OriginalString.ShouldStartWith("/login");
    }

    private Task<JsonObject> Given(string key, string type, string content) => app.GivenText(key, with =>
    {
        with["type"] = type;
        with["content"] = JsonNode.Parse(content);
    });

    private static async Task<string> Html(HttpClient client, string language = "en", string path = "/")
    {
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var answer = await client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        return WebUtility.HtmlDecode((await answer.Content.ReadAsStringAsync()).Replace("&lt;", "&amp;lt;", StringComparison.Ordinal)
            .Replace("&gt;", "&amp;gt;", StringComparison.Ordinal));
    }
}
