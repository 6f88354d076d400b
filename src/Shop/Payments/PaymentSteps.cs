namespace Kontor.Shop.Payments;

/// <summary>What is to be done next about a payment.</summary>
internal enum PaymentStep
{
    /// <summary>Somebody else is at work: the buyer, a bank, the provider. Look again later.</summary>
    Wait,

    /// <summary>The buyer has authorised it: sell the pieces, or let the money go when it is too late.</summary>
    Accept,

    /// <summary>Take the money.</summary>
    Capture,

    /// <summary>The money was taken: write it down; the order is paid.</summary>
    Book,

    /// <summary>The authorisation is gone before the money was taken: the order ends, its pieces are for sale again.</summary>
    Withdraw,

    /// <summary>Tell the provider to let go.</summary>
    Cancel,

    /// <summary>Money came for an order that ended: write down that it came, and promise it back.</summary>
    GiveBack,

    /// <summary>A payment that was over has money after all: give it back.</summary>
    Reopen,

    /// <summary>Nothing will come of it any more.</summary>
    Close,

    /// <summary>Both sides agree, and nothing is left to do.</summary>
    Done,
}

/// <summary>
/// The one table of what follows from our state and the provider's. It is asked after every event: a webhook, the buyer's return, the
/// sweep, a restart after a crash between any two steps. Each step is repeatable, so being asked twice, late or in another order changes
/// nothing. `-` cannot happen by the provider's rules; whatever it says then, no money moves, and the reconciliation shows it.
/// <code>
/// ours \ theirs  Unknown  Open     Processing  Authorised  Captured  Cancelled
/// New            Wait     Wait     Wait        Wait        Wait      Wait       nobody was told where to pay; ends with the order
/// Open           Wait     Wait     Wait        Accept      Accept    Close
/// Capturing      Wait -   Wait -   Wait        Capture     Book      Withdraw
/// Captured       Done -   Done -   Done -      Done -      Done      Done -
/// Releasing      Wait -   Cancel   Wait        Cancel      GiveBack  Close      GiveBack once, Wait until it is paid back, Close
/// Closed         Done     Reopen   Reopen      Reopen      Reopen    Done       Captured: Done when it was booked and paid back
/// </code>
/// </summary>
internal static class PaymentSteps
{
    /// <param name="isBooked">The money that the provider took is written down on our side.</param>
    /// <param name="owesRefund">Some of it has yet to be paid back.</param>
    public static PaymentStep Next(PaymentState ours, ProviderStatus theirs, bool isBooked, bool owesRefund) => (ours, theirs) switch
    {
        (PaymentState.New, _) => PaymentStep.Wait,

        (PaymentState.Open, ProviderStatus.Authorised or ProviderStatus.Captured) => PaymentStep.Accept,
        (PaymentState.Open, ProviderStatus.Cancelled) => PaymentStep.Close,
        (PaymentState.Open, _) => PaymentStep.Wait,

        (PaymentState.Capturing, ProviderStatus.Authorised) => PaymentStep.Capture,
        (PaymentState.Capturing, ProviderStatus.Captured) => PaymentStep.Book,
        (PaymentState.Capturing, ProviderStatus.Cancelled) => PaymentStep.Withdraw,
        (PaymentState.Capturing, _) => PaymentStep.Wait,

        (PaymentState.Captured, _) => PaymentStep.Done,

        (PaymentState.Releasing, ProviderStatus.Open or ProviderStatus.Authorised) => PaymentStep.Cancel,
        (PaymentState.Releasing, ProviderStatus.Captured) when !isBooked => PaymentStep.GiveBack,
        (PaymentState.Releasing, ProviderStatus.Captured) => owesRefund ? PaymentStep.Wait : PaymentStep.Close,
        (PaymentState.Releasing, ProviderStatus.Cancelled) => PaymentStep.Close,
        (PaymentState.Releasing, _) => PaymentStep.Wait,

        (PaymentState.Closed, ProviderStatus.Unknown or ProviderStatus.Cancelled) => PaymentStep.Done,
        (PaymentState.Closed, ProviderStatus.Captured) when isBooked => PaymentStep.Done,
        (PaymentState.Closed, _) => PaymentStep.Reopen,
        _ => throw new ArgumentOutOfRangeException(nameof(ours)),
    };
}
