using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests;

/// <summary>The whole server with its demo: what the products of this repository put into the feed.</summary>
public class ProductTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task A_stranger_sees_offers_and_nothing_personal()
    {
        var keys = await app.NewClient().Keys();
        keys.Where(key => key.StartsWith("shop.", StringComparison.Ordinal)).ShouldBe(["shop.hero", "shop.deals", "shop.best-rated"]);
        keys.ShouldNotContain("lending.yours");
    }

    [Fact]
    public async Task Deals_are_cheaper_than_before_and_can_be_bought()
    {
        var feed = await app.NewClient().Feed();
        var deals = Widget(feed, "shop.deals").GetProperty("content").GetProperty("items").EnumerateArray().ToList();

        deals.ShouldNotBeEmpty();
        foreach (var deal in deals)
        {
            deal.GetProperty("price").GetDecimal().ShouldBeLessThan(deal.GetProperty("previousPrice").GetDecimal());
            var product = await app.NewClient().GetFromJsonAsync<JsonElement>($"/api/products/{deal.GetProperty("productId").GetString()}");
            product.GetProperty("available").GetInt64().ShouldBePositive();
            product.GetProperty("price").GetDecimal().ShouldBe(deal.GetProperty("price").GetDecimal());
            product.GetProperty("lowestPrice30d").GetDecimal().ShouldBe(deal.GetProperty("previousPrice").GetDecimal());
        }
    }

    [Fact]
    public async Task What_is_put_into_the_cart_is_in_the_next_feed_of_this_person_only()
    {
        using var robin = await app.NewPerson();
        using var kim = await app.NewPerson();
        (await robin.Client.Keys()).ShouldNotContain("shop.continue-shopping");
        (await kim.Client.Keys()).ShouldNotContain("shop.continue-shopping");
        var products = await app.NewClient().GetFromJsonAsync<JsonElement>("/api/products?inStock=true&limit=1");
        var product = products.GetProperty("products")[0];

        var productId = product.GetProperty("id").GetString();
        var added = await robin.Client.PostAsJsonAsync("/api/cart", new { productId, quantity = 2 });
        added.StatusCode.ShouldBe(HttpStatusCode.OK);

        await Eventually(async () => (await robin.Client.Keys()).Contains("shop.continue-shopping"));
        var item = Widget(await robin.Client.Feed(), "shop.continue-shopping").GetProperty("content").GetProperty("items")[0];
        item.GetProperty("name").GetString().ShouldBe(product.GetProperty("name").GetString());
        item.GetProperty("badge").GetString().ShouldBe("2 ×");
        (await kim.Client.Keys()).ShouldNotContain("shop.continue-shopping");

        await robin.Client.DeleteAsync("/api/cart");
        await Eventually(async () => !(await robin.Client.Keys()).Contains("shop.continue-shopping"));
    }

    [Fact]
    public async Task A_task_from_the_phone_is_in_the_feed_however_odd_its_texts()
    {
        using var robin = await app.NewPerson();
        await robin.Client.Keys();
        await Push(
            robin,
            new PhoneTask("t1", "", null, false, 1),
            new PhoneTask("t2", new string('x', 199) + "😀 and more", new string('y', 5000), false, 2),
            new PhoneTask("t3", "Done", null, true, 3));

        await Eventually(async () => (await robin.Client.Keys()).Contains("planner.open-tasks"));

        var items = Widget(await robin.Client.Feed(), "planner.open-tasks").GetProperty("content").GetProperty("items");
        foreach (var item in items.EnumerateArray()) item.GetProperty("title").GetString()!.Length.ShouldBeInRange(1, 200);
        items.GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task A_cart_on_the_front_page_has_todays_prices_and_nothing_that_is_not_sold_any_more()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        var created = await admin.Client.PostAsJsonAsync(
            "/api/admin/products", new { name = "Hammock of the front page", price = 40, category = "camping", stock = 9 });
        var productId = (await created.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        await robin.Client.PostAsJsonAsync("/api/cart", new { productId, quantity = 1 });
        await Eventually(async () => (await robin.Client.Keys()).Contains("shop.continue-shopping"));

        await admin.Client.PatchAsJsonAsync($"/api/admin/products/{productId}", new { price = 55 });
        await Eventually(async () => Widget(await robin.Client.Feed(), "shop.continue-shopping")
            .GetProperty("content").GetProperty("items")[0].GetProperty("price").GetDecimal() == 55);

        await admin.Client.DeleteAsync($"/api/admin/products/{productId}");
        await Eventually(async () => !(await robin.Client.Keys()).Contains("shop.continue-shopping"));
    }

    [Fact]
    public async Task The_front_page_shows_the_same_feed()
    {
        using var browser = new Browser(app.Address);
        await browser.Open("/");
        browser.Status.ShouldBe(HttpStatusCode.OK);
        var title = Widget(await app.NewClient().Feed(), "shop.hero").GetProperty("content").GetProperty("title").GetString()!;
        WebUtility.HtmlDecode(browser.Html).ShouldContain(title);
        using var german = new Browser(app.Address, "de");
        await german.Open("/");
        german.Html.ShouldContain("Zum Angebot");
    }

    private static JsonElement Widget(JsonElement feed, string key) =>
        feed.GetProperty("widgets").EnumerateArray().Single(widget => widget.GetProperty("key").GetString() == key);

    private static async Task Push(Person person, params PhoneTask[] tasks)
    {
        var created = tasks.Select(task => new
        {
            id = task.Id,
            title = task.Title,
            description = task.Description,
            is_completed = task.IsCompleted,
            project_id = "none",
            created_at = task.At,
            updated_at = task.At,
        });
        var changes = new { tasks = new { created, updated = Array.Empty<object>(), deleted = Array.Empty<string>() } };
        var answer = await person.Client.PostAsJsonAsync("/sync/push?last_pulled_at=0", new { changes, lastPulledAt = 0 });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private sealed record PhoneTask(string Id, string Title, string? Description, bool IsCompleted, long At);
}
