using System.Net;
using Kontor.Foundation;
using Kontor.Shop.Orders;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class OrderTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task A_guest_sees_the_order_by_its_link_and_by_the_cart_token_and_nobody_else_does()
    {
        var (guest, order, _) = await GivenOrder();
        var link = $"/api/orders/{order.Id()}?token={order.Body["token"]}";

        (await guest.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).ShouldBe(HttpStatusCode.OK).Id().ShouldBe(order.Id());
        (await app.Guest().Send(HttpMethod.Get, link)).ShouldBe(HttpStatusCode.OK).Id().ShouldBe(order.Id());

        (await app.Guest().Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await app.Guest().Send(HttpMethod.Get, $"/api/orders/{order.Id()}?token=guess")).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await app.Guest().Send(HttpMethod.Get, $"/api/orders/{order.Id()}?token=")).ShouldBe(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task One_orders_link_does_not_open_another()
    {
        var (_, mine, _) = await GivenOrder();
        var (_, other, _) = await GivenOrder();
        (await app.Guest().Send(HttpMethod.Get, $"/api/orders/{other.Id()}?token={mine.Body["token"]}"))
            .ShouldBe(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task The_link_is_told_once_and_only_its_hash_is_stored()
    {
        var (guest, order, _) = await GivenOrder();
        var token = (string)order.Body["token"]!;

        (await guest.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).Body["token"].ShouldBeNull();
        var row = await app.Database.Read(tx => tx.First<string>(
            "SELECT token_hash FROM shop_orders WHERE id = @id", new { id = order.Id() }).AsTask());
        row.ShouldBe(OrderLink.HashOf(token));
    }

    [Fact]
    public async Task A_cancelled_order_frees_its_pieces_once_however_often_it_is_cancelled()
    {
        var (guest, order, product) = await GivenOrder(stock: 5, pieces: 2);

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => guest.Cancel(order.Id())));

        replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.OK);
        replies.ShouldAllBe(reply => (string)reply.Body["status"]! == "cancelled");
        (await app.Level(product)).ShouldBe((5, 0));
        replies[0].Body["timeline"]!.AsArray().Select(moment => (string)moment!["status"]!).ShouldBe(["pending", "cancelled"]);
        replies[0].Body["timeline"]![1]!.Text("by").ShouldBe("customer");
        (await app.Events("shop.order-cancelled", order.Id())).ShouldBe(1);
        (await app.Movements(product)).Count(kind => kind == Movement.Returned).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_cancellation_needs_no_body_and_keeps_its_reason()
    {
        var (guest, first, _) = await GivenOrder();
        (await guest.Send(HttpMethod.Post, $"/api/orders/{first.Id()}/cancel")).ShouldBe(HttpStatusCode.OK);

        var (other, second, _) = await GivenOrder();
        (await other.Send(HttpMethod.Post, $"/api/orders/{second.Id()}/cancel", new { reason = "Too late" }))
            .Body["timeline"]![1]!.Text("reason").ShouldBe("Too late");
        (await other.Send(HttpMethod.Post, $"/api/orders/{second.Id()}/cancel", new { reason = new string('x', 201) }))
            .ShouldBe(HttpStatusCode.BadRequest, "validation-failed");
    }

    [Fact]
    public async Task Somebody_elses_order_cannot_be_cancelled()
    {
        var (_, order, product) = await GivenOrder(stock: 5, pieces: 2);

        (await app.Guest().Cancel(order.Id())).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await app.Guest().Cancel("nothing")).ShouldBe(HttpStatusCode.NotFound, "not-found");

        (await app.Level(product)).ShouldBe((3, 0));
    }

    [Fact]
    public async Task A_shipped_order_cannot_be_cancelled()
    {
        var (guest, order, product) = await GivenOrder(stock: 5, pieces: 2);
        await Move(order, OrderStatus.Paid);
        await Move(order, OrderStatus.Shipped);

        var refusal = (await guest.Cancel(order.Id())).ShouldBe(HttpStatusCode.Conflict, "order-transition");

        refusal.Body.Text("orderStatus").ShouldBe("shipped");
        refusal.Body["allowed"]!.ToJsonString().ShouldBe("""["delivered","refunded"]""");
        (await app.Level(product)).ShouldBe((3, 0));
    }

    [Fact]
    public async Task A_cancellation_and_a_shipment_at_once_do_not_both_happen()
    {
        for (var i = 0; i < 10; i++)
        {
            var (guest, order, product) = await GivenOrder(stock: 5, pieces: 2);
            await Move(order, OrderStatus.Paid);

            var shipping = Move(order, OrderStatus.Shipped);
            var cancelling = guest.Cancel(order.Id());
            var (shipped, cancelled) = ((await shipping).Problem is null, (await cancelling).Status == HttpStatusCode.OK);

            (shipped ^ cancelled).ShouldBeTrue();
            (await app.Level(product)).ShouldBe((cancelled ? 5 : 3, 0));
        }

        await app.ShouldAddUp();
    }

    [Theory]
    [InlineData(new[] { OrderStatus.Paid, OrderStatus.Shipped, OrderStatus.Delivered }, false)]
    [InlineData(new[] { OrderStatus.Paid, OrderStatus.Shipped, OrderStatus.Delivered, OrderStatus.Refunded }, false)]
    [InlineData(new[] { OrderStatus.Paid, OrderStatus.Shipped, OrderStatus.Refunded }, false)]
    [InlineData(new[] { OrderStatus.Paid, OrderStatus.Refunded }, true)]
    [InlineData(new[] { OrderStatus.Paid, OrderStatus.Cancelled }, true)]
    [InlineData(new[] { OrderStatus.Cancelled }, true)]
    public async Task An_order_goes_its_way_and_its_pieces_return_when_they_never_left(OrderStatus[] way, bool returned)
    {
        var (guest, order, product) = await GivenOrder(stock: 5, pieces: 2);

        foreach (var step in way)
        {
            (await Move(order, step)).Problem.ShouldBeNull();
            (await Move(order, step)).Problem.ShouldBeNull("a step that was taken may be taken again");
        }

        (await app.Level(product)).ShouldBe((returned ? 5 : 3, 0));
        var seen = await guest.Send(HttpMethod.Get, $"/api/orders/{order.Id()}");
        seen.Body["timeline"]!.AsArray().Select(moment => (string)moment!["status"]!).ShouldBe(
            ["pending", .. way.Select(step => step.ToString().ToLowerInvariant())]);
        seen.Body["timeline"]![1]!.Text("by").ShouldBe("shop");
        seen.Body["userId"].ShouldBeNull();
        await app.ShouldAddUp();
    }

    [Theory]
    [InlineData(OrderStatus.Pending, OrderStatus.Shipped)]
    [InlineData(OrderStatus.Pending, OrderStatus.Delivered)]
    [InlineData(OrderStatus.Pending, OrderStatus.Refunded)]
    [InlineData(OrderStatus.Paid, OrderStatus.Pending)]
    [InlineData(OrderStatus.Paid, OrderStatus.Delivered)]
    [InlineData(OrderStatus.Cancelled, OrderStatus.Paid)]
    [InlineData(OrderStatus.Cancelled, OrderStatus.Refunded)]
    public async Task An_order_does_not_jump(OrderStatus from, OrderStatus to)
    {
        var (_, order, product) = await GivenOrder(stock: 5, pieces: 2);
        if (from != OrderStatus.Pending) await Move(order, from);
        var level = await app.Level(product);

        (await Move(order, to)).Problem!.Code.ShouldBe("order-transition");

        (await app.Level(product)).ShouldBe(level);
    }

    [Fact]
    public async Task A_list_of_orders_needs_somebody_signed_in_and_the_shops_needs_an_admin()
    {
        var guest = app.Guest();
        (await guest.Send(HttpMethod.Get, "/api/orders")).ShouldBe(HttpStatusCode.Unauthorized, "unauthenticated");
        (await guest.Send(HttpMethod.Get, "/api/admin/orders")).ShouldBe(HttpStatusCode.Unauthorized, "unauthenticated");
        (await guest.Send(HttpMethod.Patch, "/api/admin/orders/1", new { status = "paid" }))
            .ShouldBe(HttpStatusCode.Unauthorized, "unauthenticated");
    }

    private async Task<(Buyer Guest, Reply Order, string Product)> GivenOrder(long stock = 5, int pieces = 1)
    {
        var product = await app.GivenProduct(stock);
        var guest = app.Guest();
        await guest.Add(product, pieces);
        return (guest, (await guest.Order()).ShouldBe(HttpStatusCode.Created), product);
    }

    private Task<Outcome<WholeOrder>> Move(Reply order, OrderStatus to) => app.Database.Write(
        tx => app.Orders.Move(tx, order.Id(), OrderAccess.Admin, to, reason: null, "admin:test"));
}
