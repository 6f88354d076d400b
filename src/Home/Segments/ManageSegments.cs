using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Simulation;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Segments;

/// <summary>Saved groups of persons, by a rule or by a list, which rules and pushed content name.</summary>
public static class ManageSegments
{
    private const int IdLengthMax = 64;

    /// <param name="Key">Kebab-case, as `$inGroup` names it.</param>
    /// <param name="Persons">Instead of a rule: the ids of those who belong to it.</param>
    /// <param name="Priority">Of several segments' content a reader is shown that of the highest; 100 when left out.</param>
    public sealed record Request(
        [property: RegularExpression("[a-z0-9]+(-[a-z0-9]+)*"), Length(1, 64)] string Key,
        [property: Length(1, 200)] string Title,
        IReadOnlyList<string>? Persons = null,
        [property: Range(0, 1000)] long Priority = 100) : IValidatableObject
    {
        /// <summary>Whoever it holds for belongs to the segment.</summary>
        public JsonElement Rule { get; init; }

        /// <summary>Null when the request does not name it; a written null is none.</summary>
        internal JsonElement? Given => Rule.ValueKind == JsonValueKind.Undefined ? null : Rule;

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Given is null == Persons is null) yield return new("A segment has a rule or a list.", [nameof(Persons)]);
            foreach (var wrong in Check(Given, Persons, nameof(Persons))) yield return wrong;
        }
    }

    /// <param name="Rule">All of it.</param>
    /// <param name="Persons">All of them.</param>
    /// <param name="Add">Ids to put on the list; those that are there stay.</param>
    /// <param name="Remove">Ids to take from it.</param>
    /// <param name="Version">The version that the admin saw; when it is no longer the latest, nothing is done.</param>
    /// <param name="Mark">That of somebody else's proposal, which another rule may replace; without it that is 409 `wish-waits`.</param>
    public sealed record Change(
        [property: Length(1, 200)] string? Title = null,
        JsonElement? Rule = null,
        IReadOnlyList<string>? Persons = null,
        IReadOnlyList<string>? Add = null,
        IReadOnlyList<string>? Remove = null,
        [property: Range(0, 1000)] long? Priority = null,
        long? Version = null,
        [property: MaxLength(64)] string? Mark = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [
            .. Check(Rule, Persons, nameof(Persons)), .. Check(null, Add, nameof(Add)), .. Check(null, Remove, nameof(Remove)),
        ];

        /// <summary>Who is to be on the list after it.</summary>
        internal IReadOnlyCollection<string> Named => [.. Persons ?? [], .. Add ?? []];

        internal bool ChangesList => (Persons ?? Add ?? Remove) is not null;
    }

    public sealed record Response(IReadOnlyList<SegmentView> Segments, string? NextCursor);

    public sealed record Listed(IReadOnlyList<string> Persons, string? NextCursor);

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/segments", List).WithName("ListSegments");
        admin.MapPost("/segments", Create).WithName("CreateSegment");
        admin.MapGet("/segments/{key}", Show).WithName("GetSegment");
        admin.MapPatch("/segments/{key}", Alter).WithName("ChangeSegment");
        admin.MapPost("/segments/{key}/publish", Publish).WithName("PublishSegment");
        admin.MapPost("/segments/{key}/refuse", Refuse).WithName("RefuseSegment");
        admin.MapDelete("/segments/{key}", Delete).WithName("DeleteSegment");
        admin.MapGet("/segments/{key}/persons", Persons).WithName("ListSegmentPersons");
    }

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> List(
        Database database, FeedModels models, Simulator simulator, int? limit, string? cursor, CancellationToken ct)
    {
        var after = cursor is null ? "" : Paging.Decode(cursor, 1)?[0];
        if (after is null) return Paging.CursorInvalid.ToResult();
        var most = Paging.Limit(limit);
        var views = await database.Read(
            async tx =>
            {
                var found = (await StoredSegments.All(tx)).Where(one => string.CompareOrdinal(one.Key, after) > 0).Take(most + 1);
                var page = new List<SegmentView>();
                foreach (var segment in found) page.Add(await View(tx, segment, models.Current, simulator));
                return page;
            }, ct);
        var next = views.Count > most ? Paging.Encode(views[most - 1].Key) : null;
        return TypedResults.Ok(new Response([.. views.Take(most)], next));
    }

    private static async Task<Results<Created<SegmentView>, ProblemHttpResult>> Create(
        Request request, SegmentEditor editor, KnownAccounts accounts, Database database, FeedModels models, TimeProvider time,
        CancellationToken ct)
    {
        if (await accounts.Check(request.Persons ?? [], ct) is { } nobody) return nobody.ToResult();
        var now = time.NowMs();
        var segment = new Segment(request.Key, request.Title, request.Given, request.Priority, 1, null, null, now, now);
        var (created, problem) = await editor.Create(segment, request.Persons ?? [], ct);
        if (problem is not null) return problem.ToResult();
        var view = await database.Read(tx => View(tx, created!, models.Current), ct);
        return TypedResults.Created($"/api/admin/segments/{view.Key}", view);
    }

    private static async Task<Results<Ok<SegmentView>, ProblemHttpResult>> Show(
        string key, Database database, FeedModels models, Simulator simulator, CancellationToken ct)
    {
        var view = await database.Read(
            async tx => (await StoredSegments.All(tx)).Find(one => one.Key == key) is { } found
                ? await View(tx, found, models.Current, simulator) : null, ct);
        return view is null ? StoredSegments.Unknown.ToResult() : TypedResults.Ok(view);
    }

    private static async Task<Results<Ok<SegmentView>, Accepted<SegmentView>, ProblemHttpResult>> Alter(
        string key, Change request, CurrentUser user, SegmentEditor editor, KnownAccounts accounts, Database database, FeedModels models,
        CancellationToken ct) =>
        await Answer(
            await accounts.Check(request.Named, ct) is { } nobody
                ? nobody
                : await editor.Change(key, user.Id, request.Mark, (tx, before) => Altered(tx, before, request), ct),
            user, database, models, ct);

    private static async Task<Results<Ok<SegmentView>, Accepted<SegmentView>, ProblemHttpResult>> Publish(
        string key, Agreement? request, CurrentUser user, SegmentEditor editor, Database database, FeedModels models,
        CancellationToken ct) =>
        await Answer(await editor.Publish(key, user.Id, request?.Mark, ct), user, database, models, ct);

    private static async Task<Results<Ok<SegmentView>, Accepted<SegmentView>, ProblemHttpResult>> Refuse(
        string key, Agreement? request, CurrentUser user, SegmentEditor editor, Database database, FeedModels models,
        CancellationToken ct) =>
        await Answer(await editor.Refuse(key, request?.Mark, ct), user, database, models, ct);

    private static async Task<Results<Ok<SegmentView>, Accepted<SegmentView>, ProblemHttpResult>> Answer(
        Outcome<Segment> outcome, CurrentUser user, Database database, FeedModels models, CancellationToken ct)
    {
        if (outcome.Problem is { } problem) return problem.ToResult();
        var view = await database.Read(tx => View(tx, outcome.Value!, models.Current), ct);
        // What this admin wishes waits for another one.
        return view.Proposal?.UserId == user.Id ? TypedResults.Accepted($"/api/admin/segments/{view.Key}", view) : TypedResults.Ok(view);
    }

    internal static async Task<Outcome<Segment>> Altered(Tx tx, Segment before, Change request)
    {
        if (request.Version is { } seen && seen != before.Version) return StoredSegments.Changed;
        if (before.IsList ? request.Rule is not null : request.ChangesList) return SegmentEditor.OtherKind;
        var changed = request.Persons is null ? 0 : await StoredMembers.Keep(tx, before.Key, request.Named);
        if (request.Remove is not null) changed += await StoredMembers.Remove(tx, before.Key, request.Remove);
        var (added, full) = await StoredMembers.Add(tx, before.Key, request.Named);
        if (full is not null) return full;
        return before with
        {
            // Who belongs to it is another than whoever reads this version knows.
            Version = before.Version + (changed + added > 0 ? 1 : 0),
            Title = request.Title ?? before.Title,
            Rule = request.Rule ?? before.Rule,
            Priority = request.Priority ?? before.Priority,
        };
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string key, SegmentEditor editor, CancellationToken ct) =>
        await editor.Delete(key, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    private static async Task<Results<Ok<Listed>, ProblemHttpResult>> Persons(
        string key, Database database, int? limit, string? cursor, CancellationToken ct)
    {
        var after = cursor is null ? "" : Paging.Decode(cursor, 1)?[0];
        if (after is null) return Paging.CursorInvalid.ToResult();
        var most = Paging.Limit(limit);
        var found = await database.Read(tx => StoredMembers.Page(tx, key, after, most + 1).AsTask(), ct);
        var next = found.Count > most ? Paging.Encode(found[most - 1]) : null;
        return TypedResults.Ok(new Listed([.. found.Take(most)], next));
    }

    internal static async Task<SegmentView> View(Tx tx, Segment segment, FeedModel model, Simulator? simulator = null) => SegmentView.Of(
        segment, segment.IsList ? await StoredMembers.Count(tx, segment.Key) : null, simulator?.ShareOf(segment.Key), model);

    private static IEnumerable<ValidationResult> Check(JsonElement? rule, IReadOnlyList<string>? persons, string field)
    {
        if (rule is { ValueKind: not JsonValueKind.Object }) yield return new("A rule is a JSON object.", ["Rule"]);
        if (persons is null) yield break;
        if (persons.Count > StoredMembers.PersonsMax) yield return new($"A list has at most {StoredMembers.PersonsMax} persons.", [field]);
        if (persons.Any(id => id is not { Length: >= 1 and <= IdLengthMax }))
            yield return new($"A person's id has 1 to {IdLengthMax} characters.", [field]);
    }
}
