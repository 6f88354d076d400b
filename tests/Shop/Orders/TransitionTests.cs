using System.Net;
using Kontor.Foundation.Time;
using Kontor.Shop.Orders;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>Every status, everybody, every step: the table is what is allowed, and all else is refused.</summary>
public class TransitionTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    private static readonly OrderStatus[] Statuses = Enum.GetValues<OrderStatus>();

    /// <summary>By an admin: what an order by invoice or by card can become.</summary>
    private static readonly Dictionary<OrderStatus, OrderStatus[]> ByAdmin = new()
    {
        [OrderStatus.Pending] = [OrderStatus.Paid, OrderStatus.Cancelled],
        [OrderStatus.Paid] = [OrderStatus.Shipped, OrderStatus.Cancelled, OrderStatus.Refunded],
        [OrderStatus.Shipped] = [OrderStatus.Delivered, OrderStatus.Refunded],
        [OrderStatus.Delivered] = [OrderStatus.Refunded],
        [OrderStatus.Cancelled] = [],
        [OrderStatus.Refunded] = [],
        [OrderStatus.Expired] = [],
    };

    public static TheoryData<OrderStatus, string> Starts => new(
        from status in Statuses
        from method in (string[])["card", "invoice"]
        where status != OrderStatus.Expired || method == "card"
        select (status, method));

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task An_admin_may_do_what_the_table_says_and_nothing_else(OrderStatus from, string method)
    {
        var shop = new Buyer((await app.Admin()).Client);
        foreach (var to in Statuses)
        {
            var order = await Given(from, method, app.Guest(), shop);

            var reply = await Patch(shop, order, to);

            var isAllowed = ByAdmin[from].Contains(to) && !(to == OrderStatus.Paid && method == "card");
            // What was done may be asked for again, but for the end of a time, which nobody asks for.
            var isDone = from == to && to != OrderStatus.Expired;
            if (isAllowed || isDone) reply.ShouldBe(HttpStatusCode.OK).Body.Text("status").ShouldBe(Text(to));
            else if (from == OrderStatus.Pending && to == OrderStatus.Paid) reply.ShouldBe(HttpStatusCode.Conflict, "payment-outstanding");
            else reply.ShouldBe(HttpStatusCode.Conflict, "order-transition");
            (await app.StatusOf(order)).ShouldBe(isAllowed ? to : from, $"{method}: {from} to {to}");
        }

        await app.ShouldAddUp();
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public async Task Buyers_only_cancel_and_only_their_own_before_it_is_shipped(OrderStatus from, string method)
    {
        var shop = new Buyer((await app.Admin()).Client);
        foreach (var buyer in (Buyer[])[app.Guest(), (await app.SignedIn()).Buyer])
        {
            var order = await Given(from, method, buyer, shop);
            (await app.Guest().Cancel(order)).ShouldBe(HttpStatusCode.NotFound, "not-found");
            (await (await app.SignedIn()).Buyer.Cancel(order)).ShouldBe(HttpStatusCode.NotFound, "not-found");
            foreach (var to in Statuses)
            {
                (await Patch(buyer, order, to)).Status.ShouldBeOneOf(HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden);
                (await app.StatusOf(order)).ShouldBe(from);
            }

            var reply = await buyer.Cancel(order);

            if (from is OrderStatus.Pending or OrderStatus.Paid or OrderStatus.Cancelled)
                reply.ShouldBe(HttpStatusCode.OK).Body.Text("status").ShouldBe("cancelled");
            else reply.ShouldBe(HttpStatusCode.Conflict, "order-transition").Body.Text("orderStatus").ShouldBe(Text(from));
        }

        await app.ShouldAddUp();
    }

    [Fact]
    public async Task An_order_by_card_expires_after_a_day_and_one_by_invoice_does_not()
    {
        var (card, product) = await app.GivenCardOrder(app.Guest(), stock: 5);
        var invoice = (await app.GivenOrder(app.Guest())).Id();

        app.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(1));
        await app.Sweep();
        (await app.StatusOf(card)).ShouldBe(OrderStatus.Pending);
        app.Clock.Advance(TimeSpan.FromMinutes(2));
        await app.Sweep();

        (await app.StatusOf(card)).ShouldBe(OrderStatus.Expired);
        (await app.StatusOf(invoice)).ShouldBe(OrderStatus.Pending);
        (await app.Available(product)).ShouldBe(5);
        await app.ShouldAddUp();
    }

    /// <summary>An order that has come to this status by the way that orders go.</summary>
    private async Task<string> Given(OrderStatus status, string method, Buyer buyer, Buyer shop)
    {
        if (method == "card" && status is OrderStatus.Expired)
        {
            var (expired, _) = await app.GivenCardOrder(buyer);
            // Its time is over; that of the tokens of those who ask is not.
            await app.Database.Write(tx => tx.Execute(
                "UPDATE shop_orders SET pay_by = @now WHERE id = @expired", new { expired, now = app.Clock.NowMs() }).AsTask());
            await app.Sweep();
            (await app.StatusOf(expired)).ShouldBe(OrderStatus.Expired);
            return expired;
        }

        var isPaid = status is not (OrderStatus.Pending or OrderStatus.Cancelled);
        string order;
        if (method == "invoice")
        {
            order = (await app.GivenOrder(buyer)).Id();
            if (isPaid) (await Patch(shop, order, OrderStatus.Paid)).ShouldBe(HttpStatusCode.OK);
        }
        else if (isPaid)
        {
            var waiting = await app.GivenOpenPayment(buyer: buyer);
            await app.PayAtProvider(waiting);
            await app.Settlement.Settle(waiting.PaymentId, CancellationToken.None);
            order = waiting.OrderId;
        }
        else
        {
            (order, _) = await app.GivenCardOrder(buyer);
        }

        OrderStatus[] way = status switch
        {
            OrderStatus.Shipped => [OrderStatus.Shipped],
            OrderStatus.Delivered => [OrderStatus.Shipped, OrderStatus.Delivered],
            OrderStatus.Refunded => [OrderStatus.Refunded],
            OrderStatus.Cancelled => [OrderStatus.Cancelled],
            _ => [],
        };
        foreach (var step in way) (await Patch(shop, order, step)).ShouldBe(HttpStatusCode.OK);
        (await app.StatusOf(order)).ShouldBe(status);
        return order;
    }

    private static string Text(OrderStatus status) => status.ToString().ToLowerInvariant();

    private static Task<Reply> Patch(Buyer caller, string orderId, OrderStatus to) =>
        caller.Send(HttpMethod.Patch, $"/api/admin/orders/{orderId}", new { status = Text(to) });
}
