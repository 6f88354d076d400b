using System.Net;
using System.Text.Json.Nodes;
using Kontor.Foundation.Seams;
using Kontor.Shop.Invoices;
using Kontor.Shop.Orders;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class InvoiceTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    [Fact]
    public async Task An_order_gets_its_invoice_when_it_is_paid_and_each_refund_a_credit_note()
    {
        var (shop, buyer, order) = await Given(pieces: 3);
        Invoices(order.Body).ShouldBeEmpty();

        await Patch(shop, order, "paid");
        await Patch(shop, order, "shipped");
        await shop.Send(HttpMethod.Post, $"/api/admin/orders/{order.Id()}/refunds", new { amount = 0.05m });
        var product = order.Body["items"]![0]!.Text("productId");
        var lines = new[] { new { productId = product, quantity = 1 } };
        await shop.Send(HttpMethod.Post, $"/api/admin/orders/{order.Id()}/returns", new { lines });
        await Patch(shop, order, "refunded");

        var made = Invoices((await buyer.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).Body);
        made.Select(one => (string)one["kind"]!).ShouldBe(["invoice", "credit-note", "credit-note", "credit-note"]);
        made[0].Text("number").ShouldMatch("^R-[0-9]{4}-[0-9]{6}$");
        made[0].Text("amount").ShouldBe("30.00");
        made.Skip(1).Sum(one => (decimal)one["amount"]!).ShouldBe(30.00m);
        made.Skip(1).Sum(one => (decimal)one["tax"]!).ShouldBe((decimal)made[0]["tax"]!, "roundings add up to the tax of the whole");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Many_who_pay_at_once_get_numbers_without_a_gap_and_what_is_undone_takes_none()
    {
        var orders = new List<Reply>();
        for (var i = 0; i < 12; i++) orders.Add((await Given(pieces: 1)).Order);
        var before = await Last();

        await Task.WhenAll(orders.Select((order, i) => i % 3 == 2 ? PayAndFail(order) : Pay(order)));

        (await Last()).ShouldBe(before + 8);
        await app.ShouldAddUp();

        Task Pay(Reply order) => app.Database.Write(
            tx => app.Orders.Move(tx, order.Id(), OrderAccess.Admin, OrderStatus.Paid, null, "admin:test"));

        Task PayAndFail(Reply order) => Should.ThrowAsync<InvalidTimeZoneException>(() => app.Database.Write(async tx =>
        {
            await app.Orders.Move(tx, order.Id(), OrderAccess.Admin, OrderStatus.Paid, null, "admin:test");
            throw new InvalidTimeZoneException("a fault before the commit");
        }));
    }

    [Fact]
    public async Task A_number_that_is_missing_is_named()
    {
        var (_, _, order) = await Given(pieces: 1);
        await app.Database.Write(async tx =>
        {
            await tx.Execute("INSERT INTO shop_invoice_numbers (series, year, last) VALUES ('invoice', 1999, 7)");
            await tx.Execute("""
                INSERT INTO shop_invoices (series, year, number, order_id, amount_minor, tax_minor, currency, issued_at)
                SELECT 'invoice', 1999, 7, id, total_minor, tax_minor, currency, 0 FROM shop_orders WHERE id = @id
                """, new { id = order.Id() });
        });
        (await app.Services.GetServices<IInvariant>().OfType<InvoicesHaveNoGaps>().Single().Violations(CancellationToken.None))
            .ShouldHaveSingleItem().ShouldBe("Series invoice of 1999 is at 7 and has 1 numbers up to 7.");
        await app.Database.Write(async tx =>
        {
            await tx.Execute("DELETE FROM shop_invoices WHERE year = 1999");
            await tx.Execute("DELETE FROM shop_invoice_numbers WHERE year = 1999");
        });
    }

    [Fact]
    public async Task Its_buyer_and_admins_open_it_and_nobody_else_does()
    {
        var (shop, _, order) = await Given(pieces: 2);
        var path = $"/orders/{order.Id()}/invoice";
        var link = $"{path}?token={order.Body["token"]}";
        using var buyer = app.NewBrowser();
        await buyer.Open(link);
        buyer.Status.ShouldBe(HttpStatusCode.NotFound, "it is not paid");
        await Patch(shop, order, "paid");
        await shop.Send(HttpMethod.Post, $"/api/admin/orders/{order.Id()}/refunds", new { amount = 2.50m });

        await buyer.Open(link);
        buyer.Status.ShouldBe(HttpStatusCode.OK);
        buyer.Html.ShouldContain("Ada Lovelace");
        buyer.Html.ShouldContain("Tax number 00/000/00000");
        buyer.Html.ShouldContain("20.00");
        buyer.Html.ShouldContain("3.19");
        var note = Invoices((await shop.Send(HttpMethod.Get, "/api/admin/orders?limit=1")).Body["orders"]![0]!)[1].Text("number");
        await buyer.Open($"{path}/{note}?token={order.Body["token"]}");
        buyer.Html.ShouldContain($"Credit note {note}");
        buyer.Html.ShouldContain("2.50");
        await buyer.Open($"{path}/G-1999-000001?token={order.Body["token"]}");
        buyer.Status.ShouldBe(HttpStatusCode.NotFound);
        using var admin = await app.AdminBrowser();
        await admin.Open(path);
        admin.Status.ShouldBe(HttpStatusCode.OK);
        using var stranger = app.NewBrowser();
        await stranger.Open(path);
        stranger.Status.ShouldBe(HttpStatusCode.NotFound);
        stranger.Html.ShouldNotContain("Lovelace");
    }

    [Fact]
    public async Task It_speaks_the_language_of_the_order_whoever_reads_it()
    {
        var product = await app.GivenProduct(stock: 5, priceMinor: 123450);
        using var client = app.NewClient();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de");
        var german = new Buyer(client);
        await german.Add(product);
        var order = (await german.Order()).ShouldBe(HttpStatusCode.Created);
        await Patch(new Buyer((await app.Admin()).Client), order, "paid");
        using var admin = await app.AdminBrowser();

        await admin.Open($"/orders/{order.Id()}/invoice");

        admin.Html.ShouldContain("<html lang=\"de\">");
        WebUtility.HtmlDecode(admin.Html).ShouldContain("Rechnung R-");
        WebUtility.HtmlDecode(admin.Html).ShouldContain("1.234,50");
        await admin.Open("/admin/orders");
        admin.Html.ShouldContain("<html lang=\"en\"");
    }

    [Fact]
    public async Task What_tax_law_wants_stays_when_the_buyer_is_forgotten()
    {
        var (shop, buyer, order) = await Given(pieces: 1);
        foreach (var status in (string[])["paid", "shipped", "delivered"]) await Patch(shop, order, status);
        (await buyer.Send(HttpMethod.Delete, $"/api/orders/{order.Id()}/buyer?token={order.Body["token"]}"))
            .Status.ShouldBe(HttpStatusCode.NoContent);
        using var admin = await app.AdminBrowser();

        await admin.Open($"/orders/{order.Id()}/invoice");

        admin.Html.ShouldContain("Name and address were erased");
        admin.Html.ShouldNotContain("Lovelace");
        admin.Html.ShouldContain("Germany");
        admin.Html.ShouldContain("10.00");
    }

    private Task<long> Last() => app.Database.Read(async tx => await tx.First<long?>(
        "SELECT MAX(last) FROM shop_invoice_numbers WHERE series = 'invoice'") ?? 0);

    private async Task<(Buyer Shop, Buyer Buyer, Reply Order)> Given(int pieces)
    {
        var buyer = app.Guest();
        return (new Buyer((await app.Admin()).Client), buyer, await app.GivenOrder(buyer, pieces));
    }

    private static List<JsonNode> Invoices(JsonNode order) => [.. (order["invoices"]?.AsArray() ?? []).Select(one => one!)];

    private static async Task Patch(Buyer shop, Reply order, string status) =>
        (await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{order.Id()}", new { status })).ShouldBe(HttpStatusCode.OK);
}
