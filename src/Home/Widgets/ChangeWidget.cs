using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Home.Feed;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;
using static Kontor.Home.Widgets.ListWidgets;

namespace Kontor.Home.Widgets;

/// <summary>An admin decides when, to whom and how prominently a widget is shown. What is left out stays as it is.</summary>
public static class ChangeWidget
{
    /// <param name="Schedule">Both ends are set to what it says, so `{}` removes them.</param>
    /// <param name="Version">The version that the admin saw; when it is no longer the latest, nothing is done (409 `widget-
    /// changed`).</param>
    public sealed record Request(
        [property: Range(0, 1000)] long? Priority = null,
        WidgetSchedule? Schedule = null,
        IReadOnlyList<string>? Roles = null,
        WidgetState? State = null,
        long? Version = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        [
            .. CheckRoles(Roles ?? []), .. CheckSchedule(Schedule ?? new()), .. CheckState(State ?? WidgetState.Draft),
        ];
    }

    internal static void Map(RouteGroupBuilder admin) => admin.MapPatch("/widgets/{id}", Handle).WithName("ChangeWidget");

    private static async Task<Results<Ok<WidgetView>, ProblemHttpResult>> Handle(
        string id, Request request, Database database, FeedModels models, TimeProvider time, CancellationToken ct)
    {
        var (widget, problem) = await database.Write(tx => StoredWidgets.Change(tx, id, before => Changed(before, request), time), ct);
        if (problem is not null) return problem.ToResult();
        await models.Reload(ct);
        return TypedResults.Ok(WidgetView.Of(widget!));
    }

    private static Outcome<Widget> Changed(Widget before, Request request)
    {
        if (request.Version is { } seen && seen != before.Version) return StoredWidgets.Changed;
        var after = before with
        {
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
