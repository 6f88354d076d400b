using System.Diagnostics;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Widgets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Sources;

/// <summary>
/// Keeps the model and the snapshots young: rereads what an admin changed, pulls what a product called stale, and what has reached its age.
/// </summary>
internal sealed partial class Refresher(
    Signals signals, OfferedWidgets offered, FeedModels models, PersonalSnapshots persons, PushedContent pushed, Pulls pulls,
    KeptSnapshots kept, Database database, TimeProvider time,
    ILogger<Refresher> logger) : BackgroundService
{
    /// <summary>However often sources answer, what they said is written that often.</summary>
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _work = new(0);

    private IDisposable[] _subscriptions = [];

    // What was told between the warm-up and the start has no subscriber, so the first round reads.
    private int _reloadWanted = 1;
    private int _pushedWanted = 1;

    /// <summary>
    /// Pulls every shared widget that is published and due; the task ends when those that had nothing to show have an answer or a failure.
    /// </summary>
    public Task RenewShared()
    {
        var now = time.NowMs();
        var due = models.Current.Widgets
            .Where(one => one.Widget.State == WidgetState.Published && !(one.Widget.EndsAt <= now))
            .Select(one => one.Offered?.Shared)
            .Where(slot => slot?.IsDue(now) == true)
            .Select(slot =>
            {
                var isMissing = slot!.At(now) is null;
                var renewal = pulls.Renew(slot)?.Renewal;
                return isMissing && renewal is not null ? renewal : Task.CompletedTask;
            });
        // Begun here and now: what is not waited for is under way all the same.
        return Task.WhenAll(due.ToList());
    }

    /// <summary>Listens before anybody can ask: on a busy machine requests are answered before the first round has its turn.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _subscriptions =
        [
            signals.Subscribe(StoredWidgets.Signal, _ => WantReload()),
            signals.Subscribe(WidgetStale.Channel, payload => MarkStale(WidgetStale.Read(payload))),
            signals.Subscribe(HomePersonalData.Signal, Forget),
            signals.Subscribe(StoredSnapshots.Signal, payload => Told(StoredSnapshots.Read(payload).UserId)),
        ];
        signals.Lost += MarkAllStale;
        return base.StartAsync(cancellationToken);
    }

    public override void Dispose()
    {
        signals.Lost -= MarkAllStale;
        foreach (var subscription in _subscriptions) subscription.Dispose();
        _work.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var (tidied, written) = (time.NowMs(), Stopwatch.GetTimestamp());
            while (!stoppingToken.IsCancellationRequested)
            {
                await Round(stoppingToken);
                if (Stopwatch.GetElapsedTime(written) >= WriteEvery)
                {
                    written = Stopwatch.GetTimestamp();
                    await Keep(stoppingToken);
                }

                if (time.NowMs() - tidied >= Clock.Minute)
                {
                    tidied = time.NowMs();
                    persons.Tidy();
                    await Tidy(stoppingToken);
                }

                await _work.WaitAsync(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends.
        }
    }

    private async Task Round(CancellationToken ct)
    {
        try
        {
            if (Interlocked.Exchange(ref _reloadWanted, 0) == 1) await models.Reload(ct);
            if (Interlocked.Exchange(ref _pushedWanted, 0) == 1) await models.ReloadPushed(ct);
            models.EndOld();
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            // Feeds are answered from the model that is there; the next round tries again.
            Volatile.Write(ref _reloadWanted, 1);
            Volatile.Write(ref _pushedWanted, 1);
            LogUnable(exception);
        }

        // Not waited for: a slow source holds up nobody else's turn.
        _ = RenewShared();
    }

    /// <summary>Runs between a commit and its answer: whoever reads after the answer finds it marked.</summary>
    private void MarkStale(WidgetStale told)
    {
        if (offered.Find($"{told.Source}.{told.Key}") is not { } widget) return;
        if (widget.IsPersonal && told.UserId is { } person)
        {
            if (persons.Find(person, widget) is not { } slot) return;
            slot.MarkStale();
            pulls.Renew(slot);
            return;
        }

        widget.MarkStale();
        Wake();
    }

    private async Task Keep(CancellationToken ct)
    {
        try
        {
            await kept.Write(ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            // It is written with the next.
            LogNotKept(exception);
        }
    }

    private async Task Tidy(CancellationToken ct)
    {
        try
        {
            await database.Write(tx => StoredSnapshots.Tidy(tx, time.NowMs() - 7 * Clock.Day).AsTask(), ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            // What is too old is shown to nobody all the same.
            LogUntidy(exception);
        }
    }

    /// <summary>Runs between a commit and its answer, as <see cref="MarkStale"/>.</summary>
    private void Told(string userId)
    {
        if (!Audience.IsShared(userId))
        {
            pushed.Forget(userId);
            return;
        }

        Volatile.Write(ref _pushedWanted, 1);
        Wake();
    }

    private void Forget(string userId)
    {
        persons.Forget(userId);
        pushed.Forget(userId);
    }

    private void MarkAllStale()
    {
        pushed.ForgetAll();
        Volatile.Write(ref _pushedWanted, 1);
        foreach (var widget in offered.All) widget.MarkStale();
        WantReload();
    }

    private void WantReload()
    {
        Volatile.Write(ref _reloadWanted, 1);
        Wake();
    }

    private void Wake()
    {
        if (_work.CurrentCount == 0) _work.Release();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What sources said could not be stored for the next start; it is tried again")]
    private partial void LogNotKept(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old snapshots could not be deleted; the next minute tries again")]
    private partial void LogUntidy(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The widgets could not be read; feeds show the earlier ones")]
    private partial void LogUnable(Exception exception);
}
