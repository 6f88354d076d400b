using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Home.Segments;
using Kontor.Home.Widgets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Simulation;

/// <summary>
/// An admin sees, before publishing, whose feed changes of widgets and of segments' rules would alter, and how. Nothing is stored.
/// </summary>
public static class SimulateFeed
{
    private const int ContextsMax = 500;
    private const int ChangesMax = 100;

    private const int DraftsMax = 10;

    private static readonly Problem DraftTwice = new(400, "validation-failed", "Each widget and each segment stands in one draft.");
    private static readonly Problem DraftUnknown = new(404, "not-found", "There is no such widget and no such segment.");

    /// <summary>On whom a change was tried.</summary>
    public enum ReaderKind
    {
        /// <summary>Made up: every kind of reader that the feed tells apart.</summary>
        Synthetic,

        /// <summary>The latest ones of this node, without who they are.</summary>
        Recorded,

        /// <summary>Those of the request.</summary>
        Given,
    }

    /// <summary>Either a widget as it would be, as if published, or a segment with another rule.</summary>
    /// <param name="Widget">The id or the key of a widget that is not archived.</param>
    /// <param name="Change">As `PATCH /api/admin/widgets/{id}` takes it; what waits for a second admin when it is left out.</param>
    /// <param name="Segment">The key of a segment that has a rule.</param>
    /// <param name="Rule">The segment's rule as it would be.</param>
    public sealed record Draft(
        [property: MaxLength(200)] string? Widget = null, ChangeWidget.Request? Change = null,
        [property: MaxLength(64)] string? Segment = null, JsonElement? Rule = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Widget is null == Segment is null) yield return new("A draft is of a widget or of a segment.", [nameof(Widget)]);
            if (Segment is not null && Rule is not { ValueKind: JsonValueKind.Object })
                yield return new("A rule is a JSON object.", [nameof(Rule)]);
        }
    }

    /// <summary>A reader as they might come.</summary>
    /// <param name="Attributes">What is told of them: `{"shop": {"orders": 3}}`.</param>
    /// <param name="Segments">Those whose lists name them.</param>
    public sealed record Context(
        string? Platform = null, string? AppVersion = null, string? Locale = null, string? Renderers = null, bool SignedIn = false,
        [property: MaxLength(64)] string? UserId = null, IReadOnlyList<string>? Roles = null, Assurance? Assurance = null,
        JsonElement? Attributes = null, IReadOnlyList<string>? Segments = null);

    /// <param name="Draft">The one change that is tried.</param>
    /// <param name="Drafts">In its place several, as if all of them were published.</param>
    /// <param name="Contexts">Readers to try it on; made-up and recorded ones when it is left out.</param>
    public sealed record Request(
        Draft? Draft = null, [property: Length(1, ContextsMax)] IReadOnlyList<Context>? Contexts = null,
        [property: Length(1, DraftsMax)] IReadOnlyList<Draft>? Drafts = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Draft is null == Drafts is null) yield return new("Either one draft or several are tried.", [nameof(Draft)]);
        }
    }

    /// <param name="Gained">By how many readers it would be seen who do not see it now.</param>
    /// <param name="Moved">For how many it would stand elsewhere.</param>
    /// <param name="Altered">For how many it would show something else.</param>
    public sealed record WidgetEffect(string Key, string Title, int Gained, int Lost, int Moved, int Altered);

    /// <param name="Changed">For how many readers it would be another.</param>
    /// <param name="MeanMove">By how many places widgets that stay would move, on average over those readers' widgets that do.</param>
    public sealed record SlotEffect(WidgetSlot Slot, int Changed, double MeanMove);

    /// <param name="Readers">How many there are of this kind.</param>
    public sealed record ReaderEffect(
        int Readers, string Platform, string Language, string? AppVersion, bool SignedIn, IReadOnlyList<string> Roles,
        IReadOnlyList<string> Segments, IReadOnlyDictionary<string, JsonElement> Attributes, IReadOnlyList<string> Gained,
        IReadOnlyList<string> Lost, IReadOnlyList<string> Moved, IReadOnlyList<string> Altered);

    /// <param name="Readers">On how many it was tried.</param>
    /// <param name="Of">Of how many kinds they are a sample.</param>
    /// <param name="Changed">How many of them would have another feed.</param>
    /// <param name="Share">The same, 0 to 1.</param>
    /// <param name="Changes">The kinds of readers with another feed, at most 100, the most frequent first.</param>
    public sealed record Result(
        ReaderKind On, int Readers, long Of, int Changed, double Share, IReadOnlyList<WidgetEffect> Widgets,
        IReadOnlyList<SlotEffect> Slots, IReadOnlyList<ReaderEffect> Changes);

    /// <param name="Limit">The share from which a second person is needed; null when it never is.</param>
    public sealed record Response(IReadOnlyList<Result> Results, double? Limit, bool NeedsSecondPerson);

    internal static void Map(RouteGroupBuilder admin) => admin.MapPost("/home/simulate", Handle).WithName("SimulateFeed");

    /// <summary>A draft that was found to be possible: one of the two.</summary>
    private sealed record Step(Widget? Widget, Segment? Segment)
    {
        public FeedSettings Apply(FeedSettings settings) =>
            Segment is { } segment ? settings.With(segment) : settings.With(Simulator.Shown(Widget!));

        public bool IsOfSame(Step other) => (Widget?.Id, Segment?.Key) == (other.Widget?.Id, other.Segment?.Key);
    }

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Request request, Database database, FeedModels models, WidgetEditor editor, Simulator simulator, CancellationToken ct)
    {
        var (readers, refusal) = Readers(request.Contexts);
        if (refusal is not null) return refusal.ToResult();
        var (model, steps) = (models.Current, new List<Step>());
        var vocabulary = model.Vocabulary;
        foreach (var draft in request.Drafts ?? [request.Draft!])
        {
            var (step, problem) = draft.Segment is { } key
                ? Redrafted(vocabulary, key, draft.Rule!.Value)
                : await OfWidget(draft, model, database, editor, ct);
            if (problem is null && steps.Any(step!.IsOfSame)) problem = DraftTwice;
            if (problem is not null) return (request.Drafts is null ? problem : problem.With("draft", steps.Count)).ToResult();
            // A rule that names it is held against it as it would be.
            if (step!.Segment is { } segment) vocabulary = vocabulary.With(segment);
            steps.Add(step);
        }

        return TypedResults.Ok(simulator.Try(settings => steps.Aggregate(settings, (all, step) => step.Apply(all)), readers));
    }

    /// <summary>The segment with another rule.</summary>
    private static Outcome<Step> Redrafted(Vocabulary vocabulary, string key, JsonElement rule)
    {
        if (vocabulary.Segments.FirstOrDefault(one => one.Key == key) is not { } segment) return DraftUnknown;
        if (segment.IsList) return SegmentEditor.OtherKind;
        var draft = segment with { Rule = rule };
        return vocabulary.With(draft).Segment(key)!.Problem is { } reason
            ? Vocabulary.Invalid.With("faults", new List<string> { reason })
            : new Step(null, draft);
    }

    internal static Outcome<Response> OfSegment(Vocabulary vocabulary, string key, JsonElement rule, Simulator simulator)
    {
        var (step, problem) = Redrafted(vocabulary, key, rule);
        return problem is not null ? problem : simulator.Try(step!.Segment!);
    }

    private static async Task<Outcome<Step>> OfWidget(
        Draft draft, FeedModel model, Database database, WidgetEditor editor, CancellationToken ct)
    {
        var id = model.Widgets.FirstOrDefault(one => one.Widget.Id == draft.Widget || one.Widget.Key == draft.Widget)?.Widget.Id;
        if (id is null) return DraftUnknown;
        var (after, problem) = await database.Read(
            async tx => await StoredWidgets.ById(tx, id) is not { } before ? DraftUnknown
                : draft.Change is { } change ? await ChangeWidget.Changed(tx, before, change, editor)
                : before.Proposal is { } wish ? WidgetView.Apply(before, wish.Json) : before, ct);
        return problem is not null ? problem : new Step(after, null);
    }

    internal static Result Tell(ReaderKind on, int readers, long of, IReadOnlyList<Change> changes, FeedModel before, FeedModel after)
    {
        var titles = before.Widgets.Concat(after.Widgets).GroupBy(one => one.Widget.Key)
            .ToDictionary(same => same.Key, same => same.Last().Widget.Title(Ui.Texts.Language), StringComparer.Ordinal);
        var keys = changes.SelectMany(one => one.Gained.Concat(one.Lost).Concat(one.Altered).Concat(one.Moved.Select(move => move.To.Key)));
        var widgets = keys.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(key => new WidgetEffect(
            key, titles[key], changes.Count(one => one.Gained.Contains(key)), changes.Count(one => one.Lost.Contains(key)),
            changes.Count(one => one.Moved.Any(move => move.To.Key == key)), changes.Count(one => one.Altered.Contains(key))));
        var slots = changes.SelectMany(one => one.Slots).Distinct().Order().Select(slot =>
        {
            var moves = changes.SelectMany(one => one.Moved).Where(move => move.From.Slot == slot && move.To.Slot == slot).ToList();
            return new SlotEffect(
                slot, changes.Count(one => one.Slots.Contains(slot)),
                moves.Count == 0 ? 0 : Math.Round(moves.Average(move => Math.Abs(move.To.Place - move.From.Place)), 2));
        });
        var kinds = changes.Select(one => View(one, before, after)).GroupBy(one => JsonSerializer.Serialize(one))
            .Select(same => same.First() with { Readers = same.Count() }).OrderByDescending(one => one.Readers).Take(ChangesMax);
        return new(
            on, readers, of, changes.Count, readers == 0 ? 0 : Math.Round(changes.Count / (double)readers, 4), [.. widgets], [.. slots],
            [.. kinds]);
    }

    private static ReaderEffect View(Change change, FeedModel before, FeedModel after)
    {
        var (query, user, facts) = (change.Reader.Query, change.Reader.User, change.Reader.Facts);
        var read = before.Rules.Reads.Concat(after.Rules.Reads).ToHashSet(StringComparer.Ordinal);
        return new(
            0, query.Platform, query.Language, read.Contains("appVersion") ? query.AppVersion : null, user is not null, user?.Roles ?? [],
            [.. facts.Lists.Where(list => read.Contains(Facts.ListKey(list)))],
            facts.Told.Where(fact => read.Contains(fact.Key)).ToDictionary(fact => fact.Key, fact => fact.Value),
            change.Gained, change.Lost,
            [.. change.Moved.Select(move => $"{move.To.Key}: {Place(move.From)} > {Place(move.To)}")], change.Altered);

        static string Place(Standing one) => $"{one.Slot.ToString().ToLowerInvariant()} {one.Place}";
    }

    private static Outcome<IReadOnlyList<Reader>?> Readers(IReadOnlyList<Context>? contexts)
    {
        if (contexts is null) return new(null, null);
        var readers = new List<Reader>();
        foreach (var context in contexts)
        {
            var (query, problem) = FeedQuery.Parse(context.Platform, context.AppVersion, context.Locale, context.Renderers);
            if (problem is not null) return problem;
            var user = RecordedReaders.Somebody(readers.Count, context.Roles ?? [], context.Assurance ?? Assurance.OneFactor);
            readers.Add(context is { SignedIn: false, UserId: null }
                ? new(query!, null)
                : new(query!, context.UserId is { } id ? user with { Id = id } : user)
                {
                    Facts = Facts.Of(context.Attributes, context.Segments),
                });
        }

        return readers;
    }
}
