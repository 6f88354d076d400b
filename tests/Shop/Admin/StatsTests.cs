using Kontor.Foundation.Time;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Admin;

public class StatsTests(KontorApp app) : IClassFixture<KontorApp>
{
    private Task GivenOrder(string status, long totalMinor, int daysAgo)
    {
        var id = Guid.NewGuid().ToString();
        // Noon, so that the day is the same whenever the test runs.
        var at = (((app.Clock.NowMs() / Clock.Day) - daysAgo) * Clock.Day) + (12 * Clock.Hour);
        return app.Database.Write(tx => tx.Execute("""
            INSERT INTO shop_orders (id, cart_id, name, street, city, postal_code, country, payment_method,
                total_minor, currency, status, created_at, updated_at)
            VALUES (@id, @id, 'n', 's', 'c', 'p', 'DE', 'invoice', @totalMinor, 'EUR', @status, @at, @at)
            """, new { id, totalMinor, status, at }).AsTask());
    }

    [Fact]
    public async Task The_numbers_are_those_of_the_orders_and_the_shelves()
    {
        using var admin = await app.Admin();
        var before = await admin.Client.Json("/api/admin/stats");
        ((long)before["ordersToday"]!).ShouldBe(0);
        before["days"]!.AsArray().Count.ShouldBe(14);

        await GivenOrder("pending", 1000, daysAgo: 0);
        await GivenOrder("delivered", 250, daysAgo: 0);
        await GivenOrder("cancelled", 9000, daysAgo: 0);
        await GivenOrder("paid", 500, daysAgo: 13);
        await GivenOrder("refunded", 500, daysAgo: 13);
        await GivenOrder("paid", 700, daysAgo: 14);
        var scarce = await app.GivenProduct("Scarce", stock: 5);
        await app.Hold(scarce, 5, TimeSpan.FromHours(1));
        await app.Hold(await app.GivenProduct("Plenty", stock: 600), 7, TimeSpan.FromHours(-1));

        var stats = await admin.Client.Json("/api/admin/stats");
        ((long)stats["ordersToday"]!).ShouldBe(3);
        stats["revenueToday"]!.ToJsonString().ShouldBe("12.50");
        ((long)stats["openOrders"]!).ShouldBe(3);
        ((long)stats["heldPieces"]!).ShouldBe((long)before["heldPieces"]! + 5);
        ((long)stats["products"]!).ShouldBe((long)before["products"]! + 2);
        ((long)stats["lowStockCount"]!).ShouldBe((long)before["lowStockCount"]! + 1);
        stats["lowStock"]!.AsArray().Select(product => (string)product!["name"]!).ShouldContain("Scarce");
        stats["days"]![0]!["revenue"]!.ToJsonString().ShouldBe("5.00");
        ((long)stats["days"]![0]!["orders"]!).ShouldBe(2);
        ((long)stats["days"]![6]!["orders"]!).ShouldBe(0);
        ((string)stats["days"]![13]!["date"]!).ShouldBe(app.Clock.GetUtcNow().ToString("yyyy-MM-dd", null));
    }
}
