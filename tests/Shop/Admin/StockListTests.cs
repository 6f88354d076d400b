using System.Net;
using System.Net.Http.Json;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Admin;

public class StockListTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task What_runs_low_by_its_own_number_comes_first_with_the_fewest_pieces()
    {
        using var admin = await app.Admin();
        var (few, more, plenty) = (
            await app.GivenProduct("Few", stock: 2),
            await app.GivenProduct("More", stock: 40),
            await app.GivenProduct("Plenty", stock: 41));
        foreach (var id in new[] { more, plenty })
            (await admin.Client.PutAsJsonAsync($"/api/admin/products/{id}/stock/threshold", new { pieces = 40 })).EnsureSuccessStatusCode();

        var low = await admin.Client.Json("/api/admin/stock?show=low&limit=200");

        var ids = low["products"]!.AsArray().Select(product => (string)product!["id"]!).ToList();
        ids.ShouldContain(few);
        ids.IndexOf(few).ShouldBeLessThan(ids.IndexOf(more));
        ids.ShouldNotContain(plenty);
        var product = low["products"]!.AsArray().Single(one => (string)one!["id"]! == more)!;
        ((long)product["lowStockAt"]!).ShouldBe(40);
        ((long)product["waiting"]!).ShouldBe(0);

        (await admin.Client.PutAsJsonAsync($"/api/admin/products/{more}/stock/threshold", new { })).EnsureSuccessStatusCode();
        ((long)(await admin.Client.Json($"/api/products/{more}"))["lowStockAt"]!).ShouldBe(5);
    }

    [Fact]
    public async Task The_whole_stock_is_read_page_by_page_and_what_people_wait_for_by_itself()
    {
        using var admin = await app.Admin();
        var wanted = await app.GivenProduct("Wanted", stock: 0);
        await app.Guest().Send(HttpMethod.Post, $"/api/products/{wanted}/waiting", new { email = $"{Guid.NewGuid():N}@example.org" });

        var ids = new List<string>();
        string? cursor = null;
        do
        {
            var page = await admin.Client.Json($"/api/admin/stock?show=all&limit=7{(cursor is null ? "" : $"&cursor={cursor}")}");
            ids.AddRange(page["products"]!.AsArray().Select(product => (string)product!["id"]!));
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);

        ids.ShouldBeUnique();
        ids.Count.ShouldBe((int)(long)(await admin.Client.Json("/api/admin/stats"))["products"]!);
        var line = await admin.Client.Json("/api/admin/stock?show=wanted");
        line["products"]!.AsArray().Select(product => ((string)product!["id"]!, (long)product["waiting"]!)).ShouldBe([(wanted, 1L)]);
    }

    [Theory]
    [InlineData("/api/admin/stock?show=eaten", "stock-view-unknown")]
    [InlineData("/api/admin/stock?cursor=nonsense", "cursor-invalid")]
    public async Task What_makes_no_sense_is_refused(string address, string code)
    {
        using var admin = await app.Admin();
        using var response = await admin.Client.GetAsync(address);
        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Code()).ShouldBe(code);
    }

    [Theory]
    [InlineData("""{"pieces": -1}""")]
    [InlineData("""{"pieces": 1000000001}""")]
    [InlineData("""{"pieces": 1.5}""")]
    [InlineData("""{"pieces": "many"}""")]
    public async Task A_threshold_is_a_number_of_pieces(string body)
    {
        using var admin = await app.Admin();
        var id = await app.GivenProduct("Some", stock: 1);

        using var response = await admin.Client.PutAsync(
            $"/api/admin/products/{id}/stock/threshold", new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Code()).ShouldBe("validation-failed");
        ((long)(await admin.Client.Json($"/api/products/{id}"))["lowStockAt"]!).ShouldBe(5);
    }

    [Fact]
    public async Task Only_admins_see_and_set_it_and_only_for_what_exists()
    {
        var id = await app.GivenProduct("Nobody's business", stock: 1);
        using var person = await app.NewPerson();
        using var stranger = app.NewClient();
        using var admin = await app.Admin();
        foreach (var (client, status) in new[] { (stranger, HttpStatusCode.Unauthorized), (person.Client, HttpStatusCode.Forbidden) })
        {
            (await client.GetAsync("/api/admin/stock")).StatusCode.ShouldBe(status);
            (await client.PutAsJsonAsync($"/api/admin/products/{id}/stock/threshold", new { pieces = 1 })).StatusCode.ShouldBe(status);
            (await client.Json($"/api/products/{id}"))["lowStockAt"].ShouldBeNull();
            (await client.Json($"/api/products/{id}"))["waiting"].ShouldBeNull();
        }

        (await admin.Client.PutAsJsonAsync("/api/admin/products/nothing/stock/threshold", new { pieces = 1 }))
            .StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
