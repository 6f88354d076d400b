using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Text;
using Kontor.Foundation.Caching;
using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;
using Kontor.Home.Ranking;
using Kontor.Home.Rules;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using static Kontor.Home.Widgets.WidgetSettings;
using static Kontor.Home.Feed.ExplainHome;

namespace Kontor.Home.Feed;

/// <summary>A widget with what it shows to all.</summary>
/// <param name="Offered">Null for one that an admin wrote, or whose source is not part of this build.</param>
/// <param name="Content">Null for a personal one, and while its source has not answered and nothing stands in.</param>
/// <param name="Rule">Its place in the answers; -1 for none.</param>
/// <param name="Hours">Its place among the hours; -1 for any.</param>
internal sealed record FeedWidget(Widget Widget, OfferedWidget? Offered, Snapshot? Content, int Rule, int Hours)
{
    /// <summary>What was pushed to all; null when nothing was, or it is too old.</summary>
    public PushedSnapshot? Pushed { get; init; }

    /// <summary>What was pushed to segments, the first of which a reader belongs to counts.</summary>
    public IReadOnlyList<SegmentContent> Segments { get; init; } = [];

    /// <summary>To whose members was pushed what it shows; null for what all are shown.</summary>
    public string? Segment { get; init; }

    /// <summary>Somebody who is signed in may have content of their own.</summary>
    public bool HasPersons => IsPersonal || (Offered is null && Widget is { Source: not null, Target.Personal: true });

    /// <summary>What makes its content that of the type it is shown as; null for its own type.</summary>
    public TypeForm? Form { get; init; }

    /// <summary>What is shown is not what its source says.</summary>
    public bool IsFallback { get; init; }

    /// <summary>The experiment that it belongs to; null for none.</summary>
    public WidgetVariations? Variations { get; init; }

    /// <summary>What its place depends on.</summary>
    public Candidate Candidate { get; } = new(
        Widget.Id, Widget.Key, Widget.Target.Team, Widget.Category, Widget.Priority, Widget.Target.Pin, (int)Widget.Target.Slot);

    public bool IsPersonal => Offered is { IsPersonal: true };

    /// <summary>With what readers of this projection are shown in place of what all are: their segment's.</summary>
    public FeedWidget For(in Projection projection)
    {
        foreach (var (key, rule, pushed) in Segments)
        {
            if (projection.Answers[rule] == RuleBook.Yes)
                return this with { Content = pushed.Snapshot, Pushed = pushed, Segment = key, Segments = [], IsFallback = false };
        }

        return this;
    }
}

/// <param name="Rule">The place of the question, whether a reader belongs to the segment, among the answers.</param>
internal readonly record struct SegmentContent(string Key, int Rule, PushedSnapshot Pushed);

/// <summary>
/// All that feeds are made of, at one moment, never changed: another moment is another model. Requests read it without a lock and without
/// the database.
/// </summary>
internal sealed class FeedModel
{
    /// <summary>
    /// A shop with seven experiments and twenty rules has about six thousand kinds of readers, and each takes about 5 KB, with the text
    /// of a feed for each order that strangers share. Whoever invents more of them pushes out those that nobody has asked for lately.
    /// </summary>
    private const long SkeletonBytesMax = 128 * 1024 * 1024;

    private static readonly Meter Meter = new("Kontor.Home");

    private static readonly Counter<long> Skeletons =
        Meter.CreateCounter<long>("kontor.home.skeletons", description: "Shared parts of feeds that were found in memory, or made.");

    private static readonly KeyValuePair<string, object?> Found = new("outcome", "found");
    private static readonly KeyValuePair<string, object?> Made = new("outcome", "made");

    private static long _count;

    private readonly Recent<Projection, Skeleton> _skeletons = new(SkeletonBytesMax, static skeleton => skeleton.Bytes);
    private readonly long[] _boundaries;

    private FeedModel(IReadOnlyList<FeedWidget> widgets, FeedSettings settings)
    {
        var types = settings.Types;
        (Rules, Hours, Experiments, Forms) = (settings.Rules, settings.Hours, settings.Experiments, settings.Forms);
        Heads = new(Experiments);
        Needs = FactsNeeded.By(Rules.Reads.Concat(Experiments.Reads), Rules.Vocabulary);
        var published = widgets.Select(one => one.Widget).Where(widget => widget.State == WidgetState.Published).ToList();
        Widgets = widgets;
        ById = widgets.ToFrozenDictionary(one => one.Widget.Id, StringComparer.Ordinal);
        Types = types.ToFrozenDictionary(type => type.Name);
        GateRoles = published.SelectMany(widget => widget.Roles).Where(role => role != Widget.Anonymous)
            .ToFrozenSet(StringComparer.Ordinal);
        AsksForAssurance = published.Any(widget => widget.Target.Assurance != Assurance.OneFactor);
        Languages = published.SelectMany(widget => widget.Titles.Keys).ToFrozenSet(StringComparer.Ordinal);
        TypesInUse = published.SelectMany(widget => Forms.Of(widget.Type)).Select(form => form.Name).ToFrozenSet();
        _boundaries = [.. published.SelectMany(widget => new[] { widget.StartsAt, widget.EndsAt }).OfType<long>()
            .Concat(Experiments.Boundaries).Distinct().Order()];
    }

    /// <summary>No other model of this process has it.</summary>
    public long Number { get; } = Interlocked.Increment(ref _count);

