using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Home.Sources.Pulled;

/// <summary>
/// What is pulled, and whose turn it is. A call is claimed by a conditional write of its source's row, so the declared rate is that of all
/// nodes together, and no source is asked twice at a time.
/// </summary>
internal static class StoredPulls
{
    /// <summary>Raised with a source's name when it is to be looked at: declared, changed, or told that something is no longer
    /// true.</summary>
    public const string Signal = "home.pulls";

    public const string Bearer = "bearer";

    /// <summary>Beyond its timeout a call that has not told its end is believed to have died with its node.</summary>
    private const long LeaseGraceMs = 10 * Clock.Second;

    private const int CallsKept = 200;

    // Evenly, so that in no minute, whenever it begins, there are more.
    private const string RateHolds = "called_at + (60000 + calls_per_minute - 1) / calls_per_minute <= @now";

    private const string Columns = """
        source, url, interval_ms, calls_per_minute, timeout_ms, bytes_max, auth, secret, next_pull_at, called_at, leased_until,
        paused_until, etag, etag_at, succeeded_at, failed_at, failure, failures
        """;

    /// <param name="Secret">Sealed.</param>
    /// <param name="PausedUntil">Its breaker is open until then.</param>
    /// <param name="ETagAt">When what it belongs to was received; what came with it is renewed by a 304.</param>
    /// <param name="Failures">In a row.</param>
    public sealed record Pull(
        string Source, string Url, long IntervalMs, long CallsPerMinute, long TimeoutMs, long BytesMax, string Auth, string? Secret,
        long NextPullAt, long CalledAt, long LeasedUntil, long PausedUntil, string? ETag, long ETagAt, long? SucceededAt, long? FailedAt,
        string? Failure, long Failures)
    {
        public bool IsDeclaredAs(Pull other) =>
            (Url, IntervalMs, CallsPerMinute, TimeoutMs, BytesMax, Auth, Secret)
            == (other.Url, other.IntervalMs, other.CallsPerMinute, other.TimeoutMs, other.BytesMax, other.Auth, other.Secret);
    }

    public sealed record Call(string Source, long At, string? Outcome, long? TookMs, long? Bytes);

    private sealed record Count(string Source, long Calls);

    /// <summary>What is declared counts from now on, and its failures are counted anew; the rest that was seen of the source stays, and so
    /// does its turn.</summary>
    public static async Task Declare(Tx tx, string source, PullSettings settings, string? secret, long now)
    {
        await tx.Execute("""
            INSERT INTO home_pulls (source, url, interval_ms, calls_per_minute, timeout_ms, bytes_max, auth, secret, next_pull_at)
            VALUES (@source, @url, @intervalMs, @callsPerMinute, @timeoutMs, @bytesMax, @auth, @secret, @now)
            ON CONFLICT (source) DO UPDATE
            SET url = excluded.url, interval_ms = excluded.interval_ms, calls_per_minute = excluded.calls_per_minute,
                timeout_ms = excluded.timeout_ms, bytes_max = excluded.bytes_max, auth = excluded.auth, secret = excluded.secret,
                next_pull_at = excluded.next_pull_at, paused_until = 0, failures = 0, failure = NULL, etag = NULL
            """, new
        {
            source,
            url = settings.Url!,
            intervalMs = settings.IntervalSeconds * Clock.Second,
            callsPerMinute = (long)settings.CallsPerMinute,
            timeoutMs = (long)settings.TimeoutMs,
            bytesMax = (long)settings.MaxBytes,
            auth = NameOf(settings.Auth),
            secret,
            now,
        });
        tx.Signal(Signal, source);
    }

    public static async Task Remove(Tx tx, string source)
    {
        await tx.Execute("DELETE FROM home_pulls WHERE source = @source", new { source });
        await tx.Execute("DELETE FROM home_pull_calls WHERE source = @source", new { source });
        tx.Signal(Signal, source);
    }

    /// <summary>What the source showed is no longer true: it is asked as soon as its rate and its breaker allow.</summary>
    public static async Task Hasten(Tx tx, string source, long now)
    {
        var written = await tx.Execute("""
            UPDATE home_pulls SET next_pull_at = @now, etag = NULL
            WHERE source = @source AND next_pull_at > @now
            """, new { source, now });
        if (written > 0) tx.Signal(Signal, source);
    }

    public static ValueTask<Pull?> Find(Tx tx, string source) =>
        tx.First<Pull>($"SELECT {Columns} FROM home_pulls WHERE source = @source", new { source });

    public static ValueTask<List<Pull>> All(Tx tx) =>
        tx.Query<Pull>($"SELECT {Columns} FROM home_pulls ORDER BY source LIMIT {StoredSources.SourcesMax}");

    /// <summary>Those whose turn has come, as far as can be seen without claiming it.</summary>
    public static ValueTask<List<string>> Due(Tx tx, long now) => tx.Query<string>($"""
        SELECT source FROM home_pulls
        WHERE next_pull_at <= @now AND leased_until <= @now AND paused_until <= @now AND {RateHolds}
        ORDER BY next_pull_at
        LIMIT {StoredSources.SourcesMax}
        """, new { now });

