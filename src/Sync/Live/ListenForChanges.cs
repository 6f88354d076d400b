using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Sync.Pull;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Kontor.Sync.Live;

/// <summary>
/// A device keeps this open and hears of every change of its owner's data, from whatever node or page, as a server-sent event with
/// the new version and nothing else; it then pulls. A device that was away names what it has (`Last-Event-ID`, or
/// `last_pulled_at`) and hears at once when that is old.
/// </summary>
public static class ListenForChanges
{
    /// <summary>Then the device asks again, with the access token that it has by then.</summary>
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    /// <summary>Keeps proxies from closing a silent connection, and finds out when the device is gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(25);

    private static readonly Problem TooMany = new(429, "too-many-listeners", "You listen for changes in too many places at once.");

    /// <param name="Version">A pull answers at least up to it.</param>
    public sealed record Changed(long Version);

    internal static void Map(RouteGroupBuilder sync) => sync.MapGet("/live", Handle).WithName("ListenForChanges")
        .Produces<Changed>(StatusCodes.Status200OK, "text/event-stream");

    /// <summary>The same for pages, whose reader signs in with cookies.</summary>
    internal static void MapForPages(RouteGroupBuilder pages) => pages.MapGet("/live", Handle).RequireAuthorization();

    private static async Task<Results<EmptyHttpResult, ProblemHttpResult>> Handle(
        [FromQuery(Name = "last_pulled_at")] string? lastPulledAt, [FromHeader(Name = "Last-Event-ID")] string? lastEventId,
        HttpResponse response, CurrentUser user, Listeners listeners, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        if (!PullQuery.TryReadTimestamp(lastPulledAt, out var known))
            return PullQuery.Bad("last_pulled_at", "This is null, or a timestamp that a pull gave.").ToResult();
        if (!PullQuery.TryReadTimestamp(lastEventId, out var heard))
            return PullQuery.Bad("Last-Event-ID", "This is the id of an event that was sent here.").ToResult();
        using var listener = listeners.Listen(user.Id);
        if (listener is null) return TooMany.ToResult();
        var since = await listener.Begin(Math.Max(known, heard), ct);
        using var life = CancellationTokenSource.CreateLinkedTokenSource(ct, lifetime.ApplicationStopping);
        life.CancelAfter(Life);
        try
        {
            await Tell(response, listener, since, life.Token, ct);
        }
        catch (OperationCanceledException)
        {
            // The device left, its time is over, or the server stops; in each case the device comes back by itself.
        }

        return TypedResults.Empty;
    }

    /// <param name="response">Of the device that listens.</param>
    /// <param name="listener">Hears of its owner's changes.</param>
    /// <param name="since">What the device has.</param>
    /// <param name="life">Ends the waiting, and never what is being written: that would break the connection off.</param>
    /// <param name="gone">The device left.</param>
    private static async Task Tell(
        HttpResponse response, Listeners.Listener listener, long since, CancellationToken life, CancellationToken gone)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.WriteAsync(": listening\n\n", gone);
        await response.Body.FlushAsync(gone);
        if (response.HttpContext.IsHead()) return;
        while (true)
        {
            var version = await listener.Next(since, Silence, life);
            await response.WriteAsync(version is { } news ? Event(news) : ": still here\n\n", gone);
            await response.Body.FlushAsync(gone);
            since = version ?? since;
        }
    }

    private static string Event(long version) =>
        string.Create(CultureInfo.InvariantCulture, $"id: {version}\nevent: changed\ndata: {{\"version\":{version}}}\n\n");
}
