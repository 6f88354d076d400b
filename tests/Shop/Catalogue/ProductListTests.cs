using System.Net;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Catalogue;

public class ProductListTests(ProductListTests.Shelf app) : IClassFixture<ProductListTests.Shelf>
{
    public sealed class Shelf : EmptyShop, IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            await this.GivenProduct("Rope", 8000, "climbing", stock: 3, rating: 45, description: "Holds 100% of falls.");
            await this.GivenProduct("Harness", 6000, "climbing", stock: 0, rating: 41);
            await this.GivenProduct("Tent", 30000, "camping", stock: 1, rating: 45, description: "With a rope at each corner; a_b.");
            await this.GivenProduct("stove", 4999, "camping", stock: 9, rating: 39);
            var gone = await this.GivenProduct("Rope that is gone", 1, "climbing");
            await Database.Write(tx => tx.Execute("UPDATE shop_products SET is_deleted = true WHERE id = @gone", new { gone }).AsTask());
        }
    }

    private async Task<JsonNode> List(string query)
    {
        using var client = app.NewClient();
        return await client.Json($"/api/products{query}");
    }

    [Theory]
    [InlineData("", "Harness, Rope, stove, Tent")]
    [InlineData("?sort=name", "Harness, Rope, stove, Tent")]
    [InlineData("?sort=price", "stove, Harness, Rope, Tent")]
    [InlineData("?sort=-price", "Tent, Rope, Harness, stove")]
    [InlineData("?sort=rating", "Tent, Rope, Harness, stove")]
    [InlineData("?sort=newest", "stove, Tent, Harness, Rope")]
    [InlineData("?q=&category=&inStock=&minPrice=&maxPrice=&sort=&limit=&cursor=", "Harness, Rope, stove, Tent")]
    [InlineData("?category=climbing", "Harness, Rope")]
    [InlineData("?category=Climbing", "")]
    [InlineData("?inStock=true", "Rope, stove, Tent")]
    [InlineData("?inStock=false", "Harness, Rope, stove, Tent")]
    [InlineData("?minPrice=60", "Harness, Rope, Tent")]
    [InlineData("?maxPrice=60.00", "Harness, stove")]
    [InlineData("?minPrice=49.99&maxPrice=80", "Harness, Rope, stove")]
    [InlineData("?minPrice=300.01", "")]
    [InlineData("?q=ROPE", "Rope, Tent")]
    [InlineData("?q=corner%20rope", "Tent")]
    [InlineData("?q=camping", "stove, Tent")]
    [InlineData("?q=100%25", "Rope")]
    [InlineData("?q=0%25f", "")]
    [InlineData("?q=a_b", "Tent")]
    [InlineData("?q=o_e", "")]
    [InlineData("?q=%5C", "")]
    [InlineData("?q='%20OR%201=1", "")]
    [InlineData("?q=rope&category=climbing&inStock=true&minPrice=10&maxPrice=100&sort=-price", "Rope")]
    public async Task A_question_finds_its_products(string query, string names)
    {
        var list = await List(query);

        string.Join(", ", list.Names()).ShouldBe(names);
        ((long)list["total"]!).ShouldBe(names.Length == 0 ? 0 : names.Split(", ").Length);
        list["nextCursor"].ShouldBeNull();
    }

    [Fact]
    public async Task A_category_stays_in_view_while_another_is_chosen()
    {
        var list = await List("?category=camping&maxPrice=100");

        list["facets"]!["categories"]!.ToJsonString().ShouldBe("""[{"category":"camping","count":1},{"category":"climbing","count":2}]""");
        list["facets"]!["price"]!.ToJsonString().ShouldBe("""{"min":49.99,"max":300.00,"currency":"EUR"}""");
        ((long)list["total"]!).ShouldBe(1);
    }

    [Fact]
    public async Task A_list_of_nothing_has_no_range_of_prices()
    {
        var list = await List("?q=zeppelin");

        list["facets"]!.ToJsonString().ShouldBe("""{"categories":[],"price":null}""");
    }

    [Fact]
    public async Task A_product_has_the_shape_that_outsiders_rely_on_and_no_more()
    {
        var product = (await List("?q=corner"))["products"]![0]!.AsObject();

        string.Join(' ', product.Select(member => member.Key)).ShouldBe(
            "id slug name description price currency imageUrl category rating reviewCount available lowestPrice30d createdAt updatedAt");
        product["price"]!.ToJsonString().ShouldBe("300.00");
        product["rating"]!.ToJsonString().ShouldBe("4.5");
    }

    [Theory]
    [InlineData("limit=many", "limit")]
    [InlineData("limit=-1", "limit")]
    [InlineData("limit=%D9%A3", "limit")]
    [InlineData("limit=99999999999999999999", "limit")]
    [InlineData("sort=cheapest", "sort")]
    [InlineData("sort=name%0A", "sort")]
    [InlineData("minPrice=cheap", "minPrice")]
    [InlineData("minPrice=-1", "minPrice")]
    [InlineData("minPrice=%D9%A3", "minPrice")]
    [InlineData("minPrice=1.999", "minPrice")]
    [InlineData("maxPrice=1e400", "maxPrice")]
    [InlineData("maxPrice=99999999999999999999", "maxPrice")]
    [InlineData("inStock=perhaps", "inStock")]
    public async Task A_value_that_makes_no_sense_is_named(string query, string field)
    {
        using var client = app.NewClient();
        using var response = await client.GetAsync($"/api/products?{query}");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        ((string)problem["code"]!).ShouldBe("validation-failed");
        problem["errors"]!.AsObject().ShouldHaveSingleItem().Key.ShouldBe(field);
    }

    [Theory]
    [InlineData("cursor=rope")]
    [InlineData("cursor=%ff")]
    [InlineData("cursor=bmFtZQpyb3BlCjE&sort=price")]
    [InlineData("cursor=cHJpY2UKcm9wZQox&sort=price")]
    public async Task A_cursor_that_this_list_did_not_give_is_refused(string query)
    {
        using var client = app.NewClient();
        using var response = await client.GetAsync($"/api/products?{query}");

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        ((string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["code"]!).ShouldBe("cursor-invalid");
    }

    [Theory]
    [InlineData("/api/products")]
    [InlineData("/api/products/tent")]
    public async Task What_the_client_has_is_not_sent_again(string address)
    {
        using var client = app.NewClient();
        using var first = await client.GetAsync(address);
        var tag = first.Headers.ETag!.ToString();

        foreach (var known in new[] { tag, $"W/{tag}", $"\"other\", {tag}", "*" })
        {
            using var again = new HttpRequestMessage(HttpMethod.Get, address);
            again.Headers.TryAddWithoutValidation("If-None-Match", known);
            using var response = await client.SendAsync(again);
            response.StatusCode.ShouldBe(HttpStatusCode.NotModified, known);
            response.Headers.ETag!.ToString().ShouldBe(tag);
            (await response.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        }

        using var changed = new HttpRequestMessage(HttpMethod.Get, address);
        changed.Headers.TryAddWithoutValidation("If-None-Match", "\"other\"");
        (await client.SendAsync(changed)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_product_that_is_not_for_sale_does_not_exist()
    {
        using var client = app.NewClient();

        (await client.GetAsync("/api/products/rope-that-is-gone")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetAsync("/api/products/never-was")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