    /// <summary>Takes a source's turn; null when it is not yet, or somebody else was quicker.</summary>
    /// <param name="early">Somebody tries it: the interval need not have passed, the declared rate must.</param>
    public static async Task<Pull?> Claim(Tx tx, string source, bool early, long now)
    {
        var pull = await tx.First<Pull>($"""
            UPDATE home_pulls
            SET called_at = @now, leased_until = @now + timeout_ms + {LeaseGraceMs},
                next_pull_at = CASE WHEN next_pull_at <= @now THEN @now + interval_ms ELSE next_pull_at END
            WHERE source = @source AND (next_pull_at <= @now OR @early) AND leased_until <= @now AND (paused_until <= @now OR @early)
              AND {RateHolds}
            RETURNING {Columns}
            """, new { source, early, now });
        if (pull is null) return null;
        await tx.Execute("INSERT INTO home_pull_calls (source, at) VALUES (@source, @now)", new { source, now });
        await tx.Execute($"""
            DELETE FROM home_pull_calls
            WHERE source = @source AND at < (
                SELECT MIN(at) FROM (SELECT at FROM home_pull_calls WHERE source = @source ORDER BY at DESC LIMIT {CallsKept}) AS latest)
            """, new { source });
        // "Nothing has changed" would be no answer where something has ended meanwhile: then all of it is asked for.
        var ended = pull.ETag is null ? null : await tx.First<string>("""
            SELECT key FROM home_snapshots
            WHERE user_id = '' AND source = @source AND shown_until <= @now
            LIMIT 1
            """, new { source, now });
        return ended is null ? pull : pull with { ETag = null };
    }

    /// <summary>
    /// Whether the source is still declared as it was when a call of it began; nobody changes that until this transaction ends. What comes
    /// of an earlier declaration, such as another address, says nothing about the source as it is now.
    /// </summary>
    public static async Task<bool> IsStillDeclared(Tx tx, Pull pull) => await tx.First<Pull>($"""
        SELECT {Columns} FROM home_pulls
        WHERE source = @source {tx.Dialect.ForUpdate}
        """, new { source = pull.Source }) is { } now && now.IsDeclaredAs(pull);

    public static async Task Succeeded(Tx tx, Pull pull, string? etag, long tookMs, long bytes, string outcome, long now)
    {
        await tx.Execute("""
            UPDATE home_pulls
            SET leased_until = 0, paused_until = 0, etag = @etag, etag_at = @now, succeeded_at = @now, failure = NULL, failures = 0
            WHERE source = @source AND called_at = @calledAt
            """, new { source = pull.Source, calledAt = pull.CalledAt, etag, now });
        await End(tx, pull, outcome, tookMs, bytes);
    }

    /// <summary>It answered, so it needs no pause; but nothing of what it said can be shown, and it is asked for all of it again.</summary>
    /// <param name="reason">For whoever looks how it fares.</param>
    public static async Task Refused(Tx tx, Pull pull, string reason, long tookMs, long bytes, string outcome, long now)
    {
        await tx.Execute("""
            UPDATE home_pulls
            SET leased_until = 0, paused_until = 0, etag = NULL, failed_at = @now, failure = @reason, failures = 0
            WHERE source = @source AND called_at = @calledAt
            """, new { source = pull.Source, calledAt = pull.CalledAt, reason, now });
        await End(tx, pull, outcome, tookMs, bytes);
    }

    /// <summary>A call ended that says nothing about the source's content or health: somebody tried it, or it is declared anew.</summary>
    public static async Task Tried(Tx tx, Pull pull, string outcome, long tookMs, long bytes)
    {
        await tx.Execute("""
            UPDATE home_pulls SET leased_until = 0
            WHERE source = @source AND called_at = @calledAt
            """, new { source = pull.Source, calledAt = pull.CalledAt });
        await End(tx, pull, outcome, tookMs, bytes);
    }

    public static async Task Failed(Tx tx, Pull pull, string failure, long tookMs, long now)
    {
        // Counted by the row: what was declared anew meanwhile has no failures yet.
        var failures = await tx.First<long>("""
            UPDATE home_pulls
            SET leased_until = 0, etag = NULL, failed_at = @now, failure = @failure, failures = failures + 1
            WHERE source = @source AND called_at = @calledAt
            RETURNING failures
            """, new { source = pull.Source, calledAt = pull.CalledAt, failure, now });
        await tx.Execute("""
            UPDATE home_pulls SET paused_until = @pausedUntil
            WHERE source = @source AND called_at = @calledAt
            """, new { source = pull.Source, calledAt = pull.CalledAt, pausedUntil = PullPipeline.PausedUntil(pull, failures, now) });
        await End(tx, pull, failure, tookMs, 0);
    }

    /// <summary>The latest first.</summary>
    public static ValueTask<List<Call>> Calls(Tx tx, string source, int limit) => tx.Query<Call>("""
        SELECT source, at, outcome, took_ms, bytes FROM home_pull_calls
        WHERE source = @source
        ORDER BY at DESC
        LIMIT @limit
        """, new { source, limit = (long)limit });

    /// <summary>How often each was called since a moment.</summary>
    public static async Task<Dictionary<string, long>> CallsSince(Tx tx, long since)
    {
        var counts = await tx.Query<Count>($"""
            SELECT source, (SELECT COUNT(*) FROM home_pull_calls WHERE source = home_pulls.source AND at > @since) AS calls
            FROM home_pulls
            LIMIT {StoredSources.SourcesMax}
            """, new { since });
        return counts.ToDictionary(one => one.Source, one => one.Calls, StringComparer.Ordinal);
    }

    public static string NameOf(PullAuth auth) => auth switch
    {
        PullAuth.Bearer => Bearer,
        PullAuth.Signed => "signed",
        _ => "none",
    };

    private static ValueTask<int> End(Tx tx, Pull pull, string outcome, long tookMs, long bytes) => tx.Execute("""
        UPDATE home_pull_calls SET outcome = @outcome, took_ms = @tookMs, bytes = @bytes
        WHERE source = @source AND at = @calledAt
        """, new { source = pull.Source, calledAt = pull.CalledAt, outcome, tookMs, bytes });
}
