using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Shop.Orders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Payments;

/// <summary>
/// Looks at payments that are due: at once when a webhook or an order's end says so, and by itself, ever less often, in case a webhook was
/// lost or a process died between two steps. Ends orders whose time to be paid is over. Any number of nodes may do so at once: a payment is
/// taken for a while, and falls due again if its node dies.
/// </summary>
internal sealed partial class PaymentSweep(
    Database database, Signals signals, Settlement settlement, OrderBook orders, PaymentProviders providers,
    IOptions<PaymentOptions> options, TimeProvider time, ILogger<PaymentSweep> logger) : BackgroundService
{
    private const int Batch = 50;
    private const int AtOnce = 8;
    /// <summary>Should it not be enough for a slow provider, another node begins as well, which does no harm.</summary>
    private const long LeaseMs = 20 * Clock.Second;
    private const long PauseMsMin = 10 * Clock.Second;
    private const long PauseMsMax = 10 * Clock.Minute;

    private readonly SemaphoreSlim _work = new(1);

    public override void Dispose()
    {
        _work.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = signals.Subscribe(PaymentBook.Signal, _ => Wake());
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Signals may be lost, so it also looks by itself.
                await _work.WaitAsync(TimeSpan.FromSeconds(options.Value.PollSeconds), stoppingToken);
                await Run(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogUnable(exception);
            }
        }
    }

    /// <summary>Ends what is overdue, and looks at everything that is due.</summary>
    internal async Task Run(CancellationToken ct)
    {
        await Expire(ct);
        while (await LookAtSome(ct)) { }
    }

    private void Wake()
    {
        if (_work.CurrentCount == 0) _work.Release();
    }

    private async Task Expire(CancellationToken ct)
    {
        while (true)
        {
            var overdue = await database.Read(tx => orders.Unpaid(tx, Batch).AsTask(), ct);
            foreach (var id in overdue) await database.Write(tx => orders.Expire(tx, id), ct);
            if (overdue.Count < Batch) return;
        }
    }

    private async Task<bool> LookAtSome(CancellationToken ct)
    {
        var (now, names) = (time.NowMs(), providers.Names);
        // Looking costs no write when there is nothing to do.
        if (!await database.Read(tx => AnyDue(tx, now, names), ct)) return false;
        var lease = now + LeaseMs;
        var taken = await database.Write(tx => Take(tx, now, lease, names), ct);
        await Parallel.ForEachAsync(taken, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (id, token) => await LookAt(id, lease, token));
        return taken.Count > 0;
    }

    private static Task<bool> AnyDue(Tx tx, long now, string[] names) => tx.First<bool>($"""
        SELECT EXISTS (SELECT 1 FROM shop_payments WHERE due_at <= @now AND provider {tx.Dialect.In("names")})
        """, new { now, names }).AsTask();

    private static Task<List<string>> Take(Tx tx, long now, long lease, string[] names) => tx.Query<string>($"""
        UPDATE shop_payments SET due_at = @lease
        WHERE id IN (
            SELECT id FROM shop_payments
            WHERE due_at <= @now AND provider {tx.Dialect.In("names")}
            ORDER BY due_at
            LIMIT {Batch} {tx.Dialect.ForUpdateSkipLocked})
        RETURNING id
        """, new { now, lease, names }).AsTask();

    private async Task LookAt(string id, long lease, CancellationToken ct)
    {
        Payment? payment = null;
        try
        {
            payment = await settlement.Settle(id, ct);
        }
        catch (ProviderException exception)
        {
            LogNoAnswer(id, exception.Code);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            LogFailed(id, exception);
        }

        payment ??= await database.Read(tx => PaymentBook.Find(tx, id).AsTask(), ct);
        // Whoever woke it meanwhile has written another time, and is not overheard.
        await database.Write(tx => tx.Execute(
            "UPDATE shop_payments SET due_at = @next WHERE id = @id AND due_at = @lease",
            new { id, lease, next = NextLook(payment!) }).AsTask(), ct);
    }

    /// <summary>
    /// After half of the time that it has been like this, so that a long wait costs few questions; null when nothing is owed.
    /// </summary>
    private long? NextLook(Payment payment)
    {
        var waits = payment.Stage is PaymentState.Open or PaymentState.Capturing or PaymentState.Releasing;
        if (!waits && !payment.OwesRefund) return null;
        var now = time.NowMs();
        return now + Math.Clamp((now - payment.ChangedAt) / 2, PauseMsMin, PauseMsMax);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The provider could not be asked about payment {PaymentId}: {Code}")]
    private partial void LogNoAnswer(string paymentId, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "Payment {PaymentId} could not be settled; it will be tried again")]
    private partial void LogFailed(string paymentId, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Due payments could not be looked at; the next round tries again")]
    private partial void LogUnable(Exception exception);
}
