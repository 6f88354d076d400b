using Kontor.Foundation.Time;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Admin;

public class StatsTests(KontorApp app) : IClassFixture<KontorApp>
{
    /// <param name="paidMinor">What was taken, and <paramref name="backMinor"/> of it goes back.</param>
    private Task GivenOrder(string status, int daysAgo, long totalMinor, long? paidMinor = null, long backMinor = 0)
    {
        var id = Guid.NewGuid().ToString();
        // Noon, so that the day is the same whenever the test runs.
        var at = (((app.Clock.NowMs() / Clock.Day) - daysAgo) * Clock.Day) + (12 * Clock.Hour);
        return app.Database.Write(async tx =>
        {
            await tx.Execute("""
            INSERT INTO shop_orders (id, cart_id, name, street, city, postal_code, country, payment_method,
                total_minor, currency, status, created_at, updated_at)
            VALUES (@id, @id, 'n', 's', 'c', 'p', 'DE', 'card', @totalMinor, 'EUR', @status, @at, @at)
            """, new { id, totalMinor, status, at });
            if (paidMinor is null) return;
            await tx.Execute("""
                INSERT INTO shop_payments (id, order_id, provider, state, amount_minor, currency, captured_minor, refunding_minor,
                    created_at, changed_at)
                VALUES (@id, @id, 'invoice', @state, @totalMinor, 'EUR', @paidMinor, @backMinor, @at, @at)
                """, new { id, totalMinor, paidMinor, backMinor, at, state = paidMinor > 0 ? "captured" : "open" });
        });
    }

    [Fact]
    public async Task The_numbers_are_those_of_the_orders_and_the_shelves()
    {
        using var admin = await app.Admin();
        var before = await admin.Client.Json("/api/admin/stats");
        ((long)before["ordersToday"]!).ShouldBe(0);
        before["days"]!.AsArray().Count.ShouldBe(14);

        await GivenOrder("pending", daysAgo: 0, 1000);
        await GivenOrder("pending", daysAgo: 0, 4000, paidMinor: 0);
        await GivenOrder("delivered", daysAgo: 0, 250, paidMinor: 250);
        await GivenOrder("shipped", daysAgo: 0, 1500, paidMinor: 1500, backMinor: 500);
        await GivenOrder("cancelled", daysAgo: 0, 9000, paidMinor: 9000, backMinor: 9000);
        await GivenOrder("paid", daysAgo: 13, 500, paidMinor: 500);
        await GivenOrder("refunded", daysAgo: 13, 500, paidMinor: 500, backMinor: 500);
        await GivenOrder("paid", daysAgo: 14, 700, paidMinor: 700);
        var scarce = await app.GivenProduct("Scarce", stock: 5);
        await app.Hold(scarce, 5, TimeSpan.FromHours(1));
        await app.Hold(await app.GivenProduct("Plenty", stock: 600), 7, TimeSpan.FromHours(-1));

        var stats = await admin.Client.Json("/api/admin/stats");
        ((long)stats["ordersToday"]!).ShouldBe(5);
        stats["revenueToday"]!.ToJsonString().ShouldBe("12.50", "what nobody has paid is no revenue, nor what goes back");
        ((long)stats["openOrders"]!).ShouldBe(4);
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
