using System.Collections.Concurrent;
using System.Globalization;
using Kontor.Accounts.Tokens;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.Sessions;

/// <summary>
/// What was revoked while an access token may still be alive, in every node's memory: asking costs no I/O. It is loaded before the node is
/// ready, told to the others as it happens, and looked for twice a second in case a message was lost. A node that cannot look any more
/// goes on with what it knows, but not for administrators.
/// </summary>
internal sealed partial class Revocations(ISessions sessions, Signals signals, TimeProvider time, ILogger<Revocations> logger)
    : BackgroundService, IWarmUp
{
    public const string Channel = "accounts.revoked";

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(0.5);

    /// <summary>How much of the past a usual look covers: transactions that were long, and nodes whose clocks differ.</summary>
    private const long RecentMs = 2 * Clock.Minute;

    private static readonly TimeSpan OutOfTouchAfter = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan AllEvery = TimeSpan.FromSeconds(30);

    /// <summary>As long as an access token is taken, and a minute for nodes whose clocks differ more than they should.</summary>
    private const long KeepMs = (AccessTokens.LifetimeSeconds + AccessTokens.LeewaySeconds) * Clock.Second + Clock.Minute;

    /// <summary>What a node that starts looks back for: a clock that is wrong then may be set right later.</summary>
    private const long KeepAtStartMs = Clock.Day;

    // With when this node was told, by what no one can set.
    private readonly ConcurrentDictionary<string, (long Below, long ToldAt)> _known = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private IDisposable? _subscription;

    // When all of it was read last: by the clock, and by what no one can set. And when this node looked last.
    private long _readAt, _readAtTicks, _lookedAtTicks;

    public static string Message(string id, long below) => string.Create(CultureInfo.InvariantCulture, $"{id} {below}");

    /// <summary>For so long nobody could tell this node that a role or a session had ended.</summary>
    public bool IsOutOfTouch => time.GetElapsedTime(Volatile.Read(ref _lookedAtTicks)) > OutOfTouchAfter;

    public bool Cover(AccessToken token) =>
        _known.ContainsKey(token.Session) || (_known.TryGetValue(token.User, out var revoked) && token.Rights < revoked.Below);

    public async Task WarmUp(CancellationToken ct)
    {
        // Listens first and reads then, so that nothing falls in between.
        _subscription ??= signals.Subscribe(Channel, Hear);
        signals.Lost += Wake;
        await LoadAll(KeepAtStartMs, ct);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var isLost = await _wake.WaitAsync(PollEvery, stoppingToken);
                if (isLost || time.GetElapsedTime(_readAtTicks) > AllEvery || IsClockSet()) await LoadAll(KeepMs, stoppingToken);
                else await Load(time.NowMs() - RecentMs, stoppingToken);
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

    private void Hear(string message)
    {
        var parts = message.Split(' ');
        Add(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    /// <summary>After a clock was set back, tokens are alive again whose revocations were forgotten.</summary>
    private bool IsClockSet() =>
        Math.Abs(time.NowMs() - _readAt - time.GetElapsedTime(_readAtTicks).TotalMilliseconds) > RecentMs / 2;

    private async Task LoadAll(long keepMs, CancellationToken ct)
    {
        var (now, ticks) = (time.NowMs(), time.GetTimestamp());
        await Load(now - keepMs, ct);
        foreach (var revoked in _known)
        {
            if (time.GetElapsedTime(revoked.Value.ToldAt).TotalMilliseconds > KeepMs) _known.TryRemove(revoked);
        }

        (_readAt, _readAtTicks) = (now, ticks);
    }

    private async Task Load(long since, CancellationToken ct)
    {
        var ticks = time.GetTimestamp();
        foreach (var revoked in await sessions.RevokedSince(since, ct)) Add(revoked.Id, revoked.Below);
        Volatile.Write(ref _lookedAtTicks, ticks);
    }

    /// <summary>Messages and rows may come in any order; the one that refuses more is the newer.</summary>
    private void Add(string id, long below)
    {
        var toldAt = time.GetTimestamp();
        _known.AddOrUpdate(id, (below, toldAt), (_, known) => (Math.Max(below, known.Below), toldAt));
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

    [LoggerMessage(Level = LogLevel.Warning, Message = "The revocations could not be read; this is tried again in half a second")]
    private partial void LogUnable(Exception exception);
}
