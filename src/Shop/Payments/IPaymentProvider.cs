using Kontor.Foundation;

namespace Kontor.Shop.Payments;

/// <summary>Somebody through whom money comes and goes back. Which one took a payment is stored with it, by its name.</summary>
internal interface IPaymentProvider
{
    /// <summary>Stable, for instance `stripe`.</summary>
    string Name { get; }

    /// <summary>What the buyer chooses: `card` or `invoice`. One provider is offered for each.</summary>
    string Method { get; }

    /// <summary>
    /// Pays back. Asking again with the same key never pays twice; a provider that forgets keys is asked only after
    /// <see cref="IOnlineProvider.FindRefund"/> found nothing.
    /// </summary>
    /// <exception cref="ProviderException">It refused, or nobody knows whether it did.</exception>
    Task<ProviderRefund> Refund(Payment payment, Refund refund, string mark, CancellationToken ct);
}

/// <summary>
/// A provider that is called over a network. It holds one intent for each payment: the buyer authorises it at the provider's own page, and
/// the shop then captures the money or lets it go. Every call may be repeated; none is made within a transaction.
/// </summary>
internal interface IOnlineProvider : IPaymentProvider
{
    /// <summary>The least and the most, in minor units, that can be paid this way.</summary>
    (long Min, long Max) AmountMinor { get; }

    /// <summary>Scheme, host and port of the page to which buyers are sent; null when it is of this server.</summary>
    string? PageOrigin { get; }

    /// <summary>Begins an intent; the same payment always begins the same one.</summary>
    Task<ProviderPayment> Start(PaymentRequest request, CancellationToken ct);

    /// <summary>How the intent stands; <see cref="ProviderStatus.Unknown"/> when the provider has none with this reference.</summary>
    Task<ProviderPayment> Find(string reference, CancellationToken ct);

    /// <summary>Takes the money that was authorised.</summary>
    Task<ProviderPayment> Capture(Payment payment, CancellationToken ct);

    /// <summary>Lets go of what was authorised, or keeps the buyer from authorising it any more.</summary>
    Task Cancel(Payment payment, ProviderPayment theirs, CancellationToken ct);

    /// <summary>The refund that was made for ours, by the mark that it carries; null when there is none.</summary>
    Task<ProviderRefund?> FindRefund(Payment payment, Refund refund, CancellationToken ct);

    /// <summary>All intents with this mark that began since, in any order.</summary>
    /// <param name="since">Milliseconds since 1970.</param>
    IAsyncEnumerable<ProviderPayment> Payments(string mark, long since, CancellationToken ct);

    /// <summary>All refunds with this mark that were made since, in any order; those that were made elsewhere have none.</summary>
    /// <param name="since">Milliseconds since 1970.</param>
    IAsyncEnumerable<ProviderRefund> Refunds(string mark, long since, CancellationToken ct);

    /// <summary>What a webhook tells, once its signature has been checked.</summary>
    Outcome<ProviderNotice> Read(string? signature, byte[] body);
}

/// <summary>What a provider has to know to ask a buyer for money.</summary>
/// <param name="Mark">Tells this shop's payments from those of other systems on the same account.</param>
/// <param name="Title">What the buyer reads there, for instance `Order K-2026-000042`.</param>
/// <param name="Email">Filled in for the buyer; null to let them type it.</param>
/// <param name="ExpiresAt">Milliseconds since 1970; afterwards nobody can pay any more.</param>
/// <param name="ReturnUrl">Where the buyer comes back to, whatever came of it.</param>
internal sealed record PaymentRequest(
    Payment Payment, string Mark, string Title, string? Email, string Language, long ExpiresAt, string ReturnUrl);

/// <summary>How far an intent has come, at its provider.</summary>
internal enum ProviderStatus
{
    /// <summary>The provider has no such intent.</summary>
    Unknown,

    /// <summary>The buyer has yet to authorise it.</summary>
    Open,

    /// <summary>A bank is at work on it; nobody can hasten or stop it.</summary>
    Processing,

    /// <summary>The money is set aside for us, and not ours yet.</summary>
    Authorised,

    /// <summary>The money is ours.</summary>
    Captured,

    /// <summary>No money will come of it any more.</summary>
    Cancelled,
}

/// <summary>An intent as its provider has it.</summary>
/// <param name="Reference">By which it is found; null in a list that has none.</param>
/// <param name="Intent">By which money is captured and paid back; null before the buyer has been there.</param>
/// <param name="PaymentId">Ours, as it was sent along.</param>
/// <param name="Url">Where the buyer authorises it; null when there is nothing to do.</param>
/// <param name="Error">Why the buyer's last attempt failed, as the provider's code.</param>
internal sealed record ProviderPayment(
    ProviderStatus Status,
    string? Reference = null,
    string? Intent = null,
    string? PaymentId = null,
    long AmountMinor = 0,
    string Currency = "",
    long CapturedMinor = 0,
    long RefundedMinor = 0,
    bool IsDisputed = false,
    string? Url = null,
    string? Error = null)
{
    public static readonly ProviderPayment None = new(ProviderStatus.Unknown);

    /// <summary>Money of a buyer that the provider keeps for us.</summary>
    public long KeptMinor => CapturedMinor - RefundedMinor;

    /// <summary>It is about the money that the payment is about.</summary>
    public bool Has(Payment payment) => AmountMinor == payment.AmountMinor && Currency == payment.Currency;
}

internal enum ProviderRefundStatus
{
    Pending,
    Succeeded,

    /// <summary>The provider could not pay it out, now or after it had said that it did: a closed account, for instance.</summary>
    Failed,

    /// <summary>Money that no machine pays back: a person transfers it.</summary>
    Manual,
}

/// <summary>A refund as its provider has it.</summary>
/// <param name="RefundId">Ours, as it was sent along; null when it was made elsewhere.</param>
internal sealed record ProviderRefund(
    ProviderRefundStatus Status,
    string? Reference = null,
    string? RefundId = null,
    string? Intent = null,
    long AmountMinor = 0,
    string Currency = "",
    string? Error = null);

/// <summary>Something happened to an intent. What, is asked of the provider, so that late and reordered notices do no harm.</summary>
/// <param name="ObjectId">What it happened to, as the provider calls it.</param>
/// <param name="PaymentId">Ours, where the provider says it.</param>
/// <param name="CreatedAt">Milliseconds since 1970.</param>
internal sealed record ProviderNotice(
    string EventId, string Type, string ObjectId, string? PaymentId, string? Reference, string? Intent, long CreatedAt);

/// <summary>A provider did not do what it was asked for.</summary>
/// <param name="isRefusal">It said no, so that it was not done; otherwise nobody knows, and asking again is right.</param>
/// <param name="code">The provider's, for logs and for admins.</param>
internal sealed class ProviderException(bool isRefusal, string code, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public bool IsRefusal => isRefusal;

    public string Code => code;
}
