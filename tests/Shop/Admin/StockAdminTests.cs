using System.Net;
using System.Net.Http.Json;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Admin;

public class StockAdminTests(KontorApp app) : IClassFixture<KontorApp>
{
    private static Task<HttpResponseMessage> Change(Person admin, string id, object delta, object? reason) =>
        admin.Client.PostAsJsonAsync($"/api/admin/products/{id}/stock", new { delta, reason });

    [Fact]
    public async Task A_difference_is_added_and_told_in_the_ledger()
    {
        using var admin = await app.Admin();
        var id = await app.GivenProduct("Box", stock: 10);

        (await Change(admin, id, 5, "delivery")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Change(admin, id, -3, "broken")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var ledger = await admin.Client.Json($"/api/admin/products/{id}/ledger");
        ((long)ledger["stock"]!).ShouldBe(12);
        ledger["entries"]!.AsArray().Select(entry => (long)entry!["delta"]!).ShouldBe([-3, 5, 10]);
        ledger["entries"]!.AsArray().Select(entry => (string?)entry!["reason"]).ShouldBe(["broken", "delivery", null]);
        ((string)ledger["entries"]![0]!["actor"]!).ShouldBe($"admin:{admin.Id}");
    }

    [Fact]
    public async Task What_lies_in_carts_cannot_be_taken_away()
    {
        using var admin = await app.Admin();
        var id = await app.GivenProduct("Case", stock: 10);
        await app.Hold(id, 4, TimeSpan.FromHours(1));

        using var refused = await Change(admin, id, -7, "lost");

        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Code()).ShouldBe("insufficient-stock");
        ((long)(await admin.Client.Json($"/api/products/{id}"))["stock"]!).ShouldBe(10);
        (await Change(admin, id, -6, "lost")).StatusCode.ShouldBe(HttpStatusCode.OK);
        ((long)(await admin.Client.Json($"/api/products/{id}"))["available"]!).ShouldBe(0);
    }

    [Fact]
    public async Task A_repeated_change_counts_once()
    {
        using var admin = await app.Admin();
        var id = await app.GivenProduct("Chest", stock: 10);
        admin.Client.DefaultRequestHeaders.Add("Idempotency-Key", Guid.NewGuid().ToString());

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ =>
            await (await Change(admin, id, 1, "delivery")).Content.ReadAsStringAsync()));
        using var other = await Change(admin, id, 2, "delivery");

        answers.Distinct().ShouldHaveSingleItem();
        (await other.Code()).ShouldBe("idempotency-key-reused");
        ((long)(await admin.Client.Json($"/api/products/{id}"))["stock"]!).ShouldBe(11);
    }

    [Theory]
    [InlineData(0, "counted")]
    [InlineData(1, null)]
    [InlineData(1, " ")]
    [InlineData(1.5, "half")]
    [InlineData(1e12, "much")]
    public async Task A_change_says_how_much_and_why(double delta, string? reason)
    {
        using var admin = await app.Admin();
        var id = await app.GivenProduct("Crate", stock: 10);

        (await Change(admin, id, delta, reason)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        ((long)(await admin.Client.Json($"/api/products/{id}"))["stock"]!).ShouldBe(10);
    }

    [Fact]
    public async Task The_ledger_knows_the_stock_of_an_earlier_moment_and_comes_in_pages()
    {
        var id = await app.GivenProduct("Drawer", stock: 10);
        for (var change = 1; change <= 5; change++)
        {
            app.Clock.Advance(TimeSpan.FromHours(1));
            await app.ChangeStock(id, change);
        }

        // The clock has gone on, and access tokens live for minutes.
        using var admin = await app.Admin();
        var before = app.Clock.GetUtcNow().AddHours(-1.5).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null);
        var then = await admin.Client.Json($"/api/admin/products/{id}/ledger?at={before}");
        ((long)then["stock"]!).ShouldBe(16);
        then["entries"]!.AsArray().Count.ShouldBe(4);

        var deltas = new List<long>();
        for (var cursor = ""; cursor is not null;)
        {
            var page = await admin.Client.Json($"/api/admin/products/{id}/ledger?limit=2{cursor}");
            deltas.AddRange(page["entries"]!.AsArray().Select(entry => (long)entry!["delta"]!));
            cursor = page["nextCursor"] is { } next ? $"&cursor={next}" : null;
        }

        deltas.ShouldBe([5, 4, 3, 2, 1, 10]);
        (await admin.Client.GetAsync("/api/admin/products/unknown/ledger")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await admin.Client.GetAsync($"/api/admin/products/{id}/ledger?at=yesterday")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.Client.GetAsync($"/api/admin/products/{id}/ledger?cursor=x")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }
}
