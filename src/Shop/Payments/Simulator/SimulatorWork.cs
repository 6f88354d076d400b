using System.Net.Http.Headers;
using System.Text;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Payments.Simulator;

/// <summary>Sends the simulated provider's webhooks until they are taken, and lets its slow banks answer.</summary>
internal sealed partial class SimulatorWork(
    Database database, Signals signals, SimulatedStripe stripe, SimulatorAccount account, TimeProvider time, ILogger<SimulatorWork> logger)
    : BackgroundService
{
    private const int Batch = 100;
    private const int AtOnce = 8;
    private const long LeaseMs = 15 * Clock.Second;

    /// <summary>With pauses that double, about as long as Stripe: three days.</summary>
    private const int AttemptsMax = 16;

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly SemaphoreSlim _work = new(1);

    public override void Dispose()
    {
        _http.Dispose();
        _work.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = signals.Subscribe(SimulatorStore.Signal, _ => Wake());
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _work.WaitAsync(TimeSpan.FromSeconds(1), stoppingToken);
                while (await DoSome(stoppingToken)) { }
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

    private void Wake()
    {
        if (_work.CurrentCount == 0) _work.Release();
    }

    private async Task<bool> DoSome(CancellationToken ct)
    {
        var now = time.NowMs();
        var isDue = await database.Read(
            tx => tx.First<bool>("SELECT EXISTS (SELECT 1 FROM shop_simulator_tasks WHERE due_at <= @now)", new { now }).AsTask(), ct);
        if (!isDue) return false;
        var taken = await database.Write(tx => tx.Query<SimulatorTask>($"""
            UPDATE shop_simulator_tasks SET due_at = @lease, attempts = attempts + 1
            WHERE id IN (
                SELECT id FROM shop_simulator_tasks
                WHERE due_at <= @now
                ORDER BY due_at, id
                LIMIT {Batch} {tx.Dialect.ForUpdateSkipLocked})
            RETURNING id, kind, subject, body, attempts
            """, new { now, lease = now + LeaseMs }).AsTask(), ct);
        await Parallel.ForEachAsync(taken, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct },
            async (task, token) => await Do(task, token));
        return taken.Count > 0;
    }

    private async Task Do(SimulatorTask task, CancellationToken ct)
    {
        if (task.Kind == SimulatorTask.Bank) await database.Write(tx => stripe.Arrive(tx, task.Subject), ct);
        else if (!await Send(task, ct) && task.Attempts < AttemptsMax)
        {
            var dueAt = time.NowMs() + (Clock.Second << (int)task.Attempts);
            await database.Write(tx => tx.Execute(
                "UPDATE shop_simulator_tasks SET due_at = @dueAt WHERE id = @id", new { id = task.Id, dueAt }).AsTask(), ct);
            return;
        }

        await database.Write(
            tx => tx.Execute("DELETE FROM shop_simulator_tasks WHERE id = @id", new { id = task.Id }).AsTask(), ct);
    }

    private async Task<bool> Send(SimulatorTask task, CancellationToken ct)
    {
        var body = Encoding.UTF8.GetBytes(task.Body);
        var now = time.NowMs() / Clock.Second;
        var signature = Convert.ToHexStringLower(StripeSignature.Sign(account.Account.WebhookSecrets[0], now, body));
        using var request = new HttpRequestMessage(HttpMethod.Post, account.Webhooks());
        request.Headers.Add(StripeSignature.Header, $"t={now},v1={signature}");
        request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        try
        {
            using var answer = await _http.SendAsync(request, ct);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (!ct.IsCancellationRequested && exception is HttpRequestException or OperationCanceledException)
        {
            LogNotTaken(task.Subject, exception.Message);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The simulated webhook {Type} was not taken ({Error}); it will be sent again")]
    private partial void LogNotTaken(string type, string error);

    [LoggerMessage(Level = LogLevel.Error, Message = "The simulated provider could not do its work; the next round tries again")]
    private partial void LogUnable(Exception exception);
}
