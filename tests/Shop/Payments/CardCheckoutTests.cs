using System.Net;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Payments.Simulator;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class CardCheckoutTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    [Fact]
    public async Task An_order_by_card_is_paid_by_its_webhook_alone()
    {
        var order = await app.GivenOpenPayment(priceMinor: 1250, pieces: 2, stock: 5);
        (await app.Level(order.Product)).ShouldBe((5, 2), "the pieces are kept, and in the warehouse");

        await app.PayAtProvider(order, fate: WebhookFate.AsConfigured);

        await app.Becomes(order.OrderId, OrderStatus.Paid);
        (await app.Level(order.Product)).ShouldBe((3, 0));
        await app.ShouldKeep(order, 2500);
        var seen = await order.Buyer.Send(HttpMethod.Get, $"/api/orders/{order.OrderId}");
        seen.Body["payment"]!.ToJsonString().ShouldBe("""{"method":"card","status":"paid","paid":25.00,"refunded":0.00}""");
        seen.Body["timeline"]!.AsArray().Select(moment => $"{moment!["status"]} by {moment["by"]}")
            .ShouldBe(["pending by customer", "paid by system"]);
        (await app.Events("shop.order-paid", order.OrderId)).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task An_order_whose_webhooks_are_all_lost_is_paid_by_the_sweep()
    {
        var order = await app.GivenOpenPayment();
        await app.PayAtProvider(order, fate: WebhookFate.Never);
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Pending);

        app.Clock.Advance(TimeSpan.FromMinutes(1));

        await app.SweptUntil(order.OrderId, OrderStatus.Paid);
        await app.ShouldKeep(order, 1250);
    }

    [Fact]
    public async Task Webhooks_that_come_twice_and_a_day_late_change_nothing()
    {
        var order = await app.GivenOpenPayment();
        await app.PayAtProvider(order, fate: WebhookFate.Late);
        await app.Settlement.Settle(order.PaymentId, CancellationToken.None);
        var captures = app.Provider.Captures;

        app.Clock.Advance(TimeSpan.FromHours(26));
        await PaymentApp.Eventually(async () => await app.TasksLeft(order) == 0, "the late webhooks were sent");
        await app.Sweep();

        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Paid);
        app.Provider.Captures.ShouldBe(captures);
        (await app.Events("shop.order-paid", order.OrderId)).ShouldBe(1);
        await app.ShouldKeep(order, 1250);
    }

    [Fact]
    public async Task A_card_that_is_declined_leaves_the_order_as_it_was_and_another_pays_it()
    {
        var order = await app.GivenOpenPayment();

        await app.PayAtProvider(order, "funds");
        await app.Settlement.Settle(order.PaymentId, CancellationToken.None);
        var declined = await order.Buyer.Send(HttpMethod.Get, $"/api/orders/{order.OrderId}");
        declined.Body["status"]!.ToString().ShouldBe("pending");
        declined.Body["payment"]!["error"]!.ToString().ShouldBe("insufficient_funds");

        (await order.Buyer.Pay(order.OrderId)).ShouldBe(HttpStatusCode.OK).Body["url"]!.ToString().ShouldEndWith(order.Session);
        await app.PayAtProvider(order);
        (await app.Settlement.Settle(order.PaymentId, CancellationToken.None))!.Stage.ShouldBe(PaymentState.Captured);
        var paid = await order.Buyer.Send(HttpMethod.Get, $"/api/orders/{order.OrderId}");
        paid.Body["payment"]!["error"].ShouldBeNull();
        await app.ShouldKeep(order, 1250);
    }

    [Fact]
    public async Task A_bank_that_asks_first_may_take_its_time_and_may_be_refused()
    {
        var order = await app.GivenOpenPayment();

        await app.PayAtProvider(order, "secure");
        (await app.Settlement.Settle(order.PaymentId, CancellationToken.None))!.Stage.ShouldBe(PaymentState.Open);
        await app.Database.Write(tx => app.Stripe.Answer(tx, order.Session, confirmed: false));
        (await app.Settlement.Settle(order.PaymentId, CancellationToken.None))!.LastError.ShouldBe("authentication_required");

        await app.PayAtProvider(order, "secure");
        app.Clock.Advance(TimeSpan.FromHours(20));
        await app.Database.Write(tx => app.Stripe.Answer(tx, order.Session, confirmed: true));
        await app.Settlement.Settle(order.PaymentId, CancellationToken.None);
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Paid);
    }

    [Fact]
    public async Task An_order_that_is_not_paid_in_time_expires_and_its_pieces_are_free()
    {
        var order = await app.GivenOpenPayment(stock: 3);

        app.Clock.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(2));
        await app.Sweep();
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Pending);
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        await app.Sweep();

        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Expired);
        (await app.Available(order.Product)).ShouldBe(3);
        await app.Becomes(order.OrderId, PaymentState.Closed);
        (await app.SessionsThere(order.PaymentId)).ShouldHaveSingleItem().Status.ShouldBe("expired");
        (await app.Events("shop.order-expired", order.OrderId)).ShouldBe(1);
        (await order.Buyer.Pay(order.OrderId)).ShouldBe(HttpStatusCode.Conflict, "order-not-payable");
        (await order.Buyer.Cancel(order.OrderId)).ShouldBe(HttpStatusCode.Conflict, "order-transition");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Time_is_judged_by_the_clock_also_before_the_job_comes_by()
    {
        var order = await app.GivenOpenPayment();
        using (app.Provider.OnlyMe())
        {
            await app.PayAtProvider(order);
            app.Clock.Advance(TimeSpan.FromHours(24) + TimeSpan.FromSeconds(1));
            await app.Settlement.Settle(order.PaymentId, CancellationToken.None);
        }

        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Expired);
        await app.ShouldKeep(order, 0);
        (await app.Letters($"order {await app.NumberOf(order.OrderId)} goes back")).ShouldBe(1);
    }

    [Fact]
    public async Task Money_for_pieces_that_somebody_else_bought_meanwhile_goes_back()
    {
        var order = await app.GivenOpenPayment(stock: 1);
        app.Clock.Advance(TimeSpan.FromHours(1));
        var quicker = app.Guest();
        (await quicker.Add(order.Product)).ShouldBe(HttpStatusCode.OK);
        (await quicker.Order()).ShouldBe(HttpStatusCode.Created);

        await app.PayAtProvider(order, fate: WebhookFate.Twice);

        await app.Becomes(order.OrderId, OrderStatus.Cancelled);
        await app.Becomes(order.OrderId, PaymentState.Closed);
        await app.ShouldKeep(order, 0);
        var seen = await order.Buyer.Send(HttpMethod.Get, $"/api/orders/{order.OrderId}");
        seen.Body["timeline"]!.AsArray()[^1]!["reason"]!.ToString().ShouldBe(OrderReasons.SoldOut);
        (await app.Letters($"order {await app.NumberOf(order.OrderId)} goes back")).ShouldBe(1);
        (await app.Level(order.Product)).ShouldBe((0, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Nobody_is_sent_to_pay_for_pieces_that_are_gone()
    {
        var buyer = app.Guest();
        var (orderId, product) = await app.GivenCardOrder(buyer, stock: 1);
        app.Clock.Advance(TimeSpan.FromHours(1));
        var quicker = app.Guest();
        await quicker.Add(product);
        (await quicker.Order()).ShouldBe(HttpStatusCode.Created);

        (await buyer.Pay(orderId)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");

        (await app.Database.Read(tx => PaymentBook.Of(tx, [orderId]).AsTask()))[orderId].ShouldBeEmpty();
    }

    [Fact]
    public async Task A_page_that_ended_makes_room_for_another()
    {
        var order = await app.GivenOpenPayment();
        await app.Database.Write(tx => app.Stripe.ExpireSession(tx, order.Session));

        var url = (await order.Buyer.Pay(order.OrderId)).ShouldBe(HttpStatusCode.OK).Body["url"]!.ToString();

        url.ShouldNotEndWith(order.Session);
        await app.PayAtProvider(order with { Session = url.Split('/')[^1] }, fate: WebhookFate.AsConfigured);
        await app.Becomes(order.OrderId, OrderStatus.Paid);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(49)]
    [InlineData(0)]
    public async Task An_amount_that_no_card_pays_is_refused_and_an_invoice_takes_it(long priceMinor)
    {
        var buyer = app.Guest();
        await buyer.Add(await app.GivenProduct(5, priceMinor));

        (await buyer.Order(method: "card")).ShouldBe(HttpStatusCode.Conflict, "payment-amount");
        (await buyer.Order()).ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Only_an_order_by_card_has_a_page_to_pay_it_at_and_only_its_buyer_gets_there()
    {
        var buyer = app.Guest();
        var invoice = await app.GivenOrder(buyer);
        (await buyer.Pay(invoice.Id())).ShouldBe(HttpStatusCode.Conflict, "payment-not-online");

        var (orderId, _) = await app.GivenCardOrder(buyer);
        (await app.Guest().Pay(orderId)).ShouldBe(HttpStatusCode.NotFound, "not-found");
        var (stranger, _) = await app.SignedIn();
        (await stranger.Pay(orderId)).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await buyer.Pay("nope")).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await buyer.Pay(orderId)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_provider_that_is_down_keeps_the_order_and_can_be_tried_again()
    {
        var buyer = app.Guest();
        var (orderId, product) = await app.GivenCardOrder(buyer, stock: 2);
        using (app.Provider.OnlyMe()) (await buyer.Pay(orderId)).ShouldBe(HttpStatusCode.ServiceUnavailable, "payment-unavailable");

        (await app.StatusOf(orderId)).ShouldBe(OrderStatus.Pending);
        (await app.Level(product)).ShouldBe((2, 1));
        (await buyer.Pay(orderId)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nobody_can_say_that_an_order_by_card_is_paid_or_expired()
    {
        using var admin = await Kontor.Testing.People.Admin(app);
        var shop = new Buyer(admin.Client);
        var (orderId, _) = await app.GivenCardOrder(app.Guest());

        (await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{orderId}", new { status = "paid" }))
            .ShouldBe(HttpStatusCode.Conflict, "payment-outstanding");
        (await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{orderId}", new { status = "expired" }))
            .ShouldBe(HttpStatusCode.Conflict, "order-transition");

        (await app.StatusOf(orderId)).ShouldBe(OrderStatus.Pending);
    }

    [Fact]
    public async Task An_invoice_that_was_paid_is_in_the_ledger_of_money_like_any_other_payment()
    {
        using var admin = await Kontor.Testing.People.Admin(app);
        var shop = new Buyer(admin.Client);
        var order = await app.GivenOrder(app.Guest(), pieces: 3);

        var paid = await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{order.Id()}", new { status = "paid" });

        paid.Body["payment"]!.ToJsonString().ShouldBe("""{"method":"invoice","status":"paid","paid":30.00,"refunded":0.00}""");
        (await app.PaymentOf(order.Id())).ShouldSatisfyAllConditions(
            payment => payment.Provider.ShouldBe("invoice"), payment => payment.CapturedMinor.ShouldBe(3000));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_letter_about_money_is_in_the_buyers_language()
    {
        var buyer = app.Guest();
        buyer.Client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de");
        var order = await app.GivenOpenPayment(buyer: buyer);
        (await app.SessionsThere(order.PaymentId)).Single().Title.ShouldStartWith("Bestellung K-");

        await buyer.Cancel(order.OrderId);
        await app.Becomes(order.OrderId, PaymentState.Closed);
        var late = await app.GivenOpenPayment(buyer: buyer);
        using (app.Provider.OnlyMe())
        {
            await app.PayAtProvider(late);
            await buyer.Cancel(late.OrderId);
            await app.Settlement.Settle(late.PaymentId, CancellationToken.None);
        }

        (await app.Letters($"Ihr Geld für Bestellung {await app.NumberOf(late.OrderId)} geht zurück")).ShouldBe(1);
        (await app.Letters($"{await app.NumberOf(order.OrderId)} geht zurück")).ShouldBe(0, "nobody had paid that one");
    }
}
