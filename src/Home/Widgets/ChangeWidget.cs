using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>
/// An admin decides when, to whom and how prominently a widget is shown, and corrects what they wrote themselves. What is left out stays
/// as it is.
/// </summary>
public static class ChangeWidget
{
    private static readonly Problem NothingToChange = new(400, "nothing-to-change", "The request names nothing that can be changed.");

    private static readonly Problem SourceWrites =
        new(409, "widget-has-source", "What its source says is not an admin's to write.");

    private static readonly Problem NoSource =
        new(409, "widget-without-source", "What an admin writes does not age: only a source's widget has a cache policy.");

    /// <param name="Titles">All of them, by language; `en` is needed. Not of a product's widget, which brings them.</param>
    /// <param name="Content">Only of a widget that an admin wrote: all of it, checked against the widget's type.</param>
    /// <param name="Schedule">Both ends are set to what it says, so `{}` removes them.</param>
    /// <param name="Version">The version that the admin saw; when it is no longer the latest, nothing is done (409 `widget-
    /// changed`).</param>
    /// <param name="Placement">All of it: its slot and its pin.</param>
    /// <param name="Experiment">All of it; `{}` takes the widget out of its experiment.</param>
    /// <param name="Category">What it is about; empty for the part of its key before the dot, or its team.</param>
    /// <param name="Rule">All of it; `{}` removes it, as of the fallback.</param>
    /// <param name="Cache">All of it; `{}` leaves it to the source.</param>
    /// <param name="Fallback">Shown while its source has nothing to show; checked against the type.</param>
    /// <param name="Mark">That of somebody else's proposal, which this may replace; without it that is 409 `wish-waits`.</param>
    public sealed record Request(
        IReadOnlyDictionary<string, string>? Titles = null,
        [property: ChecksItsText] JsonElement? Content = null,
        [property: Range(0, 1000)] long? Priority = null,
        WidgetSchedule? Schedule = null,
        IReadOnlyList<string>? Roles = null,
        WidgetState? State = null,
        long? Version = null,
        string? Team = null,
        WidgetPlacement? Placement = null,
        Assurance? Assurance = null,
        JsonElement? Rule = null,
        [property: ChecksItsText] JsonElement? Fallback = null,
        string? Category = null,
        WidgetExperiment? Experiment = null,
        WidgetCache? Cache = null,
        [property: MaxLength(64)] string? Mark = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [
            .. Titles is null ? [] : CheckTitles(Titles), .. CheckRoles(Roles ?? []), .. CheckSchedule(Schedule ?? new()),
            .. CheckState(State ?? WidgetState.Draft), .. CheckTarget(Team, Placement, Assurance, Rule, Fallback),
            .. CheckCategory(Category), .. CheckCache(Cache),
        ];

        internal bool ChangesNothing =>
            Titles is null && Content is null && Priority is null && Schedule is null && Roles is null && State is null && Team is null
            && Placement is null && Assurance is null && Rule is null && Fallback is null && Category is null && Experiment is null
            && Cache is null;
    }

    internal static void Map(RouteGroupBuilder admin) => admin.MapPatch("/widgets/{id}", Handle).WithName("ChangeWidget");

    private static async Task<Results<Ok<WidgetView>, Accepted<WidgetView>, ProblemHttpResult>> Handle(
        string id, Request request, CurrentUser user, WidgetEditor editor, CancellationToken ct)
    {
        var (widget, problem) = await Run(id, request, user, editor, ct);
        return problem is not null ? problem.ToResult() : PublishWidget.Answer(widget!, user);
    }

    /// <summary>For the API and for the page.</summary>
    internal static async Task<Outcome<Widget>> Run(
        string id, Request request, CurrentUser user, WidgetEditor editor, CancellationToken ct) => request.ChangesNothing
        ? NothingToChange
        : await editor.Change(id, user.Id, request.Mark, (tx, before) => Changed(tx, before, request, editor), ct);

    /// <summary>What it would become, checked and not stored.</summary>
    internal static Task<Outcome<Widget>> Draft(
        Widget before, Request request, WidgetEditor editor, Database database, CancellationToken ct) =>
        database.Read(tx => Changed(tx, before, request, editor), ct);

    internal static async Task<Outcome<Widget>> Changed(Tx tx, Widget before, Request request, WidgetEditor editor)
    {
        if (before.Source is not null && request.Content is not null) return SourceWrites.Because("It says the content.");
        if (!before.HasOwnTitles && request.Titles is not null) return SourceWrites.Because("It says the titles.");
        if (before.Source is null && NullWhenEmpty(request.Cache) is not null) return NoSource;
        if (request.Version is { } seen && seen != before.Version) return StoredWidgets.Changed;
        var after = before with
        {
            Titles = request.Titles ?? before.Titles,
            Priority = request.Priority ?? before.Priority,
            Roles = request.Roles ?? before.Roles,
            State = request.State ?? before.State,
            Target = Aimed(before.Target, request),
        };
        if (request.Schedule is { } schedule)
        {
            after = after with
            {
                StartsAt = schedule.StartsAt?.ToUnixTimeMilliseconds(),
                EndsAt = schedule.EndsAt?.ToUnixTimeMilliseconds(),
            };
        }

        return await editor.Checked(tx, after, request.Content, request.Rule, request.Fallback);
    }

    private static Targeting Aimed(Targeting before, Request request) => before with
    {
        Team = request.Team ?? before.Team,
        Experiment = request.Experiment is not { } experiment ? before.Experiment : experiment.Key is null ? null : experiment,
        Category = request.Category is { } category ? NullWhenEmpty(category) : before.Category,
        Cache = request.Cache is { } cache ? NullWhenEmpty(cache) : before.Cache,
        Slot = request.Placement?.Slot ?? before.Slot,
        Pin = request.Placement is { } placement ? placement.Pin : before.Pin,
        Assurance = request.Assurance ?? before.Assurance,
        Hours = request.Schedule is { } schedule ? schedule.Hours : before.Hours,
    };
}
