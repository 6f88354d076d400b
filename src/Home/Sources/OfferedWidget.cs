using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Widgets.Types;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Sources;

/// <summary>A widget that a source of this process offers, and how it fares.</summary>
internal sealed class OfferedWidget
{
    /// <summary>Failures in a row, of whichever persons, after which the source is believed to be down.</summary>
    private const int FailuresTolerated = 5;

    private long _staleSince;
    private WidgetCache? _cache;

    private readonly long _shownMs;

    /// <param name="staleSeconds">For how long its content is shown after its age.</param>
    public OfferedWidget(IWidgetSource source, WidgetOffer offer, TypeName type, int staleSeconds)
    {
        (Source, Offer, Type, Key) = (source, offer, type, $"{source.Name}.{offer.Key}");
        _shownMs = (Math.Max(1L, offer.RefreshSeconds) + staleSeconds) * Clock.Second;
        Shared = offer.Personal ? null : new Slot(this, userId: null);
    }

    public IWidgetSource Source { get; }

    public WidgetOffer Offer { get; }

    public TypeName Type { get; }

    public string Key { get; }

    public bool IsPersonal => Offer.Personal;

    /// <summary>The one snapshot for all; null for a personal widget, which has one for each person.</summary>
    public Slot? Shared { get; }

    public Breaker Breaker { get; } = new(FailuresTolerated);

    /// <summary>As an admin narrows it; null for what the source says.</summary>
    public WidgetCache? Cache
    {
        get => Volatile.Read(ref _cache);
        set => Volatile.Write(ref _cache, value);
    }

    /// <summary>It has reached the age that an admin allows, which may be less than the one at which its source is asked again.</summary>
    public bool IsTooOld(Snapshot snapshot, long now) => Cache is { } cache && now >= Times(cache, snapshot).FreshUntil;

    /// <summary>The hard limit: from then on its fallback is shown, or nothing.</summary>
    public long ShownUntil(Snapshot snapshot) =>
        Cache is { } cache ? Times(cache, snapshot).ShownUntil : snapshot.AsOf + _shownMs;

    public long StaleSince => Interlocked.Read(ref _staleSince);

    /// <summary>What anybody is shown of it has changed.</summary>
    public void MarkStale() => Interlocked.Exchange(ref _staleSince, Moments.Next());

    private (long FreshUntil, long ShownUntil) Times(WidgetCache cache, Snapshot snapshot) => cache.Narrow(
        snapshot.AsOf, snapshot.AsOf + Math.Max(1L, Offer.RefreshSeconds) * Clock.Second, snapshot.AsOf + _shownMs);
}

/// <summary>Orders what happens in this process: a pull that began before an event may not have seen it, whatever the clock says.</summary>
internal static class Moments
{
    private static long _last;

    public static long Next() => Interlocked.Increment(ref _last);
}
