using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;
using Kontor.Home.Rules;
using Kontor.Home.Segments;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Feed;

/// <summary>All that admins have decided, compiled; a new one for each change, while what sources say comes and goes.</summary>
/// <param name="Widgets">By priority and key, drafts too.</param>
internal sealed record FeedSettings(
    IReadOnlyList<Widget> Widgets, IReadOnlyList<WidgetType> Types, RuleBook Rules, HourBook Hours, ExperimentBook Experiments)
{
    public static FeedSettings Empty { get; } = Of([], [], [], Vocabulary.Plain, []);

    /// <summary>The segments for which content was pushed.</summary>
    public IReadOnlyList<string> PushedSegments { get; init; } = [];

    public TypeForms Forms { get; } = new(Types);

    /// <summary>What stands in for sources, by the widget's id. A source may have raised its widget's type since an admin wrote it: what is
    /// not valid for the type of today is shown to nobody.</summary>
    public IReadOnlyDictionary<string, Snapshot> Fallbacks { get; } = FallbacksOf(Widgets, Types);

    /// <summary>What narrows how long sources' content is shown, by the widget's key.</summary>
    public IReadOnlyDictionary<string, WidgetCache> Caches { get; } = Widgets.Where(widget => widget.Target.Cache is not null)
        .ToDictionary(widget => widget.Key, widget => widget.Target.Cache!, StringComparer.Ordinal);

    /// <param name="inProcess">What products of this process tell of persons.</param>
    /// <param name="draft">Takes the place of the stored one, as if it were published; null for none.</param>
    public static async Task<FeedSettings> Read(
        Tx tx, WidgetTypes types, IEnumerable<AttributeInfo> inProcess, Widget? draft = null)
    {
        var vocabulary = new Vocabulary(inProcess.Concat(await StoredFacts.Attributes(tx)), await StoredSegments.All(tx));
        var pushedTo = await StoredSnapshots.PushedSegments(tx, vocabulary.Segments.Select(segment => segment.Key));
        var widgets = await StoredWidgets.Live(tx);
        if (draft is not null)
        {
            widgets = [.. widgets.Where(widget => widget.Key != draft.Key).Append(draft with { State = WidgetState.Published })
                .OrderByDescending(widget => widget.Priority).ThenBy(widget => widget.Key, StringComparer.Ordinal)];
        }

        return Of(widgets, await types.All(tx), await StoredExperiments.Live(tx), vocabulary, pushedTo);
    }

    /// <summary>As it would be with this widget in place of the one of its id, and of one that has its key.</summary>
    public FeedSettings With(Widget widget) => Of(
        [.. Widgets.Where(one => one.Id != widget.Id && one.Key != widget.Key).Append(widget)
            .Where(one => one.State != WidgetState.Archived)
            .OrderByDescending(one => one.Priority).ThenBy(one => one.Key, StringComparer.Ordinal)],
        Types, [.. Experiments.All], Rules.Vocabulary, PushedSegments);

    /// <summary>As it would be with this segment in place of the one of its key.</summary>
    public FeedSettings With(Segment segment) =>
        Of(Widgets, Types, [.. Experiments.All], Rules.Vocabulary.With(segment), PushedSegments);

    /// <summary>What was pushed to segments of a widget, in the order in which it counts.</summary>
    public IReadOnlyList<SegmentContent> PushedTo(string widgetKey, PushedContent pushed, long now) =>
    [
        .. Rules.Vocabulary.Segments.Where(segment => PushedSegments.Contains(segment.Key))
            .OrderByDescending(segment => segment.Priority).ThenBy(segment => segment.Key, StringComparer.Ordinal)
            .Select(segment => (segment.Key, Pushed: pushed.ForSegment(widgetKey, segment.Key, now)))
            .Where(one => one.Pushed is not null)
            .Select(one => new SegmentContent(one.Key, Rules.IndexOf(Segment.Asked(one.Key)), one.Pushed!)),
    ];

    /// <param name="pushedTo">Segments for which content was pushed: each reader is asked whether they belong to one.</param>
    public static FeedSettings Of(
        IReadOnlyList<Widget> widgets, IReadOnlyList<WidgetType> types, IReadOnlyList<StoredExperiment> experiments,
        Vocabulary vocabulary, IReadOnlyList<string> pushedTo) => new(
        widgets, types,
        new RuleBook(
            widgets.Select(widget => widget.Target.Rule).Concat(pushedTo.Select(key => (JsonElement?)Segment.Asked(key))), vocabulary),
        new HourBook(widgets.Select(widget => widget.Target.Hours)),
        new ExperimentBook(experiments, widgets.Where(widget => widget.State == WidgetState.Published)
            .Select(widget => widget.Target.Experiment?.Key).OfType<string>(), vocabulary))
        {
            PushedSegments = pushedTo,
        };

    private static Dictionary<string, Snapshot> FallbacksOf(IReadOnlyList<Widget> widgets, IReadOnlyList<WidgetType> types)
    {
        var byName = types.ToDictionary(type => type.Name);
        var fallbacks = new Dictionary<string, Snapshot>(StringComparer.Ordinal);
        foreach (var widget in widgets)
        {
            if (widget.Target.Fallback is not { } fallback || !byName.TryGetValue(widget.Type, out var type)) continue;
            if (WidgetContent.Read(fallback, type).Value is { } json) fallbacks[widget.Id] = Snapshot.Of(json, widget.UpdatedAt);
        }

        return fallbacks;
    }
}

/// <summary>The hours of all widgets, and which of them are open.</summary>
internal sealed class HourBook
{
    public const char Open = '1';
    private const char Closed = '0';

    private readonly List<OpenHours?> _hours = [];
    private readonly Dictionary<WidgetHours, int> _indexes = [];

    // Hours begin and end with a minute, so all requests of one share the answer.
    private volatile Tuple<long, string>? _latest;

    public HourBook(IEnumerable<WidgetHours?> all)
    {
        foreach (var hours in all.OfType<WidgetHours>())
        {
            if (_indexes.TryAdd(hours, _hours.Count)) _hours.Add(OpenHours.Parse(hours));
        }
    }

    public int IndexOf(WidgetHours? hours) => hours is null ? -1 : _indexes[hours];

    public string At(long now)
    {
        if (_hours.Count == 0) return "";
        var minute = now / Foundation.Time.Clock.Minute;
        if (_latest is { } latest && latest.Item1 == minute) return latest.Item2;
        // A zone that this machine does not know is never open.
        var open = string.Concat(_hours.Select(hours => hours?.IsOpen(now) == true ? Open : Closed));
        _latest = new(minute, open);
        return open;
    }
}
