using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Insight;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;
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

    internal static void Map(RouteGroupBuilder home) => home.MapGet("", Handle).WithName("GetHome");

    private static async Task<Results<FeedResult, StatusCodeHttpResult, ProblemHttpResult>> Handle(
        string? platform, string? appVersion, string? locale, string? renderers, string? variation, HttpContext http, HomeFeed feed,
        TimeProvider time)
    {
        var (query, problem) = FeedQuery.Parse(platform, appVersion, locale, renderers);
        if (problem is not null) return problem.ToResult();
        var user = CurrentUser.Of(http.User);
        if (variation is { Length: > 0 } && user is not { IsAdmin: true }) return NotYours.ToResult();
        (query, problem) = query!.Forcing(variation);
        if (problem is not null) return problem.ToResult();
        var view = await feed.For(query! with { Device = Visitor.DeviceOf(http.Request) }, user, http.RequestAborted);
        var etag = view.ETag;
        http.Response.Headers.ETag = etag;
        // The browser may keep it and has to ask each time; nobody in between may, because it may be one person's.
        http.Response.Headers.CacheControl = "private, no-cache";
        http.Response.Headers.Vary = "Authorization, X-Device-Id, Cookie";
        if (IsKnown(http.Request, etag)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return new FeedResult(view, view.NewId(time), time.GetUtcNow());
    }

    private static bool IsKnown(HttpRequest request, string etag)
    {
        if (request.Headers.IfNoneMatch.Count == 0) return false;
        var mine = EntityTagHeaderValue.Parse(etag);
        return request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Tag == "*" || tag.Compare(mine, useStrongComparison: false));
    }

    /// <summary>Copies the bytes that were written when the content changed, into the connection's own buffers.</summary>
    public sealed class FeedResult : IResult, IEndpointMetadataProvider
    {
        private readonly FeedView _view;
        private readonly byte[] _tail;

        internal FeedResult(FeedView view, string feedId, DateTimeOffset now)
        {
            _view = view;
            var at = now.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
            _tail = Encoding.UTF8.GetBytes($$""","feedId":"{{feedId}}","generatedAt":"{{at}}"}""");
        }

        private static ReadOnlySpan<byte> Head => "{\"widgets\":"u8;

        public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
        {
            builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(Response), ["application/json"]));
            builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));
        }

        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.ContentType = "application/json; charset=utf-8";
            var shared = _view.SharedJson();
            var length = shared?.Length ?? _view.Skeleton.LengthOf(_view.Order, _view.Personal);
            response.ContentLength = Head.Length + length + _tail.Length;
            response.BodyWriter.Write(Head);
            if (shared is not null) response.BodyWriter.Write(shared);
            else _view.Skeleton.Write(response.BodyWriter, _view.Order, _view.Personal);
            response.BodyWriter.Write(_tail);
            await response.BodyWriter.FlushAsync(httpContext.RequestAborted);
        }
    }
}
