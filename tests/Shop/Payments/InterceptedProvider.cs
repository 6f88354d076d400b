using System.Runtime.CompilerServices;
using Kontor.Foundation;
using Kontor.Shop.Payments;
using Kontor.Shop.Payments.Simulator;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Tests;

/// <summary>A point between two steps, where a test does something else: before the provider is asked, or after it has answered.</summary>
public enum Point
{
    BeforeStart,
    AfterStart,
    BeforeFind,
    AfterFind,
    BeforeCapture,
    AfterCapture,
    BeforeCancel,
    AfterCancel,
    BeforeRefund,
    AfterRefund,
}

/// <summary>The process ends here, as far as the flow that was under way can tell.</summary>
public sealed class CrashException() : Exception("The process is killed.");

/// <summary>The simulator's client, with points at which a rival gets in, or the process dies.</summary>
internal sealed class InterceptedProvider(IServiceProvider services) : IOnlineProvider
{
    private static readonly AsyncLocal<bool> IsMine = new();

    private readonly StripeProvider _inner = PaymentSetup.Stripe(
        services, SimulatorSetup.Name, services.GetRequiredService<SimulatorAccount>().Account, pageOrigin: null);

    private readonly List<(Point Point, string PaymentId, Func<Task> Action)> _actions = [];
    private volatile bool _isPaused;

    public string Name => _inner.Name;

    public string Method => _inner.Method;

    public (long Min, long Max) AmountMinor => _inner.AmountMinor;

    public string? PageOrigin => _inner.PageOrigin;

    /// <summary>How often the provider was asked for each thing, by all.</summary>
    public int Captures { get; private set; }

    /// <summary>Once, when this payment comes to the point.</summary>
    public void At(Point point, string paymentId, Func<Task> action)
    {
        lock (_actions) _actions.Add((point, paymentId, action));
    }

    /// <summary>Until it is disposed, the provider answers the caller alone, so that nobody else takes a step meanwhile.</summary>
    public IDisposable OnlyMe()
    {
        _isPaused = true;
        IsMine.Value = true;
        return new Pause(this);
    }

    public async Task<ProviderPayment> Start(PaymentRequest request, CancellationToken ct)
    {
        await Reach(Point.BeforeStart, request.Payment.Id);
        var theirs = await _inner.Start(request, ct);
        await Reach(Point.AfterStart, request.Payment.Id);
        return theirs;
    }

    public async Task<ProviderPayment> Find(string reference, CancellationToken ct)
    {
        RefuseOthers();
        var theirs = await _inner.Find(reference, ct);
        await Reach(Point.AfterFind, theirs.PaymentId ?? "");
        return theirs;
    }

    public async Task<ProviderPayment> Capture(Payment payment, CancellationToken ct)
    {
        await Reach(Point.BeforeCapture, payment.Id);
        Captures++;
        var theirs = await _inner.Capture(payment, ct);
        await Reach(Point.AfterCapture, payment.Id);
        return theirs;
    }

    public async Task Cancel(Payment payment, ProviderPayment theirs, CancellationToken ct)
    {
        await Reach(Point.BeforeCancel, payment.Id);
        await _inner.Cancel(payment, theirs, ct);
        await Reach(Point.AfterCancel, payment.Id);
    }

    public async Task<ProviderRefund> Refund(Payment payment, Refund refund, string mark, CancellationToken ct)
    {
        await Reach(Point.BeforeRefund, payment.Id);
        var theirs = await _inner.Refund(payment, refund, mark, ct);
        await Reach(Point.AfterRefund, payment.Id);
        return theirs;
    }

    public Task<ProviderRefund?> FindRefund(Payment payment, Refund refund, CancellationToken ct)
    {
        RefuseOthers();
        return _inner.FindRefund(payment, refund, ct);
    }

    public async IAsyncEnumerable<ProviderPayment> Payments(string mark, long since, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var payment in _inner.Payments(mark, since, ct)) yield return payment;
    }

    public async IAsyncEnumerable<ProviderRefund> Refunds(string mark, long since, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var refund in _inner.Refunds(mark, since, ct)) yield return refund;
    }

    public Outcome<ProviderNotice> Read(string? signature, byte[] body) => _inner.Read(signature, body);

    private async Task Reach(Point point, string paymentId)
    {
        RefuseOthers();
        Func<Task>? action = null;
        lock (_actions)
        {
            var found = _actions.FindIndex(one => one.Point == point && one.PaymentId == paymentId);
            if (found >= 0)
            {
                action = _actions[found].Action;
                _actions.RemoveAt(found);
            }
        }

        if (action is not null) await action();
    }

    private void RefuseOthers()
    {
        if (_isPaused && !IsMine.Value) throw new ProviderException(isRefusal: false, "paused", "The test is alone with the provider.");
    }

    private sealed class Pause(InterceptedProvider provider) : IDisposable
    {
        public void Dispose()
        {
            provider._isPaused = false;
            IsMine.Value = false;
        }
    }
}
