using Kontor.Foundation;

namespace Kontor.Shop.Payments;

/// <summary>The providers of this installation: invoice always, and one that takes cards where one is configured.</summary>
internal sealed class PaymentProviders(IEnumerable<IPaymentProvider> providers)
{
    public static readonly Problem Unavailable = new(503, "payment-unavailable", "The payment service does not answer at the moment.");
    public static readonly Problem AmountRefused = new(409, "payment-amount", "This amount cannot be paid this way.");

    private readonly IPaymentProvider[] _all = [.. providers];

    public IEnumerable<IOnlineProvider> Online => _all.OfType<IOnlineProvider>();

    /// <summary>Those of whose payments this installation can look after.</summary>
    public string[] Names => [.. _all.Select(provider => provider.Name)];

    /// <summary>What a buyer may choose.</summary>
    public bool Offers(string method) => For(method) is not null;

    /// <summary>Through whom the buyer pays who chose this; null when it is not offered.</summary>
    public IPaymentProvider? For(string method) => Array.Find(_all, provider => provider.Method == method);

    /// <summary>Who took an earlier payment; null when that provider is not configured any more.</summary>
    public IPaymentProvider? Find(string name) => Array.Find(_all, provider => provider.Name == name);

    public static Problem? RefuseAmount(IPaymentProvider provider, long minor) =>
        provider is IOnlineProvider { AmountMinor: var (min, max) } && (minor < min || minor > max) ? AmountRefused : null;
}

/// <summary>
/// The buyer pays by transfer before anything is sent. Whoever sees the money on the bank's statement says so, and money that goes back is
/// transferred by a person as well.
/// </summary>
internal sealed class InvoiceProvider : IPaymentProvider
{
    public string Name => PaymentMethods.Invoice;

    public string Method => PaymentMethods.Invoice;

    public Task<ProviderRefund> Refund(Payment payment, Refund refund, string mark, CancellationToken ct) =>
        Task.FromResult(new ProviderRefund(ProviderRefundStatus.Manual));
}
