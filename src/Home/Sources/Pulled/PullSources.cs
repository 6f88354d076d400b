using System.Diagnostics;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Home.Widgets.Types;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Home.Sources.Pulled;

/// <summary>
/// Asks the sources that are pulled, in the background and as they declared. Feeds never wait for it: what it brings goes the way of what
/// is pushed, and while it brings nothing, what was there before is shown as long as it may be.
/// </summary>
internal sealed partial class PullSources(
    Database database, SnapshotIntake intake, PullClient client, PullSecrets secrets, Signals signals, TimeProvider time,
    ILogger<PullSources> logger) : BackgroundService
{
    /// <summary>Calls on this node at the same time, whichever sources they are of.</summary>
    private const int AtOnceMax = 16;

    private readonly SemaphoreSlim _free = new(AtOnceMax);
    private readonly SemaphoreSlim _work = new(0);

    public override void Dispose()
    {
        _free.Dispose();
        _work.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var told = signals.Subscribe(StoredPulls.Signal, _ => Wake());
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await Round(stoppingToken);
                await _work.WaitAsync(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends; what is under way is given up, and its lease runs out.
        }
    }

    private async Task Round(CancellationToken ct)
    {
        try
        {
            var now = time.NowMs();
            foreach (var source in await database.Read(tx => StoredPulls.Due(tx, now).AsTask(), ct))
            {
                if (!_free.Wait(0, ct)) return;
                // Not waited for: a slow source holds up nobody else's turn.
                _ = Run(source, ct);
            }
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            // The next round tries again.
            LogUnable(exception);
        }
    }

    private async Task Run(string source, CancellationToken ct)
    {
        try
        {
            var claimed = await database.Write(tx => StoredPulls.Claim(tx, source, early: false, time.NowMs()), ct);
            if (claimed is not null) await Pull(claimed, ct);
        }
        catch (Exception exception)
        {
            if (!ct.IsCancellationRequested) LogLost(source, exception);
        }
        finally
        {
            _free.Release();
        }
    }

    private async Task Pull(StoredPulls.Pull pull, CancellationToken ct)
    {
        var began = Stopwatch.GetTimestamp();
        long Took() => (long)Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        try
        {
            var (answer, read) = await PullPipeline.Run(pull, time, end => Ask(pull, end), ct);
            var now = time.NowMs();
            await End(
                pull, Took, answer.Body?.Length ?? 0,
                tx => read is null ? Unchanged(tx, pull, Took(), now) : Take(tx, pull, answer, read, Took(), now), ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            var now = time.NowMs();
            var reason = exception is PullException ? exception.Message : exception.GetType().Name;
            LogFailed(pull.Source, reason);
            await End(pull, Took, 0, async tx =>
            {
                if (exception is PullException { Refused: { } refused })
                    await Refusals.WriteOnce(tx, Incoming.None(pull.Source), refused.Problem, refused.Raw, time);
                await StoredPulls.Failed(tx, pull, reason, Took(), now);
            }, ct);
        }
    }

    /// <summary>What became of a call counts for the declaration that it was made for.</summary>
    private Task End(StoredPulls.Pull pull, Func<long> took, long bytes, Func<Tx, Task> end, CancellationToken ct) => database.Write(
        async tx =>
        {
            if (await StoredPulls.IsStillDeclared(tx, pull)) await end(tx);
            else await StoredPulls.Tried(tx, pull, "declared anew meanwhile", took(), bytes);
        }, ct);

    private async ValueTask<(PullAnswer Answer, PulledAnswer? Read)> Ask(StoredPulls.Pull pull, CancellationToken ct)
    {
        var answer = await client.Get(pull, secrets.Open(pull), ct);
        if (answer.Body is not { } body) return (answer, null);
        var (read, problem) = PulledAnswer.Read(pull.Source, body);
        if (problem is null) return (answer, read);
        throw new PullException($"what it answered is no answer: {problem.Detail}") { Refused = (problem, PulledAnswer.Text(body)) };
    }

    private static async Task Unchanged(Tx tx, StoredPulls.Pull pull, long tookMs, long now)
    {
        await StoredSnapshots.RenewAll(tx, pull.Source, pull.ETagAt, now);
        await StoredPulls.Succeeded(tx, pull, pull.ETag, tookMs, 0, "unchanged", now);
    }

    private async Task Take(Tx tx, StoredPulls.Pull pull, PullAnswer answer, PulledAnswer read, long tookMs, long now)
    {
        var refused = read.Bad.ToList();
        foreach (var (snapshot, raw) in read.Good)
        {
            var (accepted, problem) = await intake.Check(tx, snapshot, tookMs, now);
            problem ??= (await StoredSnapshots.StorePulled(tx, accepted!.Pushed, pull.CalledAt)).Problem;
            if (problem is not null) refused.Add((snapshot, raw, problem));
        }

        foreach (var (snapshot, raw, problem) in refused) await Refusals.WriteOnce(tx, snapshot, problem, raw, time);
        var taken = read.Good.Count + read.Bad.Count - refused.Count;
        var outcome = refused.Count == 0 ? $"{taken} taken" : $"{taken} taken, {refused.Count} refused";
        if (taken == 0 && refused.Count > 0)
        {
            await StoredPulls.Refused(tx, pull, Reason(refused[0].Item1, refused[0].Item3, refused.Count), tookMs, answer.Body!.Length,
                outcome, now);
            return;
        }

        // What was refused may be taken next time, when an admin has added its widget: until then it is asked for whole.
        var etag = refused.Count == 0 ? answer.ETag : null;
        await StoredPulls.Succeeded(tx, pull, etag, tookMs, answer.Body!.Length, outcome, now);
    }

    /// <summary>Of the first, which is often that of all; the dead letters have the others.</summary>
    private static string Reason(Incoming first, Problem problem, int count)
    {
        var why = (problem.Extensions.GetValueOrDefault("reasons") as IReadOnlyList<SchemaError>)?[0] is { } error
            ? $"{error.Pointer} {error.Reason}"
            : problem.Detail ?? problem.Title;
        var others = count == 1 ? "" : $" (and {count - 1} more)";
        return $"{(first.Key.Length == 0 ? "" : first.Key + ": ")}{problem.Code}: {why}{others}";
    }

    private void Wake()
    {
        if (_work.CurrentCount == 0) _work.Release();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pull of {Source} failed: {Reason}")]
    private partial void LogFailed(string source, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "What is to be pulled could not be read; the next round tries again")]
    private partial void LogUnable(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The end of a pull of {Source} could not be stored")]
    private partial void LogLost(string source, Exception exception);
}
