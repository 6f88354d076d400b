using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>An admin adds a widget and writes its content; the content is checked against the type's JSON Schema.</summary>
public static class CreateWidget
{
    private const long PriorityDefault = 100;

    private static readonly Problem SourceUnknown = new(422, "source-unknown", "There is no such source that pushes content.");

    /// <param name="Key">Kebab-case, for instance `summer-banner`. That of an archived widget brings it back, with these settings.</param>
    /// <param name="TypeVersion">The first when it is left out.</param>
    /// <param name="Titles">By language; `en` is needed.</param>
    /// <param name="Roles">Who may see it; everybody when it is empty or left out.</param>
    /// <param name="Source">A source that pushes its content; then its key becomes `source.key`.</param>
    /// <param name="Personal">The source may push to each person what only they are shown.</param>
    /// <param name="Fallback">Shown while its source has nothing to show.</param>
    /// <param name="State">`draft` when it is left out.</param>
    /// <param name="Team">Whose it is; when it is left out, its source's team, and `home` without a source.</param>
    /// <param name="Assurance">The least that a session must be; together with the roles it is the gate.</param>
    /// <param name="Experiment">Shown only in these of its variations.</param>
    /// <param name="Cache">Of a source's widget: narrows how long what it says is fresh, and shown.</param>
    /// <param name="Category">What it is about, for readers' tastes; its source, or its team, when it is left out.</param>
    /// <param name="Rule">A condition over the registered attributes.</param>
    public sealed record Request(
        [property: RegularExpression("[a-z0-9]+(-[a-z0-9]+)*"), Length(1, 64)] string Key,
        [property: MaxLength(64)] string Type,
        IReadOnlyDictionary<string, string> Titles,
        [property: Range(1, 999_999)] long TypeVersion = 1,
        IReadOnlyList<string>? Roles = null,
        WidgetSchedule? Schedule = null,
        [property: Range(0, 1000)] long Priority = PriorityDefault,
        WidgetState State = WidgetState.Draft,
        string? Team = null,
        WidgetPlacement? Placement = null,
        Assurance? Assurance = null,
        JsonElement? Rule = null,
        [property: ChecksItsText] JsonElement? Fallback = null,
        [property: MaxLength(32)] string? Source = null,
        bool Personal = false,
        string? Category = null,
        WidgetExperiment? Experiment = null,
        WidgetCache? Cache = null) : IValidatableObject
    {
        /// <summary>Of one without a source; valid for the type.</summary>
        [ChecksItsText]
        public JsonElement Content { get; init; }

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [
            .. CheckTitles(Titles), .. CheckRoles(Roles ?? []), .. CheckSchedule(Schedule ?? new()),
            .. CheckState(State), .. CheckTarget(Team, Placement, Assurance, Rule, Fallback),
            .. CheckCategory(Category), .. CheckCache(Cache), .. CheckSource(),
        ];

        /// <summary>Null when the request does not name it; a written null is content, and of no type.</summary>
        internal JsonElement? Given => Content.ValueKind == JsonValueKind.Undefined ? null : Content;

        private IEnumerable<ValidationResult> CheckSource()
        {
            if (Source is null && Given is null) yield return new("A widget without a source has content.", [nameof(Content)]);
            if (Source is not null && Given is not null) yield return new("Its source says the content.", [nameof(Content)]);
            if (Source is null && (Fallback is not null || Personal || NullWhenEmpty(Cache) is not null))
                yield return new("That is for a source's widget.", [nameof(Source)]);
        }
    }

    internal static void Map(RouteGroupBuilder admin) => admin.MapPost("/widgets", Handle).WithName("CreateWidget");

    private static async Task<Results<Created<WidgetView>, Accepted<WidgetView>, ProblemHttpResult>> Handle(
        Request request, CurrentUser user, WidgetEditor editor, TimeProvider time, CancellationToken ct)
    {
        var (widget, problem) = await Run(request, user, editor, time, ct);
        if (problem is not null) return problem.ToResult();
        var (address, view) = ($"/api/admin/widgets/{widget!.Id}", WidgetView.Of(widget));
        return view.Proposal is null ? TypedResults.Created(address, view) : TypedResults.Accepted(address, view);
    }

    /// <summary>For the API and for the page.</summary>
    internal static Task<Outcome<Widget>> Run(
        Request request, CurrentUser user, WidgetEditor editor, TimeProvider time, CancellationToken ct) =>
        editor.Create(New(request, time), user.Id, (tx, blank) => Checked(tx, blank, request, editor), ct);

    /// <summary>What it would be, checked and not stored.</summary>
    internal static Task<Outcome<Widget>> Draft(
        Request request, WidgetEditor editor, Database database, TimeProvider time, CancellationToken ct) =>
        database.Read(tx => Checked(tx, New(request, time), request, editor), ct);

    private static async Task<Outcome<Widget>> Checked(Tx tx, Widget blank, Request request, WidgetEditor editor)
    {
        if (blank.Source is { } key)
        {
            if (await StoredSources.Find(tx, key) is not { } source) return SourceUnknown;
            blank = blank with { Target = blank.Target with { Team = request.Team ?? source.Team } };
        }

        return await editor.Checked(tx, blank, request.Given, request.Rule, request.Fallback);
    }

    private static Widget New(Request request, TimeProvider time) => new(
        Ids.New(time), request.Source is { } source ? $"{source}.{request.Key}" : request.Key, request.Source,
        request.Source is null ? null : request.Key, new(request.Type, request.TypeVersion), request.Titles, null,
        request.Roles ?? [], request.Schedule?.StartsAt?.ToUnixTimeMilliseconds(), request.Schedule?.EndsAt?.ToUnixTimeMilliseconds(),
        request.Priority, request.State, 1, time.NowMs(), time.NowMs())
    {
        Target = new()
        {
            Team = request.Team ?? "home",
            Category = NullWhenEmpty(request.Category),
            Experiment = request.Experiment is { Key: not null } experiment ? experiment : null,
            Personal = request.Personal,
            Cache = NullWhenEmpty(request.Cache),
            Slot = request.Placement?.Slot ?? WidgetSlot.Main,
            Pin = request.Placement?.Pin,
            Assurance = request.Assurance ?? Assurance.OneFactor,
            Hours = request.Schedule?.Hours,
        },
    };
}
