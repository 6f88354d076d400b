using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Pages;

public class ShopPagesTests(EmptyShop app) : IClassFixture<EmptyShop>
{
    private async Task<Browser> Opened(string path)
    {
        var browser = new Browser(app.Address);
        await browser.Open(path);
        return browser;
    }

    [Fact]
    public async Task The_window_shows_what_was_asked_for()
    {
        await app.GivenProduct("Blue kite", 2500, "kites", stock: 3, rating: 42);
        await app.GivenProduct("Red kite", 9900, "kites", stock: 0);
        await app.GivenProduct("Kite line", 500, "lines", stock: 30);

        using var all = await Opened("/shop?q=kite");
        all.Status.ShouldBe(HttpStatusCode.OK);
        all.Html.ShouldContain("href=\"/products/blue-kite\"");
        all.Html.ShouldContain("Only 3 left");
        all.Html.ShouldContain("Sold out");
        all.Html.ShouldContain("3 products");

        using var kites = await Opened("/shop/kites?inStock=true&maxPrice=50&sort=-price");
        kites.Html.ShouldContain("Blue kite");
        kites.Html.ShouldNotContain("Red kite");
        kites.Html.ShouldNotContain("Kite line");
    }

    [Fact]
    public async Task A_price_that_is_none_is_shown_again_with_its_reason()
    {
        await app.GivenProduct("Yellow ball", 2500, "yellow");

        using var browser = await Opened("/shop/yellow?minPrice=cheap");

        browser.Status.ShouldBe(HttpStatusCode.OK);
        browser.Html.ShouldContain("value=\"cheap\"");
        browser.Html.ShouldContain("An amount such as 19.90.");
        browser.Html.ShouldContain("Yellow ball");
    }

    [Fact]
    public async Task What_is_not_there_is_a_page_that_says_so()
    {
        (await Opened("/products/never-was")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Opened("/shop/never-was")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await Opened("/shop?q=zeppelin")).Html.ShouldContain("Nothing fits");
    }

    [Fact]
    public async Task Pages_of_the_window_meet_each_product_once()
    {
        for (var i = 0; i < 60; i++) await app.GivenProduct($"Peg {i:D2}", 100, "pegs");
        using var browser = await Opened("/shop/pegs?sort=price");
        var met = new List<string>();
        while (true)
        {
            met.AddRange(Regex.Matches(browser.Html, "href=\"/products/(peg-\\d\\d)\"").Select(match => match.Groups[1].Value));
            if (Regex.Match(browser.Html, "href=\"([^\"]*cursor=[^\"]*)\"[^>]*rel=\"next\"") is not { Success: true } next) break;
            await browser.Open(WebUtility.HtmlDecode(next.Groups[1].Value));
        }

        met.Count.ShouldBe(60);
        met.ShouldBeUnique();
    }

    [Fact]
    public async Task A_product_tells_people_and_machines_the_same()
    {
        var id = await app.GivenProduct("Tent </script><b>2</b>", 30000, "tents", stock: 2, description: "Dry & light.");
        await app.ChangePrice(id, 25000);
        await app.GivenProduct("Other tent", 10000, "tents");

        using var browser = await Opened($"/products/{id}");

        browser.Html.ShouldNotContain("</script><b>");
        WebUtility.HtmlDecode(browser.Html).ShouldContain("€250.00");
        WebUtility.HtmlDecode(browser.Html).ShouldContain("Lowest price of the 30 days before: €300.00");
        browser.Html.ShouldContain("Other tent");
        browser.Html.ShouldContain($"name=\"productId\" value=\"{id}\"");
        var data = JsonNode.Parse(Regex.Match(browser.Html, "ld\\+json\">(.*?)</script>").Groups[1].Value)!;
        ((string)data["name"]!).ShouldBe("Tent </script><b>2</b>");
        ((string)data["offers"]!["price"]!).ShouldBe("250.00");
        data["aggregateRating"].ShouldBeNull();
    }

    [Fact]
    public async Task What_is_sold_out_has_no_form()
    {
        var id = await app.GivenProduct("Last ball", stock: 0);

        (await Opened($"/products/{id}")).Html.ShouldNotContain("/cart/items");
    }

    [Fact]
    public async Task The_page_speaks_German()
    {
        await app.GivenProduct("Drachen", 123456, "running", stock: 1);
        using var browser = new Browser(app.Address, "de");

        await browser.Open("/shop/running");

        browser.Html.ShouldContain("Laufen");
        browser.Html.ShouldContain("Nur noch 1");
        browser.Html.ShouldContain("1.234,56");
    }
}
