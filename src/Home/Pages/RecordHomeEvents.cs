using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Insight;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home;

/// <summary>As <see cref="RecordEvents"/>, for the front page in a browser, whose cookie says who it is.</summary>
public static class RecordHomeEvents
{
    private static readonly Problem FormExpired = new(400, "form-expired", "This form has expired. Go back and try again.");

    /// <summary>
    /// The token protects a person from what other sites would say in their name. Nothing is said in a stranger's, so their front page
    /// does without the token's cookie; and no other site can send JSON.
    /// </summary>
    internal static void Map(RouteGroupBuilder pages) => pages.MapPost("/home/events", Handle).DisableAntiforgery();

    private static async Task<Results<Accepted<RecordEvents.Response>, ProblemHttpResult>> Handle(
        RecordEvents.Request request, HttpContext http, CurrentUser? user, ClientNetwork network, EventLog log, IAntiforgery antiforgery,
        TimeProvider time, CancellationToken ct)
    {
        if (user is not null && !await antiforgery.IsRequestValidAsync(http)) return FormExpired.ToResult();
        return await RecordEvents.Handle(request, http, user, network, log, time, ct);
    }
}
