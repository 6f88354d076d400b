using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Feed;

/// <summary>Holds the model that requests read, and swaps it when an admin or a source changed something.</summary>
internal sealed class FeedModels(
    Database database, WidgetTypes types, OfferedWidgets offered, PushedContent pushed, PersonFacts facts, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Lock _swapping = new();
    private volatile FeedModel _current = FeedModel.Empty;
    private FeedSettings _settings = FeedSettings.Empty;
    private long _nextEnd = long.MaxValue;
    private long _builtAt;

    public FeedModel Current => _current;

    /// <summary>Reads the database; what was committed before the call is in the model after it.</summary>
    public Task Reload(CancellationToken ct) => ReloadAfter(null, ct);

    /// <summary>Likewise for whoever found that a model is out of date; of many who find it so at once, one reads.</summary>
    public async Task ReloadAfter(FeedModel? old, CancellationToken ct)
    {
        // One after the other, so that what was read last is also what is held.
        await _reading.WaitAsync(ct);
        try
        {
            if (old is not null && old != Current) return;
            var settings = await database.Snapshot(tx => FeedSettings.Read(tx, types, facts.Attributes), ct);
            offered.Narrow(settings.Caches);
            await pushed.Narrow(settings.Caches, Rebuild, ct);
            lock (_swapping)
            {
                _settings = settings;
                Build();
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>A model beside the one of which feeds are made: with a draft, as if it were published.</summary>
    public async Task<FeedModel> With(Widget draft, CancellationToken ct) => FeedModel.Of(
        await database.Snapshot(tx => FeedSettings.Read(tx, types, facts.Attributes, draft), ct), offered, pushed, time.NowMs());

    /// <summary>What is shown now, and what would be shown with other settings and the same content.</summary>
    public (FeedModel Before, FeedModel After) Draft(Func<FeedSettings, FeedSettings> change)
    {
        lock (_swapping)
        {
            var now = time.NowMs();
            return (FeedModel.Of(_settings, offered, pushed, now), FeedModel.Of(change(_settings), offered, pushed, now));
        }
    }

    /// <summary>Takes over what the sources' shared snapshots hold now.</summary>
    public void Rebuild()
    {
        lock (_swapping) Build();
    }

    /// <summary>Reads what was pushed to all; what was committed before the call is in the model after it.</summary>
    public async Task ReloadPushed(CancellationToken ct)
    {
        // Rebuilt before the next reader of the database finds that nothing has changed.
        await pushed.Reload(Rebuild, ct);
        // The same may be shown for less long than before.
        lock (_swapping) SetEnd();
        // What a segment is shown for the first time makes it a question for every reader.
        if (pushed.Segments.Except(_settings.PushedSegments).Any()) await Reload(ct);
    }

    /// <summary>Takes off what has grown too old.</summary>
    public void EndOld()
    {
        if (time.NowMs() >= Interlocked.Read(ref _nextEnd)) Rebuild();
    }

    private void Build()
    {
        var now = time.NowMs();
        _current = FeedModel.Of(_settings, offered, pushed, now);
        _builtAt = now;
        SetEnd();
    }

    // Of what the model may still hold: an end that has passed since it was built has it built anew.
    private void SetEnd() => Interlocked.Exchange(ref _nextEnd, Math.Min(pushed.NextEnd(_builtAt), offered.NextEnd(_builtAt)));

    public void Dispose() => _reading.Dispose();
}
