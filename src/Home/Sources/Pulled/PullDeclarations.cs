using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Sources.Pulled;

/// <summary>Holds what is declared against the rules, and seals its secret.</summary>
internal sealed class PullDeclarations(IOptions<HomeOptions> options, PullSecrets secrets)
{
    public async Task<Problem?> Declare(Tx tx, string source, PullSettings settings, long now)
    {
        if (settings.Url is not { Length: > 0 } url)
        {
            await StoredPulls.Remove(tx, source);
            return null;
        }

        if (PullSettings.CheckUrl(url, options.Value.PullLoopback) is { } problem) return problem;
        if (PullSettings.CheckSecret(settings.Secret) is { } refusal) return refusal;
        var secret = await Secret(tx, source, settings);
        if (settings.Auth != PullAuth.None && secret is null) return PullSettings.SecretMissing;
        await StoredPulls.Declare(tx, source, settings, secret, now);
        return null;
    }

    private async Task<string?> Secret(Tx tx, string source, PullSettings settings)
    {
        if (settings.Auth == PullAuth.None) return null;
        if (settings.Secret is { Length: > 0 } given) return secrets.Seal(given);
        // What one machine was told is not told to another: at a new address it has to be entered anew.
        return await StoredPulls.Find(tx, source) is { } known && new Uri(known.Url).Authority == new Uri(settings.Url!).Authority
            ? known.Secret
            : null;
    }
}

/// <param name="Url">Where it is asked.</param>
public sealed record PullView(
    string Url, int IntervalSeconds, int CallsPerMinute, int TimeoutMs, int MaxBytes, PullAuth Auth, PullHealth Health)
{
    internal static PullView Of(StoredPulls.Pull pull, long calls, long now) => new(
        pull.Url, (int)(pull.IntervalMs / Clock.Second), (int)pull.CallsPerMinute, (int)pull.TimeoutMs, (int)pull.BytesMax,
        Enum.Parse<PullAuth>(pull.Auth, ignoreCase: true), PullHealth.Of(pull, calls, now));
}

public enum BreakerState
{
    Closed,
    Open,
    HalfOpen,
}

/// <summary>How a pulled source fares, over all nodes.</summary>
/// <param name="Breaker">`open`: it has a pause until <paramref name="NextPullAt"/>; `half-open`: its next call decides.</param>
/// <param name="LastFailure">Why its latest call was of no use; null when it was.</param>
/// <param name="Failures">In a row; 0 also when it answered and nothing of it could be taken.</param>
public sealed record PullHealth(
    BreakerState Breaker, DateTimeOffset? LastSuccessAt, DateTimeOffset? LastFailureAt, string? LastFailure, long Failures,
    long CallsLastMinute, DateTimeOffset NextPullAt)
{
    /// <summary>It answered, and nothing of what it said could be taken.</summary>
    internal bool IsRefused => LastFailure is not null && Failures == 0;

    internal static PullHealth Of(StoredPulls.Pull pull, long calls, long now) => new(
        pull.PausedUntil > now ? BreakerState.Open : pull.PausedUntil > 0 ? BreakerState.HalfOpen : BreakerState.Closed,
        pull.SucceededAt?.ToTime(), pull.FailedAt?.ToTime(), pull.Failure, pull.Failures, calls,
        Math.Max(pull.NextPullAt, pull.PausedUntil).ToTime());
}
