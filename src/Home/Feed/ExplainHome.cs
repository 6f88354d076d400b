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

    public sealed record Query
    {
        [FromQuery(Name = "platform")]
        public string? Platform { get; init; }

        [FromQuery(Name = "appVersion")]
        public string? AppVersion { get; init; }

        [FromQuery(Name = "locale")]
        public string? Locale { get; init; }

        [FromQuery(Name = "renderers")]
        public string? Renderers { get; init; }

        /// <summary>Admins only: for whom; the caller when it is left out.</summary>
        [FromQuery(Name = "userId")]
        public string? UserId { get; init; }

        /// <summary>Admins only, with <see cref="UserId"/>: that person's roles between commas; `customer` when it is left out.</summary>
        [FromQuery(Name = "roles")]
        public string? Roles { get; init; }

        /// <summary>Admins only, with <see cref="UserId"/>: `two-factors`; one when it is left out.</summary>
        [FromQuery(Name = "assurance")]
        public string? Assurance { get; init; }

        /// <summary>Admins only: what they wish to look at, such as `banner:1`, an experiment and the number of a variation.</summary>
        [FromQuery(Name = "variation")]
        public string? Variation { get; init; }
    }

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
