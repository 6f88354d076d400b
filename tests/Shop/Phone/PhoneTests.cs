using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Shop.Phone;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>What phones have of the shop: the catalogue, and their owner's orders.</summary>
public class PhoneTests(ShopApp app) : IClassFixture<ShopApp>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_price_among_a_thousand_products_is_one_row_of_work_and_one_row_for_each_phone()
    {
        var ids = new List<string>();
        for (var i = 0; i < 1000; i++) ids.Add(await app.GivenProduct(stock: 5, name: $"Thing {i}"));
        await CopyAll();
        var buyers = new[] { (await app.SignedIn()).Buyer, (await app.SignedIn()).Buyer };
        var timestamps = new List<long>();
        foreach (var buyer in buyers)
        {
            var first = await Pull(buyer, null);
            Ids(first, "products").Intersect(ids).Count().ShouldBe(1000);
            timestamps.Add((long)first["timestamp"]!);
        }

        var (rows, users) = (await Versions(), await UserVersions());
        await app.SetPrice(ids[500], 4711);
        await CopyAll();

        (await Versions()).Except(rows).ShouldHaveSingleItem().ShouldStartWith(ids[500]);
        (await UserVersions()).ShouldBe(users);
        foreach (var (buyer, timestamp) in buyers.Zip(timestamps))
        {
            var row = (await Pull(buyer, timestamp))["changes"]!["products"]!["updated"]!.AsArray().ShouldHaveSingleItem()!;
            ((string)row["id"]!).ShouldBe(ids[500]);
            ((long)row["price_minor"]!).ShouldBe(4711);
        }
    }

    [Fact]
    public async Task A_change_by_an_admin_reaches_a_phone_by_itself_and_so_does_the_end_of_a_sale()
    {
        var id = await app.GivenProduct(stock: 5);
        var (buyer, _) = await app.SignedIn();
        var admin = new Buyer((await app.Admin()).Client);
        await CopyAll();
        var since = (long)(await Pull(buyer, null))["timestamp"]!;

        (await admin.Send(HttpMethod.Patch, $"/api/admin/products/{id}", new { name = "Renamed" })).ShouldBe(HttpStatusCode.OK);
        var changed = await PullUntil(buyer, since, pull => Ids(pull, "products").Contains(id));
        ((string)Row(changed, "products", id)["name"]!).ShouldBe("Renamed");

        await admin.Send(HttpMethod.Delete, $"/api/admin/products/{id}");
        var gone = await PullUntil(buyer, (long)changed["timestamp"]!, pull => Ids(pull, "products", "deleted").Contains(id));
        Ids(gone, "products").ShouldNotContain(id);
    }

    [Fact]
    public async Task A_sale_changes_nothing_on_phones_until_the_last_piece_is_gone()
    {
        var id = await app.GivenProduct(stock: 2);
        await CopyAll();
        var before = (await Versions()).Single(row => row.StartsWith(id, StringComparison.Ordinal));

        await app.Guest().Add(id);
        await CopyAll();
        (await Versions()).ShouldContain(before);

        await app.Guest().Add(id);
        await CopyAll();
        (await Versions()).ShouldNotContain(before);
        var (buyer, _) = await app.SignedIn();
        ((bool)Row(await Pull(buyer, null), "products", id)["in_stock"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task An_order_is_on_its_buyers_phones_with_every_step_and_on_nobody_elses()
    {
        var (buyer, _) = await app.SignedIn();
        var (other, _) = await app.SignedIn();
        var admin = new Buyer((await app.Admin()).Client);
        var order = await app.GivenOrder(buyer, pieces: 2);
        var guests = await app.GivenOrder(app.Guest());
        await app.Delivered();

        var first = await Pull(buyer, null);
        Ids(first, "orders").ShouldBe([order.Id()]);
        var row = Row(first, "orders", order.Id());
        ((string)row["number"]!).ShouldBe((string)order.Body["number"]!);
        ((string)row["status"]!).ShouldBe("pending");
        ((long)row["total_minor"]!).ShouldBe((long)((decimal)order.Body["totalAmount"]! * 100));
        var item = first["changes"]!["order_items"]!["updated"]!.AsArray().ShouldHaveSingleItem()!;
        ((string)item["order_id"]!).ShouldBe(order.Id());
        ((long)item["quantity"]!).ShouldBe(2);

        foreach (var status in (string[])["paid", "shipped", "delivered", "refunded"])
        {
            (await admin.Send(HttpMethod.Patch, $"/api/admin/orders/{order.Id()}", new { status })).Status.ShouldBe(HttpStatusCode.OK);
            await app.Delivered();
            ((string)Row(await Pull(buyer, null), "orders", order.Id())["status"]!).ShouldBe(status);
        }

        var later = await Pull(buyer, (long)first["timestamp"]!);
        Ids(later, "orders").ShouldBe([order.Id()]);
        Ids(later, "order_items").ShouldBeEmpty();
        Ids(await Pull(other, null), "orders").ShouldBeEmpty();
        (await Stored("shop_phone_orders", guests.Id())).ShouldBe(0);
    }

    [Fact]
    public async Task An_order_that_is_no_longer_ones_own_goes_from_the_phone()
    {
        var (buyer, _) = await app.SignedIn();
        var admin = new Buyer((await app.Admin()).Client);
        var order = await app.GivenOrder(buyer);
        await app.Delivered();
        var since = (long)(await Pull(buyer, null))["timestamp"]!;

        await admin.Send(HttpMethod.Delete, $"/api/admin/orders/{order.Id()}/buyer");
        await app.Delivered();

        var pulled = await Pull(buyer, since);
        Ids(pulled, "orders", "deleted").ShouldBe([order.Id()]);
        Ids(pulled, "order_items", "deleted").ShouldHaveSingleItem();
        Ids(await Pull(buyer, null), "orders").ShouldBeEmpty();
    }

    [Fact]
    public async Task Orders_from_before_there_were_phones_are_copied()
    {
        var (buyer, _) = await app.SignedIn();
        var order = await app.GivenOrder(buyer);
        await app.Delivered();
        await app.Database.Write(tx => tx.Execute("DELETE FROM shop_phone_orders WHERE id = @id", new { id = order.Id() }).AsTask());

        await app.Services.GetRequiredService<PhoneOrders>().CopyMissing(CancellationToken.None);

        Ids(await Pull(buyer, null), "orders").ShouldBe([order.Id()]);
    }

    [Theory]
    [InlineData("products")]
    [InlineData("orders")]
    [InlineData("order_items")]
    public async Task A_phone_cannot_write_them(string table)
    {
        var (buyer, _) = await app.SignedIn();

        var answer = await buyer.Send(HttpMethod.Post, "/sync/push?last_pulled_at=1", new JsonObject
        {
            ["changes"] = new JsonObject { [table] = new JsonObject { ["created"] = new JsonArray(new JsonObject { ["id"] = "mine" }) } },
        });

        answer.ShouldBe(HttpStatusCode.Forbidden, "read-only-table");
        (await Stored($"shop_phone_{table}", "mine")).ShouldBe(0);
    }

    /// <summary>Of every table of every product, so that none is forgotten.</summary>
    [Fact]
    public async Task The_database_refuses_a_write_without_a_new_version()
    {
        var (buyer, userId) = await app.SignedIn();
        await app.GivenOrder(buyer);
        await app.Delivered();
        await CopyAll();
        var (tables, columns) = (app.Services.GetServices<ISyncTable>().Select(table => table.Shape).ToList(), new List<string>());
        await buyer.Send(HttpMethod.Post, "/sync/push?last_pulled_at=1", JsonNode.Parse("""
            {"changes": {"projects": {"created": [{"id": "p"}]}, "tasks": {"created": [{"id": "t"}]}}}
            """));
        await Pull(buyer, null);

        foreach (var table in tables)
        {
            var owner = table.Kind == SyncKind.Shared ? "1 = 1" : "user_id = @userId";
            (await app.Database.Read(tx => tx.First<long>($"SELECT COUNT(*) FROM {table.SqlTable} WHERE {owner}", new { userId }).AsTask()))
                .ShouldBeGreaterThan(0, table.Name);
            foreach (var set in (string[])[$"{table.Columns[0].Name} = {table.Columns[0].Name}", "is_deleted = true", "id = 'other'"])
            {
                var error = await Should.ThrowAsync<System.Data.Common.DbException>(() => app.Database.Write(tx => tx.Execute(
                    $"UPDATE {table.SqlTable} SET {set} WHERE {owner}", new { userId }).AsTask()));
                error.Message.ShouldContain("needs a newly drawn version", customMessage: $"{table.Name}: {set}");
            }
        }
    }

    private Task CopyAll() => app.Services.GetRequiredService<PhoneCatalogue>().CopyAll(CancellationToken.None);

    private static async Task<JsonNode> Pull(Buyer buyer, long? since) =>
        (await buyer.Send(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"/sync/pull?last_pulled_at={since ?? 0}")))
            .ShouldBe(HttpStatusCode.OK).Body;

    private static async Task<JsonNode> PullUntil(Buyer buyer, long since, Func<JsonNode, bool> isThere)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            var pull = await Pull(buyer, since);
            if (isThere(pull)) return pull;
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"The phone has not heard of it: {pull.ToJsonString()}");
            await Task.Delay(50);
        }
    }

    private static List<string> Ids(JsonNode pull, string table, string list = "updated") =>
        [.. pull["changes"]![table]![list]!.AsArray().Select(item => (string)(item is JsonObject row ? row["id"]! : item!)!)];

    private static JsonNode Row(JsonNode pull, string table, string id) =>
        pull["changes"]![table]!["updated"]!.AsArray().Single(row => (string)row!["id"]! == id)!;

    private Task<long> Stored(string table, string id) => app.Database.Read(tx => tx.First<long>(
        $"SELECT COUNT(*) FROM {table} WHERE id = @id", new { id }).AsTask());

    private Task<List<string>> Versions() => app.Database.Read(tx => tx.Query<string>(
        "SELECT id || ' ' || version FROM shop_phone_products ORDER BY id").AsTask());

    private Task<List<long>> UserVersions() => app.Database.Read(tx => tx.Query<long>(
        "SELECT version FROM sync_users ORDER BY user_id").AsTask());
}
