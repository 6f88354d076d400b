using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;
using Kontor.Home.Insight;
using Kontor.Home.Ranking;
using Kontor.Home.Rules;
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
        Rule,
        RuleBroken,
        Experiment,
        Renderer,
        NothingToShow,
        Dismissed,
        DayCap,
        TeamCap,
        CategoryCap,
    }

    private static readonly Problem NotYours = new(403, "forbidden", "Only an admin sees why others see what they see.");

    /// <param name="Verdict">`shown`, or the first thing that stood in the way.</param>
    /// <param name="Position">In the feed, 0 stands first; null when it is not shown.</param>
    /// <param name="Score">Of those that could be shown.</param>
    public sealed record ExplainedWidget(
        string Id, string Key, string Type, long Version, string? Source, long Priority, Verdict Verdict, int? Position,
        ExplainedGate Gate, WidgetSchedule Schedule, ExplainedRule? Rule, bool IsRendered, ExplainedContent Content,
        ExplainedRendering Rendering, ExplainedExperiment? Experiment, ExplainedScore? Score);

    public sealed record ExplainedGate(IReadOnlyList<string> Roles, Assurance Assurance, bool Passes);

    /// <param name="Trace">What each part saw; for admins only, because a rule may tell of other people.</param>
    /// <param name="Faults">Why it cannot be evaluated; for admins only.</param>
    public sealed record ExplainedRule(bool Passes, RuleStep? Trace, IReadOnlyList<string>? Faults);

    public sealed record Response(string? UserId, IReadOnlyList<string> Roles, IReadOnlyList<ExplainedWidget> Widgets);

    /// <param name="UserId">Admins only: for whom; the caller when it is left out.</param>
    /// <param name="Roles">Admins only, with <paramref name="UserId"/>: that person's roles between commas; `customer` when it is left
    /// out.</param>
    /// <param name="Variation">Admins only: what they wish to look at, such as `banner:1`, an experiment and the number of a
    /// variation.</param>
    /// <param name="Assurance">Admins only, with <paramref name="UserId"/>: `two-factors`; one when it is left out.</param>
    public sealed record Query(
        [property: FromQuery(Name = "platform")] string? Platform,
        [property: FromQuery(Name = "appVersion")] string? AppVersion,
        [property: FromQuery(Name = "locale")] string? Locale,
        [property: FromQuery(Name = "renderers")] string? Renderers,
        [property: FromQuery(Name = "userId")] string? UserId,
        [property: FromQuery(Name = "roles")] string? Roles,
        [property: FromQuery(Name = "assurance")] string? Assurance,
        [property: FromQuery(Name = "variation")] string? Variation);

    internal static void Map(RouteGroupBuilder home) => home.MapGet("/explain", Handle).WithName("ExplainHome").RequireAuthorization();

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        [AsParameters] Query asked, HttpContext http, CurrentUser caller, FeedModels models, Readers readers,
        Explanations explanations, TimeProvider time, CancellationToken ct)
    {
        if (!caller.IsAdmin && (asked.UserId ?? asked.Roles ?? asked.Assurance ?? asked.Variation) is not null) return NotYours.ToResult();
        var (query, problem) = Read(asked, http);
        if (problem is not null) return problem.ToResult();
        var person = asked.UserId is { } id ? Somebody(id, asked) : caller;
        var model = models.Current;
        var views = await explanations.Of(model, await readers.Of(model, query!, person, ct), caller, time.NowMs(), ct);
        return TypedResults.Ok(new Response(person.Id, person.Roles, views));
    }

    private static Outcome<FeedQuery> Read(Query asked, HttpContext http)
    {
        var (query, problem) = FeedQuery.Parse(asked.Platform, asked.AppVersion, asked.Locale, asked.Renderers);
        if (problem is not null) return problem;
        // An admin who looks at somebody else has a device of their own.
        return (query! with { Device = asked.UserId is null ? Visitor.DeviceOf(http.Request) : null }).Forcing(asked.Variation);
    }

    private static CurrentUser Somebody(string id, Query asked) => new(
        id, "", (asked.Roles ?? RoleNames.Customer).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        asked.Assurance == "two-factors" ? Assurance.TwoFactors : Assurance.OneFactor);
}
