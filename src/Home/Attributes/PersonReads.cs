using System.Diagnostics.Metrics;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Attributes;

/// <summary>
/// Waits for what the database knows of a person, and not for long: a feed without it is better than none. What was not read in time is
/// counted each time, logged once a second, and remembered by nobody.
/// </summary>
internal sealed partial class PersonReads(IOptions<HomeOptions> options, TimeProvider time, ILogger<PersonReads> logger)
{
    private static readonly Meter Meter = new("Kontor.Home");

    private static readonly Counter<long> Unread = Meter.CreateCounter<long>(
        "kontor.home.persons_unread", description: "Feeds that were made without something that the database knows of their person.");

    private readonly long _waitMs = options.Value.StoredWaitMs;
    private long _loggedAt = long.MinValue;

    /// <summary>Null when the database fails, or is slower than a reader of the feed would wait.</summary>
    /// <param name="reading">Shared by all who want the same; it goes on when this one no longer waits.</param>
    /// <param name="what">For the count and the log.</param>
    public ValueTask<T?> InTime<T>(Reading<T> reading, string what, CancellationToken ct)
        where T : class => reading.Value is { } known ? new(known) : Wait(reading.Answer, reading.Began, what, ct);

    public void Count(string what, Exception? exception)
    {
        Unread.Add(1, new KeyValuePair<string, object?>("what", what));
        var (now, last) = (time.NowMs(), Interlocked.Read(ref _loggedAt));
        if (now - Clock.Second < last && now >= last) return;
        if (Interlocked.CompareExchange(ref _loggedAt, now, last) == last) LogUnread(what, exception);
    }

    private async ValueTask<T?> Wait<T>(Task<T> reading, long began, string what, CancellationToken ct)
        where T : class
    {
        // A slow database delays the requests of the first moments, not each one as long as it is slow.
        var waitMs = Math.Clamp(began + _waitMs - time.NowMs(), 0, _waitMs);
        await ((Task)reading).WaitAsync(TimeSpan.FromMilliseconds(waitMs), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
        if (reading.IsCompletedSuccessfully) return await reading;
        Count(what, reading.Exception?.InnerException);
        return null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The {What} of a person could not be read in time; their feed is made without")]
    private partial void LogUnread(string what, Exception? exception);
}
