using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Insight;

/// <summary>
/// A client tells what was seen, clicked and dismissed, signed in or not; several events at once, also such as were recorded without a
/// connection. To send the same again is safe.
/// </summary>
public static class RecordEvents
{
    public const int EventsMax = 200;

    /// <param name="Id">The client's own, unlike any other of its ids; the event counts once, however often it is sent.</param>
    /// <param name="FeedId">Of the feed in which it happened.</param>
    /// <param name="At">When it happened. The future is taken as now; what is more than 7 days old is not counted.</param>
    /// <param name="Position">Of the widget in that feed.</param>
    public sealed record Event(
        [property: Length(1, 64)] string Id,
        [property: Length(1, 64)] string WidgetId,
        [property: Length(1, 1500)] string FeedId,
        FeedEventKind Kind,
        DateTimeOffset At,
        [property: Range(0, 1000)] int? Position = null);

    public sealed record Request([property: Length(1, EventsMax)] IReadOnlyList<Event> Events);

    /// <param name="Counted">How many count now.</param>
    /// <param name="Repeated">How many were counted before, or stood twice in the request.</param>
    /// <param name="Ignored">The others. None of all needs to be sent again.</param>
    public sealed record Response(int Counted, int Repeated, IReadOnlyList<IgnoredEvent> Ignored);

    /// <param name="Reason">`unknown-widget`, `too-old`, or `too-many` from this sender today.</param>
    public sealed record IgnoredEvent(string Id, string Reason);

    internal static void Map(RouteGroupBuilder home) => home.MapPost("/events", Handle).WithName("RecordEvents");

    internal static async Task<Accepted<Response>> Handle(
        Request request, HttpContext http, CurrentUser? user, ClientNetwork network, EventLog log, TimeProvider time,
        CancellationToken ct)
    {
        var now = time.NowMs();
        var events = request.Events.Select(one => new FeedEvent(
            one.Id, one.WidgetId, one.FeedId, one.Kind, Math.Min(one.At.ToUnixTimeMilliseconds(), now), one.Position)).ToList();
        var outcome = await log.Record(Visitor.Of(http, user) with { Network = network.Name }, events, now, ct);
        return TypedResults.Accepted((string?)null, new Response(
            outcome.Counted.Count, outcome.Repeated,
            [.. outcome.Ignored.Select(one => new IgnoredEvent(one.Event.Id, NameOf(one.Reason)))]));
    }

    private static string NameOf(EventLog.Reason reason) => reason switch
    {
        EventLog.Reason.UnknownWidget => "unknown-widget",
        EventLog.Reason.TooOld => "too-old",
        _ => "too-many",
    };
}
