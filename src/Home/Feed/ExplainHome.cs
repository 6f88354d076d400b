using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Feed;

/// <summary>
/// Why each widget is in the caller's feed or not. A customer is told about the widgets that they may see; an admin about all, also for
/// somebody else.
/// </summary>
public static class ExplainHome
{
    /// <summary>Why a widget is in a reader's feed or not, in the order in which it is decided.</summary>
    public enum Verdict
    {
        Shown,
        NotPublished,
        Gate,
        NotSignedIn,
        Schedule,
        Renderer,
        NothingToShow,
    }

    private static readonly Problem NotYours = new(403, "forbidden", "Only an admin sees why others see what they see.");

    /// <param name="Verdict">`shown`, or the first thing that stood in the way.</param>
    /// <param name="Position">In the feed, 0 stands first; null when it is not shown.</param>
    public sealed record ExplainedWidget(
        string Id, string Key, string Type, long Version, string? Source, long Priority, Verdict Verdict, int? Position,
        ExplainedGate Gate, WidgetSchedule Schedule, bool IsRendered, ExplainedContent Content);

    public sealed record ExplainedGate(IReadOnlyList<string> Roles, bool Passes);

    /// <param name="Personal">Each person has a snapshot of their own.</param>
    /// <param name="AgeSeconds">Since its source was asked; null when there is none.</param>
    /// <param name="IsStale">Something has changed since, and it is being asked for again.</param>
    /// <param name="LastFailure">Why the latest pull gave nothing; for admins.</param>
    public sealed record ExplainedContent(bool Personal, bool IsThere, long? AgeSeconds, bool IsStale, string? LastFailure);

    public sealed record Response(string? UserId, IReadOnlyList<string> Roles, IReadOnlyList<ExplainedWidget> Widgets);

    /// <param name="UserId">Admins only: for whom; the caller when it is left out.</param>
    /// <param name="Roles">Admins only, with <paramref name="UserId"/>: that person's roles between commas; `customer` when it is left
    /// out.</param>
    public sealed record Query(
        [property: FromQuery(Name = "platform")] string? Platform,
        [property: FromQuery(Name = "appVersion")] string? AppVersion,
        [property: FromQuery(Name = "locale")] string? Locale,
        [property: FromQuery(Name = "renderers")] string? Renderers,
        [property: FromQuery(Name = "userId")] string? UserId,
        [property: FromQuery(Name = "roles")] string? Roles);

    internal static void Map(RouteGroupBuilder home) => home.MapGet("/explain", Handle).WithName("ExplainHome").RequireAuthorization();

    private static Results<Ok<Response>, ProblemHttpResult> Handle(
        [AsParameters] Query asked, CurrentUser caller, FeedModels models, PersonalSnapshots persons, TimeProvider time)
    {
        var (query, problem) = FeedQuery.Parse(asked.Platform, asked.AppVersion, asked.Locale, asked.Renderers);
        if (problem is not null) return problem.ToResult();
        if (!caller.IsAdmin && (asked.UserId ?? asked.Roles) is not null) return NotYours.ToResult();
        var roles = (asked.Roles ?? RoleNames.Customer).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var person = asked.UserId is { } id ? new CurrentUser(id, "", roles) : caller;
        var now = time.NowMs();
        var model = models.Current;
        var projection = Projection.Of(model, query!, person, now);
        var views = new List<ExplainedWidget>();
        var position = 0;
        foreach (var one in model.Widgets)
        {
            var slot = one.IsPersonal ? persons.Find(person.Id, one.Offered!) : one.Offered?.Shared;
            var shown = one.IsPersonal ? slot?.Shown : one.Content;
            var verdict = model.Judge(one, projection);
            if (verdict == Verdict.Shown && shown?.Content is null) verdict = Verdict.NothingToShow;
            // What a gate forbids is not even named to those it keeps out.
            if (!caller.IsAdmin && verdict is Verdict.NotPublished or Verdict.Gate) continue;
            views.Add(View(one, verdict, verdict == Verdict.Shown ? position++ : null, projection, new(
                one.IsPersonal, shown?.Content is not null, shown is null ? null : (now - shown.AsOf) / Clock.Second,
                slot?.IsStale ?? false, caller.IsAdmin ? slot?.LastFailure : null)));
        }

        return TypedResults.Ok(new Response(person.Id, person.Roles, views));
    }

    private static ExplainedWidget View(FeedWidget one, Verdict verdict, int? position, Projection projection, ExplainedContent content)
    {
        var widget = one.Widget;
        return new(
            widget.Id, widget.Key, widget.Type.Key, widget.Type.Version, widget.Source, widget.Priority, verdict, position,
            new(widget.Roles, projection.Passes(widget.Roles)), new(widget.StartsAt?.ToTime(), widget.EndsAt?.ToTime()),
            projection.Renders(widget.Type), content);
    }
}
