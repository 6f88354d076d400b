namespace Kontor.Shop.Payments;

// What is read of Stripe's objects, under Stripe's names in snake case. Amounts are in minor units, times in seconds since 1970.

/// <summary>The page on which a buyer pays. https://docs.stripe.com/api/checkout/sessions/object</summary>
/// <param name="Status">`open`, `complete` or `expired`.</param>
/// <param name="PaymentIntent">Expanded; null before the buyer first tried to pay.</param>
internal sealed record StripeSession(
    string Id, string? Url, string? Status, long? AmountTotal, string? Currency, StripeIntent? PaymentIntent,
    Dictionary<string, string>? Metadata);

/// <summary>https://docs.stripe.com/api/payment_intents/object</summary>
/// <param name="LatestCharge">Expanded; null before money moved.</param>
internal sealed record StripeIntent(
    string Id, string Status, long Amount, long AmountReceived, string Currency, StripeCharge? LatestCharge,
    StripeError? LastPaymentError, Dictionary<string, string>? Metadata);

/// <summary>https://docs.stripe.com/api/charges/object</summary>
internal sealed record StripeCharge(string Id, long AmountRefunded, bool Disputed);

/// <summary>https://docs.stripe.com/api/refunds/object</summary>
/// <param name="Status">`pending`, `requires_action`, `succeeded`, `failed` or `canceled`.</param>
internal sealed record StripeRefund(
    string Id, string? Status, long Amount, string Currency, string? PaymentIntent, string? FailureReason,
    Dictionary<string, string>? Metadata);

/// <summary>https://docs.stripe.com/api/pagination</summary>
internal sealed record StripeList<T>(IReadOnlyList<T> Data, bool HasMore);

/// <summary>https://docs.stripe.com/api/errors</summary>
internal sealed record StripeError(string? Type, string? Code, string? DeclineCode, string? Message);

internal sealed record StripeFailure(StripeError? Error);
