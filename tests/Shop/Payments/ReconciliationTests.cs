using System.Net;
using Kontor.Foundation.Data;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Payments.Simulator;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class ReconciliationTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    [Fact]
    public async Task Where_both_sides_agree_nothing_is_found()
    {
        var paid = await app.GivenPaidOrder();
        var open = await app.GivenOpenPayment();
        var cancelled = await app.GivenPaidOrder();
        await cancelled.Buyer.Cancel(cancelled.OrderId);
        await app.Becomes(cancelled.OrderId, PaymentState.Captured);

        await app.Reconcile();

        (await Found(paid, open, cancelled)).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_has_one_right_answer_is_settled()
    {
        var order = await app.GivenOpenPayment();
        await app.PayAtProvider(order);

        await app.Reconcile();

        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Paid);
        (await Found(order)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refund_at_the_providers_own_pages_is_written_down_by_its_button()
    {
        var order = await app.GivenPaidOrder();
        await app.RefundThere(order, 250);
        await app.Reconcile();

        var found = (await Found(order)).ShouldHaveSingleItem();
        (found.Why, found.Action, found.OursMinor, found.TheirsMinor)
            .ShouldBe((DisagreementCause.RefundedElsewhere, DisagreementAction.RecordRefund, 0, 250));
        await Resolve(found);

        (await app.PaymentOf(order.OrderId)).RefundedMinor.ShouldBe(250);
        await app.RefundThere(order, 1000);
        await app.Reconcile();
        await Resolve((await Found(order)).ShouldHaveSingleItem());
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Refunded);
        await app.Reconcile();
        (await Found(order)).ShouldBeEmpty();
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Money_for_an_order_that_was_lost_with_a_backup_is_paid_back_once_by_its_button()
    {
        var order = await app.GivenPaidOrder();
        await app.Database.Write(async tx =>
        {
            // As if the payment had never been: its metadata names one that is not here.
            var intent = (await SimulatorStore.Find<SimulatedIntent>(tx, (await app.IntentIdOf(tx, order))!))!;
            await SimulatorStore.Save(tx, intent.Id, intent with
            {
                Metadata = new(intent.Metadata) { ["kontor_payment"] = "lost" },
            });
        });
        await app.Reconcile();
        var intentId = (await app.IntentOf(order)).Id;

        var found = (await app.Disagreements()).Single(one => one.Subject == intentId);
        (found.Why, found.Action, found.TheirsMinor).ShouldBe((DisagreementCause.UnknownHere, DisagreementAction.GiveBack, 1250));
        await Task.WhenAll(Resolve(found), Resolve(found));

        (await app.RefundsThere(order)).ShouldHaveSingleItem().Amount.ShouldBe(1250);
        await app.Reconcile();
        (await app.Disagreements()).ShouldNotContain(one => one.Subject == intentId);
        // And the payment that is here, though the provider does not name it any more, is found from this side.
        app.Clock.Advance(TimeSpan.FromMinutes(20));
        await app.Reconcile();
        var missing = (await Found(order)).ShouldHaveSingleItem();
        missing.Why.ShouldBe(DisagreementCause.UnknownThere);
        await Resolve(missing);
        await app.Reconcile();
        (await Found(order)).ShouldBeEmpty("somebody has looked into it, and nothing is different");
    }

    [Fact]
    public async Task Another_amount_and_a_dispute_are_shown_until_somebody_has_looked()
    {
        var order = await app.GivenPaidOrder();
        await Change(order, intent => intent with { AmountReceived = 1200, IsDisputed = true });
        await app.Reconcile();

        var found = await Found(order);
        found.Select(one => one.Why).ShouldBe([DisagreementCause.AmountDiffers, DisagreementCause.Disputed], ignoreOrder: true);
        foreach (var one in found) await Resolve(one);
        await app.Reconcile();
        (await Found(order)).ShouldBeEmpty();

        await Change(order, intent => intent with { AmountReceived = 1100 });
        await app.Reconcile();
        (await Found(order)).ShouldContain(one => one.Why == DisagreementCause.AmountDiffers, "the amounts have changed since");
        await Change(order, intent => intent with { AmountReceived = 1250, IsDisputed = false });
    }

    [Fact]
    public async Task A_refund_that_the_bank_returned_is_owed_again_and_a_person_pays_it()
    {
        var order = await app.GivenPaidOrder();
        await order.Buyer.Cancel(order.OrderId);
        await app.Becomes(order.OrderId, PaymentState.Captured);
        var there = (await app.RefundsThere(order)).Single();
        await app.Database.Write(tx => SimulatorStore.Save(
            tx, there.Id, there with { Status = "failed", FailureReason = "expired_or_canceled_card" }).AsTask());

        await app.Reconcile();

        (await app.RefundsOf(order.OrderId)).Single().Stage.ShouldBe(RefundStatus.Manual);
        await app.ShouldAddUp();
        var found = (await Found(order)).ShouldHaveSingleItem();
        (found.Why, found.Detail).ShouldBe((DisagreementCause.RefundByHand, "expired_or_canceled_card"));
        await Resolve(found);
        (await app.RefundsOf(order.OrderId)).Single().Stage.ShouldBe(RefundStatus.Succeeded);
        await app.Reconcile();
        (await Found(order)).ShouldBeEmpty("what a person has transferred is paid");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_refund_that_the_provider_refuses_stays_promised_and_is_tried_by_its_button()
    {
        var order = await app.GivenPaidOrder();
        app.Provider.At(Point.BeforeRefund, order.PaymentId, () => throw new ProviderException(isRefusal: true, "balance", "No."));
        await order.Buyer.Cancel(order.OrderId);
        await PaymentApp.Eventually(async () => (await Found(order)).Count == 1, "the refusal is shown");

        var found = (await Found(order)).Single();
        (found.Why, found.Action, found.Detail).ShouldBe((DisagreementCause.RefundRefused, DisagreementAction.TryAgain, "balance"));
        await app.ShouldAddUp();
        await Resolve(found);

        (await Found(order)).ShouldBeEmpty();
        await app.ShouldKeep(order, 0);
    }

    [Fact]
    public async Task A_step_that_waits_for_an_hour_is_shown_and_tried_by_its_button()
    {
        var order = await app.GivenOpenPayment();
        OpenDisagreement found;
        using (app.Provider.OnlyMe())
        {
            await app.PayAtProvider(order);
            app.Provider.At(Point.BeforeCapture, order.PaymentId, () => throw new CrashException());
            await Should.ThrowAsync<CrashException>(() => app.Settlement.Settle(order.PaymentId, CancellationToken.None));
            app.Clock.Advance(TimeSpan.FromMinutes(61));
            app.Provider.At(Point.BeforeCapture, order.PaymentId, () => throw new ProviderException(false, "down", "Down."));
            await app.Reconcile();
            found = (await Found(order)).ShouldHaveSingleItem();
        }

        (found.Why, found.Action).ShouldBe((DisagreementCause.Stuck, DisagreementAction.TryAgain));
        await Resolve(found);
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Paid);
        (await Found(order)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_amount_than_the_orders_sells_nothing_and_goes_back()
    {
        var order = await app.GivenOpenPayment(stock: 3);
        using (app.Provider.OnlyMe())
        {
            await app.PayAtProvider(order);
            await Change(order, intent => intent with { Amount = 1200 });
            await app.Settlement.Settle(order.PaymentId, CancellationToken.None);
        }

        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Cancelled);
        (await app.Level(order.Product)).ShouldBe((3, 0));
        await app.ShouldKeep(order, 0);
        var found = (await Found(order)).ShouldHaveSingleItem();
        (found.Why, found.OursMinor, found.TheirsMinor).ShouldBe((DisagreementCause.AmountDiffers, 1250, 1200));
        await Resolve(found);
    }

    [Fact]
    public async Task Payments_of_other_systems_on_the_same_account_are_left_alone()
    {
        var order = await app.GivenPaidOrder();
        await Change(order, intent => intent with { Metadata = new() { ["kontor_shop"] = "another", ["kontor_payment"] = "theirs" } });
        await app.Reconcile();
        var intentId = (await app.IntentOf(order)).Id;
        (await app.Disagreements()).ShouldNotContain(one => one.Subject == intentId);
    }

    [Fact]
    public async Task Only_admins_see_payments_and_disagreements()
    {
        var (customer, _) = await app.SignedIn();
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "/api/admin/payments"), (HttpMethod.Get, "/api/admin/payments/disagreements"),
            (HttpMethod.Post, "/api/admin/payments/reconcile"), (HttpMethod.Post, "/api/admin/payments/disagreements/x/resolve"),
        })
        {
            (await app.Guest().Send(method, path)).ShouldBe(HttpStatusCode.Unauthorized, "unauthenticated");
            (await customer.Send(method, path)).ShouldBe(HttpStatusCode.Forbidden, "forbidden");
        }
    }

    [Fact]
    public async Task Payments_are_listed_page_by_page()
    {
        var orders = new List<string>();
        for (var i = 0; i < 3; i++) orders.Add((await app.GivenOpenPayment()).OrderId);
        using var admin = await app.Admin();
        var shop = new Buyer(admin.Client);

        var (seen, cursor) = (new List<string>(), (string?)null);
        do
        {
            var page = await shop.Send(HttpMethod.Get, $"/api/admin/payments?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.ShouldBe(HttpStatusCode.OK).Body["payments"]!.AsArray().Select(one => one!["orderId"]!.ToString()));
            cursor = page.Body["nextCursor"]?.ToString();
        }
        while (cursor is not null);

        seen.Distinct().Count().ShouldBe(seen.Count);
        orders.ShouldBeSubsetOf(seen);
        (await shop.Send(HttpMethod.Get, "/api/admin/payments?cursor=nope")).ShouldBe(HttpStatusCode.BadRequest, "cursor-invalid");
        (await shop.Send(HttpMethod.Post, "/api/admin/payments/reconcile")).ShouldBe(HttpStatusCode.OK);
        (await shop.Send(HttpMethod.Post, "/api/admin/payments/disagreements/x/resolve")).ShouldBe(HttpStatusCode.NotFound, "not-found");
    }

    private async Task<List<OpenDisagreement>> Found(params PaymentApp.Waiting[] orders) =>
        (await app.Disagreements()).FindAll(one => orders.Any(order => order.OrderId == one.OrderId));

    private async Task Resolve(OpenDisagreement found)
    {
        using var admin = await app.Admin();
        using var answer = await admin.Client.PostAsync($"/api/admin/payments/disagreements/{found.Id}/resolve", null);
        answer.StatusCode.ShouldBeOneOf(HttpStatusCode.OK, HttpStatusCode.NotFound);
    }

    private Task Change(PaymentApp.Waiting order, Func<SimulatedIntent, SimulatedIntent> change) => app.Database.Write(async tx =>
    {
        var intent = (await SimulatorStore.Find<SimulatedIntent>(tx, (await app.IntentIdOf(tx, order))!))!;
        await SimulatorStore.Save(tx, intent.Id, change(intent));
    });
}
