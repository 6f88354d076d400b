using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Catalogue;

/// <summary>Somebody follows the pages while the catalogue changes.</summary>
public class ProductsInMotionTests(EmptyShop app) : IClassFixture<EmptyShop>
{
    [Fact]
    public async Task A_product_that_comes_in_between_moves_no_other()
    {
        using var client = app.NewClient();
        var first = await client.Json("/api/products?category=late&limit=2&sort=price");
        foreach (var price in new[] { 100, 200, 300, 400 }) await app.GivenProduct("Late", price, "late");
        first = await client.Json("/api/products?category=late&limit=2&sort=price");

        await app.GivenProduct("Later", 50, "late");
        var second = await client.Json($"/api/products?category=late&limit=2&sort=price&cursor={first["nextCursor"]}");

        second["products"]!.AsArray().Select(product => (decimal)product!["price"]!).ShouldBe([3m, 4m]);
        ((long)second["total"]!).ShouldBe(5);
    }
}
