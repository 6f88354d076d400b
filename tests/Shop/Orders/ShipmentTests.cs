using System.Net;
using Kontor.Shop.Orders;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class ShipmentTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Theory]
    [InlineData(
        "dhl", " 00340434161094042557 ",
        "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=00340434161094042557")]
    [InlineData("dpd", "0123 4567/8-9", "https://tracking.dpd.de/status/de_DE/parcel/0123%204567%2F8-9")]
    [InlineData("deutsche-post", null, null)]
    public async Task The_buyer_sees_who_brings_the_order_and_where_to_follow_it(string carrier, string? number, string? url)
    {
        var (buyer, order, shop) = await GivenPaid();

        var shipped = await Patch(shop, order, new { status = "shipped", carrier, trackingNumber = number });

        shipped.ShouldBe(HttpStatusCode.OK).Body["shipment"]!.Text("carrier").ShouldBe(carrier);
        var seen = (await buyer.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).Body["shipment"]!;
        ((string?)seen["trackingNumber"]).ShouldBe(number?.Trim());
        ((string?)seen["trackingUrl"]).ShouldBe(url);
    }

    [Fact]
    public async Task Goods_that_are_collected_have_no_carrier()
    {
        var (buyer, order, shop) = await GivenPaid();
        (await Patch(shop, order, new { status = "shipped" })).ShouldBe(HttpStatusCode.OK).Body["shipment"].ShouldBeNull();
        (await buyer.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).Body["shipment"].ShouldBeNull();
    }

    [Fact]
    public async Task A_wrong_number_is_corrected_once_and_the_timeline_says_so()
    {
        var (_, order, shop) = await GivenPaid();
        await Patch(shop, order, new { status = "shipped", carrier = "dhl", trackingNumber = "1" });

        for (var i = 0; i < 2; i++)
        {
            (await Patch(shop, order, new { status = "shipped", carrier = "ups", trackingNumber = "1Z2" }))
                .ShouldBe(HttpStatusCode.OK).Body["shipment"]!.Text("trackingUrl").ShouldBe("https://www.ups.com/track?tracknum=1Z2");
        }

        (await Patch(shop, order, new { status = "shipped" })).Body["shipment"]!.Text("carrier").ShouldBe("ups", "nothing was said of it");
        var timeline = (await Patch(shop, order, new { status = "delivered" })).Body["timeline"]!.AsArray();
        timeline.Select(moment => $"{moment!["status"]} {moment["event"]}").ShouldBe(
            ["pending ", "paid ", "shipped ", "shipped parcel", "delivered "]);
        (await Patch(shop, order, new { status = "shipped", carrier = "dhl" })).ShouldBe(HttpStatusCode.Conflict, "order-transition");
        (await app.Events("shop.order-shipped", order.Id())).ShouldBe(1);
    }

    [Theory]
    [InlineData("shipped", "pigeon", "1", 422, "carrier-unknown")]
    [InlineData("shipped", "DHL", "1", 422, "carrier-unknown")]
    [InlineData("shipped", null, "1", 400, "validation-failed")]
    [InlineData("shipped", "dhl", "1\" onclick=\"", 400, "validation-failed")]
    [InlineData("shipped", "dhl", "../../evil", 400, "validation-failed")]
    [InlineData("shipped", "dhl", "ä", 400, "validation-failed")]
    [InlineData("shipped", "dhl", "12345678901234567890123456789012345678901234567890123456789012345", 400, "validation-failed")]
    [InlineData("delivered", "dhl", "1", 400, "validation-failed")]
    public async Task What_is_no_parcel_is_refused_and_the_order_stays(
        string status, string? carrier, string? number, int answer, string code)
    {
        var (buyer, order, shop) = await GivenPaid();

        (await Patch(shop, order, new { status, carrier, trackingNumber = number })).ShouldBe((HttpStatusCode)answer, code);

        (await buyer.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).Body.Text("status").ShouldBe("paid");
        (await app.Events("shop.order-shipped", order.Id())).ShouldBe(0);
    }

    [Theory]
    [InlineData("https://post.example/{number}", true)]
    [InlineData("http://post.example/{number}", false)]
    [InlineData("https://{number}.example/", false)]
    [InlineData("https://post.example/", false)]
    [InlineData("https://me@post.example/{number}", false)]
    [InlineData("javascript:alert({number})", false)]
    [InlineData("/track/{number}", false)]
    public void An_address_of_a_carrier_leads_to_it_by_https(string url, bool isValid) =>
        new Carrier { Key = "post", Name = "Post", Url = url }.IsValid.ShouldBe(isValid);

    [Fact]
    public void The_carriers_that_come_along_are_valid() => Carrier.Defaults.ShouldAllBe(carrier => carrier.IsValid);

    [Fact]
    public async Task An_admin_sends_an_order_by_its_page_and_the_buyer_follows_the_link()
    {
        var (_, order, _) = await GivenPaid();
        using var admin = await app.AdminBrowser();
        await admin.Open($"/admin/orders/{order.Id()}");
        var steps = $"/admin/orders/{order.Id()}/status";

        await admin.Submit(steps, ("status", "Shipped"), ("carrier", "dhl"), ("trackingNumber", "no:number"));
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
        admin.Html.ShouldContain("A tracking number has letters");
        admin.Html.ShouldContain("value=\"no:number\"");
        await admin.Open($"/admin/orders/{order.Id()}");
        await admin.Submit(steps, ("status", "Expired"));
        admin.Status.ShouldBe(HttpStatusCode.Conflict);
        await admin.Submit(steps, ("status", "Shipped"), ("carrier", "gls"), ("trackingNumber", "77"));
        admin.Status.ShouldBe(HttpStatusCode.OK);
        admin.Html.ShouldContain("href=\"https://gls-group.com/track/77\"");

        using var buyer = app.NewBrowser();
        await buyer.Open($"/orders/{order.Id()}?token={order.Body["token"]}");
        buyer.Html.ShouldContain("href=\"https://gls-group.com/track/77\"");
        buyer.Html.ShouldContain("GLS");
    }

    private async Task<(Buyer Buyer, Reply Order, Buyer Shop)> GivenPaid()
    {
        var buyer = app.Guest();
        var order = await app.GivenOrder(buyer);
        var shop = new Buyer((await app.Admin()).Client);
        (await Patch(shop, order, new { status = "paid" })).ShouldBe(HttpStatusCode.OK);
        return (buyer, order, shop);
    }

    private static Task<Reply> Patch(Buyer caller, Reply order, object body) =>
        caller.Send(HttpMethod.Patch, $"/api/admin/orders/{order.Id()}", body);
}
