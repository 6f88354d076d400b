using System.Text.Json;
using Kontor.Foundation;

namespace Kontor.Shop.Payments;

/// <summary>How far one attempt to pay an order has come, on our side. What follows from it is in <see cref="PaymentSteps"/>.</summary>
internal enum PaymentState
{
    /// <summary>Written down; the provider may have been asked, and nobody has been told where to pay.</summary>
    New,

    /// <summary>The buyer was told where to pay.</summary>
    Open,

    /// <summary>The money is authorised and the pieces are sold; the money is to be taken.</summary>
    Capturing,

    /// <summary>The money paid the order.</summary>
    Captured,

    /// <summary>The order ended without it; whatever money comes, or came, goes back.</summary>
    Releasing,

    /// <summary>Nothing came of it, or all of it went back.</summary>
    Closed,
}

/// <summary>A payment's row.</summary>
/// <param name="Reference">By which the provider finds it.</param>
/// <param name="Intent">By which the provider moves its money.</param>
/// <param name="Url">Where the buyer pays.</param>
/// <param name="RefundingMinor">What was promised back; <paramref name="RefundedMinor"/> of it has been paid.</param>
/// <param name="DueAt">When it is to be looked at next; null when nothing is owed by anybody.</param>
/// <param name="ChangedAt">Since when it has been in this state.</param>
internal sealed record Payment(
    string Id,
    string OrderId,
    string Provider,
    string State,
    long AmountMinor,
    string Currency,
    string? Reference,
    string? Intent,
    string? Url,
    long CapturedMinor,
    long RefundingMinor,
    long RefundedMinor,
    string? LastError,
    long? DueAt,
    long CreatedAt,
    long ChangedAt)
{
    public const string Columns = """
        id, order_id, provider, state, amount_minor, currency, reference, intent, url,
        captured_minor, refunding_minor, refunded_minor, last_error, due_at, created_at, changed_at
        """;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such payment.");

    public PaymentState Stage => Enum.Parse<PaymentState>(State, ignoreCase: true);

    public Money Amount => new(AmountMinor, Currency);

    /// <summary>What can still be promised back.</summary>
    public long RefundableMinor => CapturedMinor - RefundingMinor;

    /// <summary>Some provider, or some person, has yet to pay back.</summary>
    public bool OwesRefund => RefundingMinor > RefundedMinor;

    public static string Text(PaymentState state) => JsonNamingPolicy.KebabCaseLower.ConvertName(state.ToString());
}

/// <summary>How far a refund has come.</summary>
public enum RefundStatus
{
    /// <summary>It is being paid back, by itself.</summary>
    Pending,

    /// <summary>A person has to transfer the money, and says so when it is done.</summary>
    Manual,

    Succeeded,
}

/// <summary>A refund's row.</summary>
/// <param name="Attempts">How often the provider was asked; the first time nothing can have been paid yet.</param>
/// <param name="Refusals">How often it said no: each makes a new key, because a provider repeats its answer to a key.</param>
internal sealed record Refund(
    string Id,
    string PaymentId,
    string OrderId,
    long AmountMinor,
    string Currency,
    string State,
    string? Reason,
    string Actor,
    string? Reference,
    long Attempts,
    long Refusals,
    string? LastError,
    long CreatedAt)
{
    public const string Columns = """
        id, payment_id, order_id, amount_minor, currency, state, reason, actor, reference, attempts, refusals, last_error, created_at
        """;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such refund.");

    public RefundStatus Stage => Enum.Parse<RefundStatus>(State, ignoreCase: true);

    public Money Amount => new(AmountMinor, Currency);
}
