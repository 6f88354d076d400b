using Kontor.Foundation.Time;
using Polly;
using Polly.Timeout;

namespace Kontor.Home.Sources.Pulled;

/// <summary>
/// What stands around a call: it is no longer than declared, and after a few failures in a row its source has a pause, which grows.
/// Failures are counted in the source's row and not on a node, because nodes share the calls: each sees too few of them to judge.
/// </summary>
internal static class PullPipeline
{
    private const int FailuresTolerated = 3;
    private const long PauseMaxMs = 5 * Clock.Minute;

    /// <exception cref="PullException">Whatever went wrong, also that it took too long.</exception>
    public static async Task<T> Run<T>(
        StoredPulls.Pull pull, TimeProvider time, Func<CancellationToken, ValueTask<T>> call, CancellationToken ct)
    {
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(TimeSpan.FromMilliseconds(pull.TimeoutMs))
            .Build();
        try
        {
            return await pipeline.ExecuteAsync(call, ct);
        }
        catch (TimeoutRejectedException exception)
        {
            throw new PullException($"it took longer than {pull.TimeoutMs} ms", exception);
        }
    }

    /// <summary>Until when a source is left alone; 0 for not at all.</summary>
    /// <param name="failures">In a row, with the latest.</param>
    public static long PausedUntil(StoredPulls.Pull pull, long failures, long now)
    {
        if (failures < FailuresTolerated) return 0;
        var doubled = (int)Math.Min(failures - FailuresTolerated, 10);
        return now + Math.Min(PauseMaxMs, Math.Max(pull.IntervalMs, 2 * Clock.Second) << doubled);
    }
}
