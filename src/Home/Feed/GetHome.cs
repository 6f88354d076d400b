using System.Reflection;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Insight;
using Kontor.Home.Simulation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Feed;

/// <summary>The home feed of whoever asks. With `If-None-Match` an unchanged feed is 304 and the earlier `feedId` stays good.</summary>
public static class GetHome
{
    /// <param name="Id">The same for everybody and at any time.</param>
    /// <param name="Version">Of the type: how `content` is to be read.</param>
    /// <param name="Slot">The part of the feed; widgets come slot after slot.</param>
    /// <param name="Position">0 stands first, over all slots.</param>
    /// <param name="Content">Valid for the type's JSON Schema.</param>
    public sealed record HomeWidget(
        string Id, string Key, string Type, long Version, string Title, WidgetSlot Slot, HomeTracking Tracking, int Position,
        JsonElement Content);

    /// <summary>To be sent back with what was seen and clicked.</summary>
    /// <param name="Source">The product, or `home`.</param>
    /// <param name="Revision">Of the widget's settings.</param>
    /// <param name="Experiment">That gave the reader this widget, only while they take part in it.</param>
    /// <param name="Variation">Which it gave them.</param>
    public sealed record HomeTracking(string Source, long Revision, string? Experiment = null, string? Variation = null);

    private static readonly Problem NotYours = new(403, "forbidden", "Only an admin chooses variations.");

    public sealed record Response(IReadOnlyList<HomeWidget> Widgets, string FeedId, DateTimeOffset GeneratedAt);

    internal static void Map(RouteGroupBuilder home) => home.MapGet("", Handle).WithName("GetHome").FeedFirst();

    private static async Task<Results<FeedResult, ProblemHttpResult>> Handle(
        string? platform, string? appVersion, string? locale, string? renderers, string? variation, HttpContext http, HomeFeed feed,
        FeedAnswers answers)
    {
        var (query, problem) = FeedQuery.Parse(platform, appVersion, locale, renderers);
        if (problem is not null) return problem.ToResult();
        var user = CurrentUser.Of(http.User);
        if (variation is { Length: > 0 } && user is not { IsAdmin: true }) return NotYours.ToResult();
        (query, problem) = query!.Forcing(variation);
        if (problem is not null) return problem.ToResult();
        var device = Visitor.DeviceOf(http.Request);
        var visitor = RecordedReaders.MarkOf(http, user, device);
        return new FeedResult(answers, await feed.For(query! with { Device = device }, user, visitor, http.RequestAborted));
    }

    /// <summary>The feed, or 304.</summary>
    public sealed class FeedResult : IResult, IEndpointMetadataProvider
    {
        private readonly FeedAnswers _answers;
        private readonly FeedView _view;

        internal FeedResult(FeedAnswers answers, FeedView view) => (_answers, _view) = (answers, view);

        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
        {
            builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Response), ["application/json"]));
            builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));
        }

        public Task ExecuteAsync(HttpContext httpContext) => _answers.Write(httpContext, _view);
    }
}
