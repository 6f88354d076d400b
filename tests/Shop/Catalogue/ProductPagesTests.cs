using System.Text.Json.Nodes;
using Kontor.Shop.Catalogue;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Catalogue;

/// <summary>Many products with few different values, so that most places of the order are decided by the id.</summary>
public class ProductPagesTests(ProductPagesTests.Warehouse app) : IClassFixture<ProductPagesTests.Warehouse>
{
    private const int Count = 500;

    public sealed class Warehouse : EmptyShop, IAsyncLifetime
    {
        async ValueTask IAsyncLifetime.InitializeAsync()
        {
            await InitializeAsync();
            var random = new Random(7);
            string[] names = ["Bolt", "bolt", "BOLT", "Nut", "nut, 5 mm", "Ärmel", "Öse", "zip", "Zip", "42"];
            await Database.Write(async tx =>
            {
                for (var i = 0; i < Count; i++)
                {
                    var id = await Services.GetRequiredService<Products>().Add(tx, new NewProduct(
                        names[random.Next(names.Length)], "", $"category-{random.Next(3)}", random.Next(5) * 100, null)
                    {
                        RatingTenths = random.Next(4),
                        CreatedAt = 1000 + random.Next(4),
                    });
                    await Services.GetRequiredService<Stock>().Open(tx, id, random.Next(2), "system");
                }
            });
        }
    }

    [Theory]
    [InlineData("sort=name", 7, Count)]
    [InlineData("sort=price", 200, Count)]
    [InlineData("sort=-price", 13, Count)]
    [InlineData("sort=rating", 99, Count)]
    [InlineData("sort=newest", 1, 0)]
    [InlineData("sort=newest&category=category-1", 10, 0)]
    [InlineData("inStock=true&sort=price&minPrice=1&maxPrice=3", 9, 0)]
    [InlineData("q=l", 11, 0)]
    public async Task Following_the_pages_meets_each_product_once(string query, int limit, int expected)
    {
        using var client = app.NewClient();
        var met = new List<JsonNode>();
        var total = 0L;
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await client.Json($"/api/products?{query}&limit={limit}&cursor={cursor}");
            met.AddRange(page["products"]!.AsArray().Select(product => product!));
            total = (long)page["total"]!;
            cursor = (string?)page["nextCursor"];
            if (cursor is not null) page["products"]!.AsArray().Count.ShouldBe(limit);
        }

        met.Select(product => (string)product["id"]!).ShouldBeUnique();
        met.Count.ShouldBe((int)total);
        if (expected > 0) met.Count.ShouldBe(expected);
        ShouldBeInOrder(met, query);
    }

    private static void ShouldBeInOrder(List<JsonNode> met, string query)
    {
        var sort = query.Split('&').FirstOrDefault(part => part.StartsWith("sort=", StringComparison.Ordinal))?["sort=".Length..] ?? "name";
        var names = Values(met, "name").Select(name => Slug.SortKey((string)name!));
        if (sort == "name") names.ShouldBeInOrder(SortDirection.Ascending, StringComparer.Ordinal);
        if (sort == "price") Values(met, "price").Select(price => (decimal)price!).ShouldBeInOrder();
        if (sort == "-price") Values(met, "price").Select(price => (decimal)price!).ShouldBeInOrder(SortDirection.Descending);
        if (sort == "rating") Values(met, "rating").Select(rating => (decimal)rating!).ShouldBeInOrder(SortDirection.Descending);
        if (sort == "newest") Values(met, "createdAt").Select(at => (DateTimeOffset)at!).ShouldBeInOrder(SortDirection.Descending);
    }

    private static IEnumerable<JsonNode?> Values(List<JsonNode> met, string member) => met.Select(product => product[member]);

    [Fact]
    public async Task A_page_has_fifty_products_unless_asked_and_never_more_than_two_hundred()
    {
        using var client = app.NewClient();

        (await client.Json("/api/products"))["products"]!.AsArray().Count.ShouldBe(50);
        (await client.Json("/api/products?limit=1000"))["products"]!.AsArray().Count.ShouldBe(200);
        (await client.Json("/api/products?limit=0"))["products"]!.AsArray().Count.ShouldBe(1);
    }
}
