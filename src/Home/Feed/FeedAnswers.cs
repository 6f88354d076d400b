using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Kontor.Foundation;
using Kontor.Foundation.Caching;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Insight;
using Kontor.Home.Simulation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Kontor.Home.Feed;

/// <summary>Feeds as they leave: a copy of bytes that were written when their content changed, into the connection's own buffers.</summary>
internal sealed class FeedAnswers(HomeFeed feed, TimeProvider time)
{
    /// <summary>Clients of one kind send the same query; each takes less than 2 KB.</summary>
    private const int QueriesMax = 2000;

    private const int QueryLengthMax = 500;

    private static readonly StringValues Json = "application/json; charset=utf-8";

    // The browser may keep it and has to ask each time; nobody in between may, because it may be one person's.
    private static readonly StringValues Private = "private, no-cache";
    private static readonly StringValues Varies = "Authorization, X-Device-Id, Cookie";

    private readonly Recent<string, FeedQuery> _queries = new(QueriesMax);

    // Most requests of a second share it up to the milliseconds.
    private volatile Tuple<long, byte[]>? _second;

    private static ReadOnlySpan<byte> Head => "{\"widgets\":"u8;

    private static ReadOnlySpan<byte> BeforeId => ",\"feedId\":\""u8;

    private static ReadOnlySpan<byte> BeforeTime => "\",\"generatedAt\":\""u8;

    private static ReadOnlySpan<byte> End => "Z\"}"u8;

    /// <summary>
    /// Before anything of the request is bound to parameters: for what clients ask all day long. Null where there is something to refuse
    /// or to choose, which the endpoint's handler does.
    /// </summary>
    public Task? Answer(HttpContext http)
    {
        if (QueryOf(http.Request) is not { } query) return null;
        var (user, device) = (CurrentUser.Of(http.User), Visitor.DeviceOf(http.Request));
        if (device is not null) query = query with { Device = device };
        var view = feed.For(query, user, RecordedReaders.MarkOf(http, user, device), http.RequestAborted);
        return view.IsCompletedSuccessfully ? Write(http, view.Result) : WriteLater(http, view);
    }

    /// <summary>304 when the client says that it has this feed.</summary>
    public Task Write(HttpContext http, FeedView view)
    {
        var (response, etag) = (http.Response, view.ETag);
        response.Headers.ETag = etag;
        response.Headers.CacheControl = Private;
        response.Headers.Vary = Varies;
        if (IsKnown(http.Request, etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        var (id, now) = (Ids.New(time), time.GetUtcNow());
        var length = Head.Length + view.Length + BeforeId.Length + id.Length + view.Mark.Length
            + BeforeTime.Length + TimeLength + End.Length;
        response.Headers.ContentType = Json;
        response.ContentLength = length;
        // Headers first: what is written before them is copied once more.
        var begun = response.StartAsync(http.RequestAborted);
        if (!begun.IsCompletedSuccessfully) return WriteAfter(begun, response, view, id, now, length);
        Put(response.BodyWriter, view, id, now, length);
        var flushed = response.BodyWriter.FlushAsync(http.RequestAborted);
        return flushed.IsCompletedSuccessfully ? Task.CompletedTask : flushed.AsTask();
    }

    private async Task WriteLater(HttpContext http, ValueTask<FeedView> view) => await Write(http, await view);

    private async Task WriteAfter(Task begun, HttpResponse response, FeedView view, string id, DateTimeOffset now, int length)
    {
        await begun;
        Put(response.BodyWriter, view, id, now, length);
        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
    }

    private void Put(IBufferWriter<byte> body, FeedView view, string id, DateTimeOffset now, int length)
    {
        var rest = body.GetSpan(length);
        Skeleton.Put(ref rest, Head);
        view.Write(ref rest);
        Skeleton.Put(ref rest, BeforeId);
        Encoding.ASCII.GetBytes(id, rest);
        Encoding.ASCII.GetBytes(view.Mark, rest[id.Length..]);
        rest = rest[(id.Length + view.Mark.Length)..];
        Skeleton.Put(ref rest, BeforeTime);
        PutTime(ref rest, now);
        Skeleton.Put(ref rest, End);
        body.Advance(length);
    }

    private const int TimeLength = 23;

    /// <summary>`2026-11-21T09:30:00.123`</summary>
    private void PutTime(ref Span<byte> rest, DateTimeOffset now)
    {
        var milliseconds = now.ToUnixTimeMilliseconds();
        var second = milliseconds / Clock.Second;
        var known = _second;
        if (known?.Item1 != second)
        {
            var text = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.", CultureInfo.InvariantCulture);
            _second = known = new(second, Encoding.ASCII.GetBytes(text));
        }

        Skeleton.Put(ref rest, known.Item2);
        Utf8Formatter.TryFormat((int)(milliseconds % Clock.Second), rest, out var digits, new StandardFormat('D', 3));
        rest = rest[digits..];
    }

    private FeedQuery? QueryOf(HttpRequest request)
    {
        var text = request.QueryString.Value ?? "";
        if (_queries.Find(text) is { } known) return known;
        var said = request.Query;
        if (!StringValues.IsNullOrEmpty(said["variation"])) return null;
        var (query, problem) = FeedQuery.Parse(said["platform"], said["appVersion"], said["locale"], said["renderers"]);
        if (problem is null && text.Length <= QueryLengthMax) _queries.Set(text, query!);
        return query;
    }

    private static bool IsKnown(HttpRequest request, string etag)
    {
        if (request.Headers.IfNoneMatch is not { Count: > 0 } known) return false;
        return known == etag || IsAmong(request, EntityTagHeaderValue.Parse(etag));
    }

    private static bool IsAmong(HttpRequest request, EntityTagHeaderValue mine) =>
        request.GetTypedHeaders().IfNoneMatch.Any(tag => tag.Tag == "*" || tag.Compare(mine, useStrongComparison: false));
}

internal static class AnsweredFromMemory
{
    /// <summary>What the endpoint describes and refuses stays its own; the rest is answered before its parameters are bound.</summary>
    public static void FeedFirst(this IEndpointConventionBuilder endpoint) => endpoint.Add(builder =>
    {
        var handler = builder.RequestDelegate!;
        var answers = builder.ApplicationServices.GetRequiredService<FeedAnswers>();
        builder.RequestDelegate = http => answers.Answer(http) ?? handler(http);
    });
}