    public static FeedModel Empty { get; } = new([], FeedSettings.Empty);

    public RuleBook Rules { get; }

    public HourBook Hours { get; }

    public ExperimentBook Experiments { get; }

    public Heads Heads { get; }

    /// <summary>Whom to ask about a person before it is known what they may see.</summary>
    public FactsNeeded Needs { get; }

    public Vocabulary Vocabulary => Rules.Vocabulary;

    public bool AsksForAssurance { get; }

    /// <summary>In the order of the feed, drafts too.</summary>
    public IReadOnlyList<FeedWidget> Widgets { get; }

    public FrozenDictionary<string, FeedWidget> ById { get; }

    public FrozenDictionary<TypeName, WidgetType> Types { get; }

    public FrozenSet<string> GateRoles { get; }

    public FrozenSet<string> Languages { get; }

    /// <summary>As what widgets can be shown: their own types, and those that stand in for them.</summary>
    public FrozenSet<TypeName> TypesInUse { get; }

    public TypeForms Forms { get; }

    public static FeedModel Of(FeedSettings settings, OfferedWidgets offered, PushedContent pushed, long now) => new(
        [.. settings.Widgets.Select(widget =>
        {
            // Nodes of two builds may run side by side; content of another type than the stored one is not shown.
            var source = widget.Source is not null && offered.Find(widget.Key) is { } found && found.Type == widget.Type ? found : null;
            var told = widget.Source is not null && source is null ? pushed.Shared(widget.Key, now) : null;
            var content = widget.Content is { } own
                ? Snapshot.Of(Encoding.UTF8.GetBytes(own), widget.UpdatedAt)
                : source?.Shared?.At(now) ?? told?.Snapshot;
            var (rule, hours) = (settings.Rules.IndexOf(widget.Target.Rule), settings.Hours.IndexOf(widget.Target.Hours));
            var variations = WidgetVariations.Of(widget, settings.Experiments);
            var segments = widget.Source is not null && source is null ? settings.PushedTo(widget.Key, pushed, now) : [];
            if (content is not null || source is { IsPersonal: true } || !settings.Fallbacks.TryGetValue(widget.Id, out var instead))
                return new FeedWidget(widget, source, content, rule, hours) { Pushed = told, Variations = variations, Segments = segments };
            return new FeedWidget(widget, source, instead, rule, hours) { IsFallback = true, Variations = variations, Segments = segments };
        })], settings);

    /// <summary>How many beginnings and ends of schedules, of widgets and experiments, lie behind.</summary>
    public int PeriodAt(long now)
    {
        var at = Array.BinarySearch(_boundaries, now);
        return at >= 0 ? at + 1 : ~at;
    }

    public Skeleton SkeletonFor(Projection projection)
    {
        if (_skeletons.Find(projection) is { } known)
        {
            Skeletons.Add(1, Found);
            return known;
        }

        Skeletons.Add(1, Made);
        return Keep(projection, Skeleton.Of(this, projection));
    }

    /// <summary>One of the skeletons takes so much more memory.</summary>
    public void Grow(long bytes) => _skeletons.Grow(bytes);

    /// <summary>Of two who make the same at once, one is kept.</summary>
    private Skeleton Keep(Projection projection, Skeleton made) => _skeletons.FindOrAdd(projection, static _ => true, _ => made);

    /// <summary>The first of its type's chain that the client can show and that the content fits; null when there is none.</summary>
    public TypeForm? FormOf(FeedWidget one, Projection projection) => Forms.Of(one.Widget.Type).FirstOrDefault(form =>
        projection.Renders(form.Name) && (one.Content is not { Content: not null } shared || form.Of(shared).Content is not null));

    /// <summary>The widget as such a client is shown it.</summary>
    public FeedWidget Formed(FeedWidget one, Projection projection)
    {
        var form = FormOf(one, projection);
        if (form is null || form.Name == one.Widget.Type) return one;
        return one with
        {
            Widget = one.Widget with { Type = form.Name },
            Content = one.Content is { } shared ? form.Of(shared) : null,
            Form = form,
        };
    }

    /// <summary>All that decides but a person's own content; a feed and its explanation both ask here.</summary>
    public Verdict Judge(FeedWidget one, Projection projection)
    {
        var widget = one.Widget;
        if (widget.State != WidgetState.Published) return Verdict.NotPublished;
        if (!projection.Passes(widget)) return Verdict.Gate;
        if (one.IsPersonal && !projection.IsSignedIn) return Verdict.NotSignedIn;
        // The beginning of the period stands for all of it.
        var moment = projection.Period == 0 ? long.MinValue : _boundaries[projection.Period - 1];
        if (widget.StartsAt > moment || widget.EndsAt <= moment) return Verdict.Schedule;
        if (one.Hours >= 0 && projection.Hours[one.Hours] != HourBook.Open) return Verdict.Schedule;
        if (one.Rule >= 0 && projection.Answers[one.Rule] != RuleBook.Yes)
            return projection.Answers[one.Rule] == RuleBook.Broken ? Verdict.RuleBroken : Verdict.Rule;
        if (one.Variations?.AreFor(projection) == false) return Verdict.Experiment;
        if (FormOf(one, projection) is null) return Verdict.Renderer;
        var mayHaveOwn = one.HasPersons && projection.IsSignedIn;
        return mayHaveOwn || one.Content is { Content: not null } ? Verdict.Shown : Verdict.NothingToShow;
    }
}
