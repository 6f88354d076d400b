using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Sources;

/// <summary>
/// The only place that calls a source. One call at a time for each slot, few at a time for each source, none for long, and none while a
/// source is believed to be down; whatever goes wrong, what was shown before stays.
/// </summary>
internal sealed partial class Pulls(
    OfferedWidgets offered, FeedModels models, PersonalSnapshots persons, KeptSnapshots kept, IOptions<HomeOptions> options,
    TimeProvider time, IHostApplicationLifetime lifetime, ILogger<Pulls> logger)
{
    private readonly TimeSpan _timeout = TimeSpan.FromMilliseconds(options.Value.PullTimeoutMs);
    private readonly TimeSpan _sharedGap = TimeSpan.FromMilliseconds(options.Value.SharedPullGapMs);

    private readonly FrozenDictionary<string, SemaphoreSlim> _free = offered.All.Select(widget => widget.Source.Name).Distinct()
        .ToFrozenDictionary(source => source, _ => new SemaphoreSlim(options.Value.PullsAtOnce), StringComparer.Ordinal);

    /// <summary>Brings a slot up to date in the background, unless it has to pause after failures. The task does not fail.</summary>
    /// <returns>The end of the renewal and the time when it began; null when none is under way.</returns>
    public (Task Renewal, long Began)? Renew(Slot slot)
    {
        var now = time.NowMs();
        // A try that one of them permits is its only one for a while: neither is asked for it in vain.
        if (!slot.Breaker.MayPass(now) || !slot.Widget.Breaker.TryPass(now) || !slot.Breaker.TryPass(now)) return null;
        return slot.Renew(PullUntilFresh, now);
    }

    private async Task PullUntilFresh(Slot slot)
    {
        while (true)
        {
            var moment = Moments.Next();
            var before = slot.Shown;
            var (snapshot, failure) = await Pull(slot, before);
            if (snapshot is null)
            {
                slot.Breaker.Failed(time.NowMs());
                slot.Failed(failure!);
                return;
            }

            slot.Breaker.Succeeded();
            var again = slot.Renewed(snapshot, moment);
            if (slot.UserId is null) kept.Changed(slot);
            // What had grown too old was taken off, and comes back though it says the same.
            var isOn = before is not null && time.NowMs() < slot.Widget.ShownUntil(before);
            if (!isOn || snapshot.Hash != before!.Hash) Changed(slot, (snapshot.Content?.Length ?? 0) - (before?.Content?.Length ?? 0));
            if (!again) return;
            var stopping = lifetime.ApplicationStopping;
            if (slot.UserId is null) await Task.Delay(_sharedGap, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
            {
                slot.Failed("the server ends");
                return;
            }
        }
    }

    private void Changed(Slot slot, long grown)
    {
        if (slot.UserId is null) models.Rebuild();
        else persons.Grow(grown);
    }

    private async Task<(Snapshot? Snapshot, string? Failure)> Pull(Slot slot, Snapshot? before)
    {
        var widget = slot.Widget;
        var asOf = time.NowMs();
        try
        {
            var content = await Call(slot);
            widget.Breaker.Succeeded();
            if (content is null) return (Snapshot.Of(null, asOf, before), null);
            if (!models.Current.Types.TryGetValue(widget.Type, out var type)) return (null, "its type is not known");
            var (json, problem) = WidgetContent.Read(JsonSerializer.SerializeToElement(content), type);
            if (problem is null) return (Snapshot.Of(json, asOf, before), null);
            var reasons = (IReadOnlyList<SchemaError>)problem.Extensions["reasons"]!;
            LogInvalid(widget.Key, reasons.Count, reasons[0].Pointer, reasons[0].Reason);
            return (null, $"{reasons[0].Pointer} {reasons[0].Reason}");
        }
        catch (Exception exception)
        {
            // Whatever a source does wrong is its own: its earlier snapshot is shown on, and nobody else notices.
            widget.Breaker.Failed(time.NowMs());
            if (!lifetime.ApplicationStopping.IsCancellationRequested) LogFailed(widget.Key, exception);
            return (null, exception is TimeoutException or OperationCanceledException ? "it took too long" : exception.GetType().Name);
        }
    }

    private async Task<JsonObject?> Call(Slot slot)
    {
        var free = _free[slot.Widget.Source.Name];
        if (!await free.WaitAsync(_timeout, lifetime.ApplicationStopping)) throw new TimeoutException("All its calls are taken.");
        var end = CancellationTokenSource.CreateLinkedTokenSource(lifetime.ApplicationStopping);
        var timeout = TimeoutOf(slot.Widget);
        end.CancelAfter(timeout);
        // A source may block its thread, or go on after the token told it to end; it then takes up one of its own few calls.
        var call = Task.Run(() => slot.Widget.Source.Content(slot.Widget.Offer.Key, slot.UserId, end.Token), CancellationToken.None);
        _ = call.ContinueWith(
            ended =>
            {
                _ = ended.Exception;
                end.Dispose();
                free.Release();
            },
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await call.WaitAsync(timeout);
    }

    /// <summary>The least of the server's and the type's.</summary>
    private TimeSpan TimeoutOf(OfferedWidget widget) =>
        models.Current.Types.TryGetValue(widget.Type, out var type) && type.Contract.Limits.TimeoutMs is { } most
        && most < _timeout.TotalMilliseconds
            ? TimeSpan.FromMilliseconds(most)
            : _timeout;

    [LoggerMessage(Level = LogLevel.Warning, Message = "The content of {Widget} is refused for {Count} reasons: {Pointer} {Reason}")]
    private partial void LogInvalid(string widget, int count, string pointer, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The source of {Widget} failed")]
    private partial void LogFailed(string widget, Exception exception);
}
