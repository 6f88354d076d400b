using System.Globalization;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Catalogue;

public class PriceHistoryTests(EmptyShop app) : IClassFixture<EmptyShop>
{
    /// <param name="history">Days since the beginning, and the price that began then.</param>
    [Theory]
    [InlineData("0:100", 100)]
    [InlineData("0:100 10:80", 100)]
    [InlineData("0:100 10:80 20:90", 80)]
    [InlineData("0:100 10:120 50:90", 120)]
    [InlineData("0:80 10:120 41:90", 120)]
    [InlineData("0:80 10:120 39:90", 80)]
    [InlineData("0:80 100:120", 80)]
    [InlineData("0:100 1:50 2:100 33:90", 100)]
    [InlineData("0:100 0:90 0:95", 90)]
    public async Task The_lowest_price_is_that_of_the_30_days_before_the_current_one_began(string history, long lowest)
    {
        using var client = app.NewClient();
        string? id = null;
        var day = 0;
        foreach (var step in history.Split(' '))
        {
            var (at, price) = (Number(step.Split(':')[0]), Number(step.Split(':')[1]));
            app.Clock.Advance(TimeSpan.FromDays(at - day));
            day = at;
            if (id is null) id = await app.GivenProduct("Clock", price * 100);
            else await app.ChangePrice(id, price * 100);
        }

        ((decimal)(await client.Json($"/api/products/{id}"))["lowestPrice30d"]!).ShouldBe(lowest);
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("Trekking Schuh Größe 42", "trekking-schuh-groesse-42")]
    [InlineData("  Café, crème!  ", "cafe-creme")]
    [InlineData("日本", "product")]
    public async Task An_address_is_made_of_the_name_and_belongs_to_one_product(string name, string slug)
    {
        using var client = app.NewClient();
        var ids = new List<string>();
        for (var i = 0; i < 12; i++) ids.Add(await app.GivenProduct(name));

        ((string)(await client.Json($"/api/products/{slug}"))["id"]!).ShouldBe(ids[0]);
        ((string)(await client.Json($"/api/products/{slug}-2"))["id"]!).ShouldBe(ids[1]);
        foreach (var id in ids) ((string)(await client.Json($"/api/products/{id}"))["slug"]!).ShouldStartWith(slug);
    }
}
