using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Catalogue;

public class DemoCatalogueTests(DemoCatalogueTests.Demo app) : IClassFixture<DemoCatalogueTests.Demo>
{
    public sealed class Demo : KontorApp
    {
        protected override Settings Configure(Settings settings) => settings with { Demo = true };
    }

    [Fact]
    public async Task The_demo_is_there_once_however_often_the_server_starts()
    {
        await app.Restart();
        using var client = app.NewClient();

        var list = await client.Json("/api/products?limit=200");

        ((long)list["total"]!).ShouldBe(31);
        var products = list["products"]!.AsArray();
        products.Count(product => (decimal)product!["price"]! < (decimal)product["lowestPrice30d"]!).ShouldBeGreaterThan(0);
        products.ShouldAllBe(product => ((string)product!["imageUrl"]!).StartsWith("/assets/shop/products/"));
    }
}
