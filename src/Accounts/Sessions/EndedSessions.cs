using System.Collections.Concurrent;
using Kontor.Accounts.Tokens;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.Sessions;

/// <summary>
/// The sessions that ended while one of their access tokens may still be alive, in every node's memory: asking costs no I/O. They are
/// loaded before the node is ready, told to the others as they happen, and read again every two seconds in case a message was lost.
/// </summary>
internal sealed partial class EndedSessions(ISessions sessions, Signals signals, TimeProvider time, ILogger<EndedSessions> logger)
    : BackgroundService, IWarmUp
{
    public const string Channel = "accounts.session-ended";

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(2);

    /// <summary>As long as an access token is taken, and a minute for nodes whose clocks differ more than they should.</summary>
    private const long KeepMs = (AccessTokens.LifetimeSeconds + AccessTokens.LeewaySeconds) * Clock.Second + Clock.Minute;

    private readonly ConcurrentDictionary<string, long> _ended = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private IDisposable? _subscription;

    public bool Contains(string session) => _ended.ContainsKey(session);

    public async Task WarmUp(CancellationToken ct)
    {
        // Listens first and reads then, so that nothing falls in between.
        _subscription ??= signals.Subscribe(Channel, session => _ended.TryAdd(session, time.NowMs()));
        signals.Lost += Wake;
        await Load(ct);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(PollEvery, stoppingToken);
                await Load(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogUnable(exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public override void Dispose()
    {
        signals.Lost -= Wake;
        _subscription?.Dispose();
        _wake.Dispose();
        base.Dispose();
    }

    private async Task Load(CancellationToken ct)
    {
        // All of them each time: after a clock that was set forward and back, tokens are alive again whose sessions were forgotten.
        var since = time.NowMs() - KeepMs;
        foreach (var ended in await sessions.EndedSince(since, ct)) _ended[ended.Id] = ended.EndedAt;
        foreach (var (id, endedAt) in _ended)
        {
            if (endedAt <= since) _ended.TryRemove(id, out _);
        }
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The ended sessions could not be read; this is tried again in two seconds")]
    private partial void LogUnable(Exception exception);
}
