using System.Net;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class RefundTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    [Fact]
    public async Task Part_of_an_order_is_paid_back_and_then_the_rest()
    {
        var order = await app.GivenPaidOrder(stock: 3);
        var shop = await Shop();

        var part = await Refund(shop, order.OrderId, new { amount = 2.50m, reason = "A scratch" });
        part.ShouldBe(HttpStatusCode.Created);
        part.Body["status"]!.ToString().ShouldBe("pending");
        await app.Becomes(order.OrderId, PaymentState.Captured);
        (await Seen(order)).Body["payment"]!.ToJsonString()
            .ShouldBe("""{"method":"card","status":"partly-refunded","paid":12.50,"refunded":2.50}""");
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Paid);

        (await Refund(shop, order.OrderId, new { })).Body["amount"]!.ToString().ShouldBe("10.00");
        await app.Becomes(order.OrderId, PaymentState.Captured);
        var seen = await Seen(order);
        seen.Body["status"]!.ToString().ShouldBe("refunded");
        seen.Body["payment"]!["status"]!.ToString().ShouldBe("refunded");
        await app.ShouldKeep(order, 0);
        (await app.Level(order.Product)).ShouldBe((3, 0), "what had not left the warehouse is on the shelf again");
        (await Refund(shop, order.OrderId, new { })).ShouldBe(HttpStatusCode.Conflict, "refund-too-large");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_paid_order_that_its_buyer_cancels_is_paid_back_by_itself()
    {
        var order = await app.GivenPaidOrder(stock: 3);

        (await order.Buyer.Cancel(order.OrderId)).ShouldBe(HttpStatusCode.OK);
        (await order.Buyer.Cancel(order.OrderId)).ShouldBe(HttpStatusCode.OK);

        await app.Becomes(order.OrderId, PaymentState.Captured);
        (await app.RefundsThere(order)).ShouldHaveSingleItem().Amount.ShouldBe(1250);
        (await app.Level(order.Product)).ShouldBe((3, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_provider_that_fails_leaves_the_refund_promised_and_it_is_paid_later()
    {
        var order = await app.GivenPaidOrder();
        app.Provider.At(Point.BeforeRefund, order.PaymentId, () => throw new ProviderException(isRefusal: false, "down", "Down."));
        var shop = await Shop();

        (await Refund(shop, order.OrderId, new { amount = 5.00m })).ShouldBe(HttpStatusCode.Created);
        await PaymentApp.Eventually(
            async () => (await app.RefundsOf(order.OrderId)).Single() is { Stage: RefundStatus.Pending, LastError: "down" }, "it failed");
        await app.ShouldKeep(order, 1250);
        await app.ShouldAddUp();

        app.Clock.Advance(TimeSpan.FromMinutes(15));
        await app.SweptUntil(order.OrderId, PaymentState.Captured);
        (await app.RefundsOf(order.OrderId)).Single().Stage.ShouldBe(RefundStatus.Succeeded);
        await app.ShouldKeep(order, 750);
    }

    [Fact]
    public async Task A_refund_that_was_paid_though_its_answer_was_lost_is_found_and_not_paid_again()
    {
        var order = await app.GivenPaidOrder();
        app.Provider.At(Point.AfterRefund, order.PaymentId, async () =>
        {
            // A day later the provider has forgotten the key, and would pay again.
            await app.Database.Write(tx => tx.Execute("DELETE FROM shop_simulator_keys").AsTask());
            throw new ProviderException(isRefusal: false, "no-answer", "The answer was lost.");
        });

        await Refund(await Shop(), order.OrderId, new { amount = 5.00m });
        await PaymentApp.Eventually(async () => (await app.RefundsOf(order.OrderId)).Single().LastError == "no-answer", "it was lost");
        app.Clock.Advance(TimeSpan.FromHours(25));

        await app.SweptUntil(order.OrderId, PaymentState.Captured);
        (await app.RefundsThere(order)).ShouldHaveSingleItem();
        await app.ShouldKeep(order, 750);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_refund_of_an_invoice_waits_for_somebody_to_transfer_it()
    {
        var shop = await Shop();
        var orderId = (await app.GivenOrder(app.Guest())).Id();
        await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{orderId}", new { status = "paid" });

        (await Refund(shop, orderId, new { amount = 4.00m })).ShouldBe(HttpStatusCode.Created);
        await PaymentApp.Eventually(
            async () => (await app.RefundsOf(orderId)).Single().Stage == RefundStatus.Manual, "it waits for a person");

        var waiting = (await app.Disagreements()).Single(one => one.OrderId == orderId);
        (waiting.Why, waiting.Action, waiting.OursMinor)
            .ShouldBe((DisagreementCause.RefundByHand, DisagreementAction.Transferred, 400));
        var left = await shop.Send(HttpMethod.Post, $"/api/admin/payments/disagreements/{waiting.Id}/resolve");
        left.ShouldBe(HttpStatusCode.OK).Body["disagreements"]!.AsArray().ShouldNotContain(one => one!["orderId"]!.ToString() == orderId);
        (await app.RefundsOf(orderId)).Single().Stage.ShouldBe(RefundStatus.Succeeded);
        (await shop.Send(HttpMethod.Post, $"/api/admin/payments/disagreements/{waiting.Id}/resolve"))
            .ShouldBe(HttpStatusCode.NotFound, "not-found");
        await app.ShouldAddUp();
    }

    [Theory]
    [InlineData("""{"amount": 12.51}""", HttpStatusCode.Conflict, "refund-too-large")]
    [InlineData("""{"amount": 0}""", HttpStatusCode.BadRequest, "validation-failed")]
    [InlineData("""{"amount": -1}""", HttpStatusCode.BadRequest, "validation-failed")]
    [InlineData("""{"amount": 1.005}""", HttpStatusCode.BadRequest, "validation-failed")]
    [InlineData("""{"amount": "5"}""", HttpStatusCode.BadRequest, "validation-failed")]
    [InlineData("""{"amount": 1e30}""", HttpStatusCode.BadRequest, "validation-failed")]
    public async Task What_cannot_be_paid_back_is_refused_and_nothing_is(string body, HttpStatusCode status, string code)
    {
        var order = await app.GivenPaidOrder();

        (await Refund(await Shop(), order.OrderId, System.Text.Json.Nodes.JsonNode.Parse(body)!)).ShouldBe(status, code);

        (await app.RefundsOf(order.OrderId)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_admins_pay_back_and_only_what_was_paid()
    {
        var order = await app.GivenPaidOrder();
        (await Refund(order.Buyer, order.OrderId, new { })).ShouldBe(HttpStatusCode.Unauthorized, "unauthenticated");
        var (customer, _) = await app.SignedIn();
        (await Refund(customer, order.OrderId, new { })).ShouldBe(HttpStatusCode.Forbidden, "forbidden");
        var shop = await Shop();
        (await Refund(shop, "nope", new { })).ShouldBe(HttpStatusCode.NotFound, "not-found");
        var unpaid = await app.GivenOrder(app.Guest());
        (await Refund(shop, unpaid.Id(), new { })).ShouldBe(HttpStatusCode.Conflict, "refund-too-large");
        (await app.RefundsOf(order.OrderId)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_that_paid_back_once_gives_the_same_answer_again()
    {
        var order = await app.GivenPaidOrder();
        var shop = await Shop();

        var first = await Refund(shop, order.OrderId, new { amount = 3.00m }, key: "again");
        var second = await Refund(shop, order.OrderId, new { amount = 3.00m }, key: "again");
        second.Replayed.ShouldBeTrue();
        second.Body.ToJsonString().ShouldBe(first.Body.ToJsonString());
        (await Refund(shop, order.OrderId, new { amount = 4.00m }, key: "again"))
            .ShouldBe(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");

        // Answers are kept for a day; what was promised, for ever.
        await app.Database.Write(tx => tx.Execute("DELETE FROM foundation_idempotency").AsTask());
        (await Refund(shop, order.OrderId, new { amount = 3.00m }, key: "again")).Id().ShouldBe(first.Id());
        await app.Becomes(order.OrderId, PaymentState.Captured);
        await app.ShouldKeep(order, 950);
    }

    [Fact]
    public async Task The_ledger_of_money_cannot_be_changed_and_the_database_refuses_to_promise_too_much()
    {
        var order = await app.GivenPaidOrder();

        await Should.ThrowAsync<System.Data.Common.DbException>(() => app.Database.Write(tx => tx.Execute(
            "UPDATE shop_payment_ledger SET amount_minor = 1 WHERE payment_id = @id", new { id = order.PaymentId }).AsTask()));
        await Should.ThrowAsync<System.Data.Common.DbException>(() => app.Database.Write(tx => tx.Execute(
            "DELETE FROM shop_payment_ledger WHERE payment_id = @id", new { id = order.PaymentId }).AsTask()));
        await Should.ThrowAsync<System.Data.Common.DbException>(() => app.Database.Write(tx => tx.Execute(
            "UPDATE shop_payments SET refunding_minor = captured_minor + 1 WHERE id = @id", new { id = order.PaymentId }).AsTask()));
    }

    private async Task<Buyer> Shop() => new((await app.Admin()).Client);

    private static Task<Reply> Refund(Buyer shop, string orderId, object body, string? key = null) =>
        shop.Send(HttpMethod.Post, $"/api/admin/orders/{orderId}/refunds", body, key);

    private static Task<Reply> Seen(PaymentApp.Waiting order) => order.Buyer.Send(HttpMethod.Get, $"/api/orders/{order.OrderId}");
}
