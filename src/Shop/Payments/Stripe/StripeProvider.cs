using System.Globalization;
using System.Runtime.CompilerServices;
using Kontor.Foundation;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Payments;

/// <summary>
/// Cards through Stripe: the buyer pays at a page that Stripe hosts (a Checkout Session), whose PaymentIntent only authorises; the shop
/// captures it. Idempotency keys are the ids of our rows.
/// </summary>
/// <param name="name">As which its payments are stored: the simulator is this same class with another account.</param>
internal sealed class StripeProvider(string name, StripeClient client, StripeAccount account, string? pageOrigin, TimeProvider time)
    : IOnlineProvider
{
    private const string PaymentMark = "kontor_payment";
    private const string RefundMark = "kontor_refund";
    private const string ShopMark = "kontor_shop";
    private const int PageSize = 100;

    /// <summary>Gives the answer all that is read of it; otherwise Stripe names the intent by its id alone.</summary>
    private const string WithIntent = "payment_intent.latest_charge";

    public string Name => name;

    public string Method => PaymentMethods.Card;

    /// <summary>Half a euro is the least that Stripe takes; it counts amounts in eight digits.</summary>
    public (long Min, long Max) AmountMinor => (50, 99_999_999);

    public string? PageOrigin => pageOrigin;

    public async Task<ProviderPayment> Start(PaymentRequest request, CancellationToken ct)
    {
        var payment = request.Payment;
        var form = new List<(string, string)>
        {
            ("mode", "payment"),
            ("payment_method_types[0]", "card"),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", payment.Currency.ToLowerInvariant()),
            ("line_items[0][price_data][unit_amount]", Text(payment.AmountMinor)),
            ("line_items[0][price_data][product_data][name]", request.Title),
            ("payment_intent_data[capture_method]", "manual"),
            ("payment_intent_data[description]", request.Title),
            ($"payment_intent_data[metadata][{PaymentMark}]", payment.Id),
            ($"payment_intent_data[metadata][{ShopMark}]", request.Mark),
            ($"metadata[{PaymentMark}]", payment.Id),
            ($"metadata[{ShopMark}]", request.Mark),
            ("client_reference_id", payment.OrderId),
            ("success_url", request.ReturnUrl),
            ("cancel_url", request.ReturnUrl),
            ("locale", request.Language),
            ("expires_at", Text(request.ExpiresAt / Clock.Second)),
            ("expand[0]", WithIntent),
        };
        if (request.Email is not null) form.Add(("customer_email", request.Email));
        return Of(await client.Post<StripeSession>("/v1/checkout/sessions", form, payment.Id, ct));
    }

    public async Task<ProviderPayment> Find(string reference, CancellationToken ct)
    {
        try
        {
            return Of(await client.Get<StripeSession>($"/v1/checkout/sessions/{Escape(reference)}?expand[0]={WithIntent}", ct));
        }
        catch (ProviderException missing) when (missing.Code == "resource_missing")
        {
            return ProviderPayment.None;
        }
    }

    public async Task<ProviderPayment> Capture(Payment payment, CancellationToken ct) => Of(await client.Post<StripeIntent>(
        $"/v1/payment_intents/{Escape(payment.Intent!)}/capture",
        [("amount_to_capture", Text(payment.AmountMinor)), ("expand[0]", "latest_charge")],
        $"{payment.Id}-capture", ct));

    public Task Cancel(Payment payment, ProviderPayment theirs, CancellationToken ct) => theirs.Status == ProviderStatus.Authorised
        ? client.Post<StripeIntent>(
            $"/v1/payment_intents/{Escape(theirs.Intent!)}/cancel",
            [("cancellation_reason", "abandoned"), ("expand[0]", "latest_charge")], idempotencyKey: null, ct)
        : client.Post<StripeSession>(
            $"/v1/checkout/sessions/{Escape(payment.Reference!)}/expire", [("expand[0]", WithIntent)], idempotencyKey: null, ct);

    public async Task<ProviderRefund> Refund(Payment payment, Refund refund, string mark, CancellationToken ct) =>
        Of(await client.Post<StripeRefund>(
            "/v1/refunds",
            [
                ("payment_intent", payment.Intent!),
                ("amount", Text(refund.AmountMinor)),
                ("reason", "requested_by_customer"),
                ($"metadata[{RefundMark}]", refund.Id),
                ($"metadata[{ShopMark}]", mark),
            ],
            refund.Refusals == 0 ? refund.Id : $"{refund.Id}-{Text(refund.Refusals)}", ct));

    public async Task<ProviderRefund?> FindRefund(Payment payment, Refund refund, CancellationToken ct)
    {
        await foreach (var theirs in All<StripeRefund>($"/v1/refunds?payment_intent={Escape(payment.Intent!)}", one => one.Id, ct))
        {
            if (theirs.Metadata?.GetValueOrDefault(RefundMark) == refund.Id) return Of(theirs);
        }

        return null;
    }

    public async IAsyncEnumerable<ProviderPayment> Payments(string mark, long since, [EnumeratorCancellation] CancellationToken ct)
    {
        var path = $"/v1/payment_intents?created[gte]={Text(since / Clock.Second)}&expand[0]=data.latest_charge";
        await foreach (var intent in All<StripeIntent>(path, one => one.Id, ct))
        {
            if (intent.Metadata?.GetValueOrDefault(ShopMark) == mark) yield return Of(intent);
        }
    }

    public async IAsyncEnumerable<ProviderRefund> Refunds(string mark, long since, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var refund in All<StripeRefund>($"/v1/refunds?created[gte]={Text(since / Clock.Second)}", one => one.Id, ct))
        {
            if (refund.Metadata?.GetValueOrDefault(ShopMark) == mark) yield return Of(refund);
        }
    }

    public Outcome<ProviderNotice> Read(string? signature, byte[] body)
    {
        if (!StripeSignature.IsValid(signature, body, account.WebhookSecrets, time.NowMs() / Clock.Second))
            return StripeEvent.SignatureInvalid;
        return StripeEvent.Read(body, PaymentMark);
    }

    private async IAsyncEnumerable<T> All<T>(string path, Func<T, string> idOf, [EnumeratorCancellation] CancellationToken ct)
    {
        string? after = null;
        do
        {
            var page = await client.Get<StripeList<T>>(
                $"{path}&limit={PageSize}{(after is null ? "" : $"&starting_after={Escape(after)}")}", ct);
            foreach (var one in page.Data) yield return one;
            after = page.HasMore && page.Data.Count > 0 ? idOf(page.Data[^1]) : null;
        }
        while (after is not null);
    }

    private static ProviderPayment Of(StripeSession session)
    {
        var payment = session.PaymentIntent is { } intent
            ? Of(intent)
            : new ProviderPayment(
                ProviderStatus.Open, AmountMinor: session.AmountTotal ?? 0, Currency: session.Currency?.ToUpperInvariant() ?? "");
        // Nobody can pay at a page that is over; one that is complete had its one payment.
        var isOver = payment.Status == ProviderStatus.Open && session.Status is "expired" or "complete";
        return payment with
        {
            Status = isOver ? ProviderStatus.Cancelled : payment.Status,
            Reference = session.Id,
            PaymentId = session.Metadata?.GetValueOrDefault(PaymentMark),
            Url = session.Url,
        };
    }

    private static ProviderPayment Of(StripeIntent intent) => new(
        StatusOf(intent.Status),
        Reference: null,
        intent.Id,
        intent.Metadata?.GetValueOrDefault(PaymentMark),
        intent.Amount,
        intent.Currency.ToUpperInvariant(),
        intent.AmountReceived,
        intent.LatestCharge?.AmountRefunded ?? 0,
        intent.LatestCharge?.Disputed ?? false,
        Url: null,
        intent.LastPaymentError is { } error ? error.DeclineCode ?? error.Code : null);

    private static ProviderStatus StatusOf(string status) => status switch
    {
        "requires_payment_method" or "requires_confirmation" or "requires_action" => ProviderStatus.Open,
        "requires_capture" => ProviderStatus.Authorised,
        "succeeded" => ProviderStatus.Captured,
        "canceled" => ProviderStatus.Cancelled,
        // `processing`, and whatever Stripe may think of: nothing is done until it is something that is known.
        _ => ProviderStatus.Processing,
    };

    private static ProviderRefund Of(StripeRefund refund) => new(
        refund.Status switch
        {
            "succeeded" => ProviderRefundStatus.Succeeded,
            "failed" or "canceled" => ProviderRefundStatus.Failed,
            _ => ProviderRefundStatus.Pending,
        },
        refund.Id,
        refund.Metadata?.GetValueOrDefault(RefundMark),
        refund.PaymentIntent,
        refund.Amount,
        refund.Currency.ToUpperInvariant(),
        refund.FailureReason);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Escape(string id) => Uri.EscapeDataString(id);
}
