using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class AdminOrderTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task An_admin_sees_everybodys_orders_and_whose_they_are()
    {
        var admin = new Buyer((await app.Admin()).Client);
        var (buyer, id) = await app.SignedIn();
        var (theirs, guests) = (await app.GivenOrder(buyer), await app.GivenOrder(app.Guest()));

        var page = (await admin.Send(HttpMethod.Get, "/api/admin/orders?limit=2")).ShouldBe(HttpStatusCode.OK);

        var orders = page.Body["orders"]!.AsArray();
        orders.Select(order => (string)order!["id"]!).ShouldBe([guests.Id(), theirs.Id()]);
        orders[1]!.Text("userId").ShouldBe(id);
        orders[0]!["userId"].ShouldBeNull();
        orders[0]!["token"].ShouldBeNull();
    }

    [Fact]
    public async Task An_admin_takes_an_order_through_its_steps_and_finds_it_by_its_status()
    {
        var admin = new Buyer((await app.Admin()).Client);
        var (buyer, _) = await app.SignedIn();
        var order = await app.GivenOrder(buyer);

        foreach (var status in (string[])["paid", "shipped", "delivered"])
        {
            (await Patch(admin, order, new { status })).ShouldBe(HttpStatusCode.OK).Body.Text("status").ShouldBe(status);
            var found = await admin.Send(HttpMethod.Get, $"/api/admin/orders?status={status}");
            found.Body["orders"]!.AsArray().Select(one => (string)one!["id"]!).ShouldContain(order.Id());
            found.Body["orders"]!.AsArray().ShouldAllBe(one => (string)one!["status"]! == status);
        }

        (await Patch(admin, order, new { status = "cancelled" })).ShouldBe(HttpStatusCode.Conflict, "order-transition");
        (await app.Events("shop.order-paid", order.Id())).ShouldBe(1);
        (await app.Events("shop.order-shipped", order.Id())).ShouldBe(1);
        (await app.Events("shop.order-cancelled", order.Id())).ShouldBe(0);
    }

    [Fact]
    public async Task A_guests_address_of_mail_is_an_address_and_no_instruction_to_the_mail_program()
    {
        var guest = app.Guest();
        await guest.Add(await app.GivenProduct(stock: 5));
        var order = await guest.Send(HttpMethod.Post, "/api/orders", new
        {
            email = "ada@example.org?bcc=eve",
            shippingAddress = Buyer.Address,
            payment = new { method = "invoice" },
        });
        using var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));

        await browser.Open($"/admin/orders/{order.ShouldBe(HttpStatusCode.Created).Id()}");

        browser.Html.ShouldContain("href=\"mailto:ada@example.org%3Fbcc%3Deve\"");
    }

    [Fact]
    public async Task The_customer_learns_the_reason_and_not_who_of_the_shop_it_was()
    {
        var person = await app.Admin();
        var (buyer, _) = await app.SignedIn();
        var order = await app.GivenOrder(buyer);
        await Patch(new Buyer(person.Client), order, new { status = "cancelled", reason = "Broken in the warehouse" });

        var seen = await buyer.Send(HttpMethod.Get, $"/api/orders/{order.Id()}");

        seen.Body["timeline"]![1]!.Text("reason").ShouldBe("Broken in the warehouse");
        seen.Body["timeline"]![1]!.Text("by").ShouldBe("shop");
        seen.Body.ToJsonString().ShouldNotContain(person.Id);
    }

    [Theory]
    [InlineData("""{"status":"lost"}""", "order-status-unknown")]
    [InlineData("""{"status":"1"}""", "order-status-unknown")]
    [InlineData("""{"status":"paid,shipped"}""", "order-status-unknown")]
    [InlineData("""{"status":""}""", "validation-failed")]
    [InlineData("{}", "validation-failed")]
    public async Task A_status_that_is_none_is_refused(string json, string code)
    {
        var admin = new Buyer((await app.Admin()).Client);
        var order = await app.GivenOrder(app.Guest());
        (await Patch(admin, order, System.Text.Json.Nodes.JsonNode.Parse(json)!)).ShouldBe(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task An_order_that_does_not_exist_and_a_filter_that_is_none_are_refused()
    {
        var admin = new Buyer((await app.Admin()).Client);
        (await admin.Send(HttpMethod.Patch, "/api/admin/orders/nothing", new { status = "paid" }))
            .ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await admin.Send(HttpMethod.Get, "/api/admin/orders?status=lost")).ShouldBe(HttpStatusCode.BadRequest, "order-status-unknown");
        (await admin.Send(HttpMethod.Get, "/api/admin/orders?cursor=x!")).ShouldBe(HttpStatusCode.BadRequest, "cursor-invalid");
    }

    [Fact]
    public async Task A_customer_may_not_do_what_an_admin_does()
    {
        var (buyer, _) = await app.SignedIn();
        var order = await app.GivenOrder(buyer);

        (await buyer.Send(HttpMethod.Get, "/api/admin/orders")).ShouldBe(HttpStatusCode.Forbidden, "forbidden");
        (await Patch(buyer, order, new { status = "paid" })).ShouldBe(HttpStatusCode.Forbidden, "forbidden");

        (await buyer.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).Body.Text("status").ShouldBe("pending");
    }

    private static Task<Reply> Patch(Buyer caller, Reply order, object body) =>
        caller.Send(HttpMethod.Patch, $"/api/admin/orders/{order.Id()}", body);
}
