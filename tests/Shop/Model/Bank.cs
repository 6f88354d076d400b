using Kontor.Foundation;
using Kontor.Shop.Payments;

namespace Kontor.Shop.Tests.Model;

/// <summary>A provider of card payments in memory, which answers at once, and between whose steps the process can die.</summary>
internal sealed class Bank : IOnlineProvider
{
    private sealed class Intent(Payment payment)
    {
        public Payment Payment => payment;

        public ProviderStatus Status { get; set; } = ProviderStatus.Open;

        public Dictionary<string, long> Refunds { get; } = [];

        public long CapturedMinor => Status == ProviderStatus.Captured ? payment.AmountMinor : 0;

        public ProviderPayment View => new(
            Status, payment.Id, $"intent-{payment.Id}", payment.Id, payment.AmountMinor, payment.Currency, CapturedMinor,
            Refunds.Values.Sum(), Url: $"https://bank.example/{payment.Id}");
    }

    public const string ProviderName = "bank";

    private readonly Dictionary<string, Intent> _intents = [];

    public string Name => ProviderName;

    public string Method => "card";

    public (long Min, long Max) AmountMinor => (1, 99_999_999);

    public string? PageOrigin => null;

    /// <summary>Once, where the process dies next.</summary>
    public Point? Crash { get; set; }

    /// <summary>What the buyer does there; nothing where that cannot be done.</summary>
    public void Do(string orderId, AtBank what)
    {
        if (Find(orderId) is not { } intent) return;
        intent.Status = (what, intent.Status) switch
        {
            (AtBank.Authorises, ProviderStatus.Open) => ProviderStatus.Authorised,
            (AtBank.Hesitates, ProviderStatus.Open) => ProviderStatus.Processing,
            (AtBank.Pays, ProviderStatus.Processing) => ProviderStatus.Captured,
            (_, var status) => status,
        };
    }

    /// <summary>What it keeps of the buyer's money for us.</summary>
    public long KeptMinor(string orderId) => Find(orderId) is { } intent ? intent.CapturedMinor - intent.Refunds.Values.Sum() : 0;

    /// <summary>The buyer's money is still set aside.</summary>
    public bool SetsAside(string orderId) => Find(orderId)?.Status is ProviderStatus.Authorised;

    public Task<ProviderPayment> Start(PaymentRequest request, CancellationToken ct)
    {
        if (!_intents.TryGetValue(request.Payment.Id, out var intent)) _intents[request.Payment.Id] = intent = new(request.Payment);
        return Task.FromResult(intent.View);
    }

    public Task<ProviderPayment> Find(string reference, CancellationToken ct)
    {
        Reach(Point.AfterFind);
        return Task.FromResult(_intents.TryGetValue(reference, out var intent) ? intent.View : ProviderPayment.None);
    }

    public Task<ProviderPayment> Capture(Payment payment, CancellationToken ct) => Change(
        payment, Point.BeforeCapture, Point.AfterCapture, ProviderStatus.Captured, from: [ProviderStatus.Authorised]);

    public Task Cancel(Payment payment, ProviderPayment theirs, CancellationToken ct) => Change(
        payment, Point.BeforeCancel, Point.AfterCancel, ProviderStatus.Cancelled, from: [ProviderStatus.Open, ProviderStatus.Authorised]);

    public Task<ProviderRefund> Refund(Payment payment, Refund refund, string mark, CancellationToken ct)
    {
        Reach(Point.BeforeRefund);
        var intent = _intents[payment.Id];
        // It has forgotten the key, as providers do after a day: whoever asks twice is paid twice.
        var again = intent.Refunds.ContainsKey(refund.Id) ? $" again {intent.Refunds.Count}" : "";
        intent.Refunds.Add(refund.Id + again, refund.AmountMinor);
        Reach(Point.AfterRefund);
        return Task.FromResult(new ProviderRefund(ProviderRefundStatus.Succeeded, refund.Id, refund.Id));
    }

    public Task<ProviderRefund?> FindRefund(Payment payment, Refund refund, CancellationToken ct) =>
        Task.FromResult(_intents[payment.Id].Refunds.ContainsKey(refund.Id)
            ? new ProviderRefund(ProviderRefundStatus.Succeeded, refund.Id, refund.Id)
            : null);

    public IAsyncEnumerable<ProviderPayment> Payments(string mark, long since, CancellationToken ct) => throw new NotSupportedException();

    public IAsyncEnumerable<ProviderRefund> Refunds(string mark, long since, CancellationToken ct) => throw new NotSupportedException();

    public Outcome<ProviderNotice> Read(string? signature, byte[] body) => throw new NotSupportedException();

    private Intent? Find(string orderId) => _intents.Values.FirstOrDefault(intent => intent.Payment.OrderId == orderId);

    private Task<ProviderPayment> Change(Payment payment, Point before, Point after, ProviderStatus to, ProviderStatus[] from)
    {
        Reach(before);
        var intent = _intents[payment.Id];
        if (!from.Contains(intent.Status)) throw new ProviderException(isRefusal: true, "unexpected-state", "Not from there.");
        intent.Status = to;
        Reach(after);
        return Task.FromResult(intent.View);
    }

    private void Reach(Point point)
    {
        if (Crash != point) return;
        Crash = null;
        throw new CrashException();
    }
}
