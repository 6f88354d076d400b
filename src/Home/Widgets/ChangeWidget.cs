using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Home.Feed;
using Kontor.Home.Widgets.Types;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;
using static Kontor.Home.Widgets.ListWidgets;

namespace Kontor.Home.Widgets;

/// <summary>
/// An admin decides when, to whom and how prominently a widget is shown, and corrects what they wrote themselves. What is left out stays
/// as it is.
/// </summary>
public static class ChangeWidget
{
    private static readonly Problem NothingToChange = new(400, "nothing-to-change", "The request names nothing that can be changed.");

    private static readonly Problem SourceWrites =
        new(409, "widget-has-source", "The titles and the content of this widget are what its source says.");

    /// <param name="Titles">All of them, by language; `en` is needed. Only of a widget that an admin wrote, as the content.</param>
    /// <param name="Content">All of it, checked against the widget's type.</param>
    /// <param name="Schedule">Both ends are set to what it says, so `{}` removes them.</param>
    /// <param name="Version">The version that the admin saw; when it is no longer the latest, nothing is done (409 `widget-
    /// changed`).</param>
    public sealed record Request(
        IReadOnlyDictionary<string, string>? Titles = null,
        JsonElement? Content = null,
        [property: Range(0, 1000)] long? Priority = null,
        WidgetSchedule? Schedule = null,
        IReadOnlyList<string>? Roles = null,
        WidgetState? State = null,
        long? Version = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [
            .. Titles is null ? [] : CheckTitles(Titles), .. CheckRoles(Roles ?? []), .. CheckSchedule(Schedule ?? new()),
            .. CheckState(State ?? WidgetState.Draft),
        ];

        internal bool ChangesNothing =>
            Titles is null && Content is null && Priority is null && Schedule is null && Roles is null && State is null;
    }

    internal static void Map(RouteGroupBuilder admin) => admin.MapPatch("/widgets/{id}", Handle).WithName("ChangeWidget");

    private static async Task<Results<Ok<WidgetView>, ProblemHttpResult>> Handle(
        string id, Request request, Database database, WidgetTypes types, FeedModels models, TimeProvider time, CancellationToken ct)
    {
        if (request.ChangesNothing) return NothingToChange.ToResult();
        var (widget, problem) = await database.Write(
            tx => StoredWidgets.Change(tx, id, before => Changed(tx, before, request, types), time), ct);
        if (problem is not null) return problem.ToResult();
        await models.Reload(ct);
        return TypedResults.Ok(WidgetView.Of(widget!));
    }

    private static async Task<Outcome<Widget>> Changed(Tx tx, Widget before, Request request, WidgetTypes types)
    {
        if (before.Source is not null && (request.Titles is not null || request.Content is not null)) return SourceWrites;
        if (request.Version is { } seen && seen != before.Version) return StoredWidgets.Changed;
        var content = before.Content;
        if (request.Content is { } written)
        {
            // A stored widget's type is there: the table refers to it.
            var type = await types.Find(tx, before.Type);
            var (json, problem) = WidgetContent.Read(written, type!);
            if (problem is not null) return problem;
            content = Encoding.UTF8.GetString(json!);
        }

        var after = before with
        {
            Titles = request.Titles ?? before.Titles,
            Content = content,
            Priority = request.Priority ?? before.Priority,
            Roles = request.Roles ?? before.Roles,
            State = request.State ?? before.State,
        };
        return request.Schedule is not { } schedule ? after : after with
        {
            StartsAt = schedule.StartsAt?.ToUnixTimeMilliseconds(),
            EndsAt = schedule.EndsAt?.ToUnixTimeMilliseconds(),
        };
    }
}
