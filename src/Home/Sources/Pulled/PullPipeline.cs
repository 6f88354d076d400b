using Kontor.Foundation.Time;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Kontor.Home.Sources.Pulled;

/// <summary>
/// What stands around the calls of one source on this node: no call is longer than declared, and after a few failures in a row it has a
/// pause, which grows. The pause is written to the source's row, so that the other nodes keep it too.
/// </summary>
internal sealed class PullPipeline
{
    private const int FailuresTolerated = 3;
    private const long PauseMaxMs = 5 * Clock.Minute;

    private readonly ResiliencePipeline _pipeline;
    private long _openUntil;

    public PullPipeline(StoredPulls.Pull pull, TimeProvider time)
    {
        (IntervalMs, TimeoutMs) = (pull.IntervalMs, pull.TimeoutMs);
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                // Nothing but failures, a few of them, in a time in which there would have been a few more calls.
                FailureRatio = 1,
                MinimumThroughput = FailuresTolerated,
                SamplingDuration = TimeSpan.FromMilliseconds(Math.Clamp(2 * FailuresTolerated * IntervalMs, 30 * Clock.Second, Clock.Day)),
                BreakDurationGenerator = broken => ValueTask.FromResult(Pause(broken.HalfOpenAttempts)),
                OnOpened = opened =>
                {
                    Interlocked.Exchange(ref _openUntil, time.NowMs() + (long)opened.BreakDuration.TotalMilliseconds);
                    return ValueTask.CompletedTask;
                },
                OnClosed = _ =>
                {
                    Interlocked.Exchange(ref _openUntil, 0);
                    return ValueTask.CompletedTask;
                },
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = TimeSpan.FromMilliseconds(TimeoutMs) })
            .Build();
    }

    public long IntervalMs { get; }

    public long TimeoutMs { get; }

    /// <summary>Until then a call would be refused; 0 while it is closed.</summary>
    public long OpenUntil => Interlocked.Read(ref _openUntil);

    /// <exception cref="PullException">Whatever went wrong, also that it took too long.</exception>
    public async Task<T> Run<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken ct)
    {
        try
        {
            return await _pipeline.ExecuteAsync(call, ct);
        }
        catch (TimeoutRejectedException exception)
        {
            throw new PullException($"it took longer than {TimeoutMs} ms", exception);
        }
    }

    private TimeSpan Pause(int attempts) =>
        TimeSpan.FromMilliseconds(Math.Min(PauseMaxMs, Math.Max(IntervalMs, 2 * Clock.Second) << Math.Clamp(attempts, 0, 10)));
}
