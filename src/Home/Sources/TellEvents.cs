using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Sources.Pulled;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Sources;

/// <summary>
/// A product team says that what its widgets show is no longer true, for a person or for all: nobody is shown it from then on, on any node,
/// until a later version is pushed. A source that is pulled is asked at once, as far as its rate allows.
/// </summary>
public static class TellEvents
{
    private const int EventsMax = 100;

    /// <param name="Key">The widget; all of the source when it is left out.</param>
    /// <param name="UserId">For whom; what all are shown, when it is left out.</param>
    /// <param name="Segment">Instead of a person: what its members are shown.</param>
    public sealed record Event(
        [property: RegularExpression("[a-z0-9]+(-[a-z0-9]+)*"), MaxLength(64)] string? Key = null,
        [property: RegularExpression("[^/]*"), MaxLength(64)] string? UserId = null,
        [property: RegularExpression("[a-z0-9]+(-[a-z0-9]+)*"), MaxLength(64)] string? Segment = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (UserId is not null && Segment is not null) yield return new("It is about a person or about a segment.", [nameof(Segment)]);
        }

        internal string Audience => Segment is null ? UserId ?? Sources.Audience.All : Sources.Audience.OfSegment(Segment);
    }

    public sealed record Request([property: Length(1, EventsMax)] IReadOnlyList<Event> Events);

    internal static void Map(RouteGroupBuilder home) =>
        home.MapPost("/sources/{source}/events", Handle).WithName("TellSourceEvents").WithoutSignIn();

    private static async Task<Results<Accepted, ProblemHttpResult>> Handle(
        string source, [FromHeader(Name = "Authorization")] string? authorization, Request request, Database database, FeedModels models,
        TimeProvider time, CancellationToken ct)
    {
        var key = await SourceKey.Authenticate(database, source, authorization, ct);
        if (key is null) return StoredSources.KeyInvalid.ToResult();
        if (key.IsSandbox) return TypedResults.Accepted((string?)null);
        await database.Write(
            async tx =>
            {
                var now = time.NowMs();
                // First, as the end of a pull holds it first: so the two never wait for each other crosswise.
                await StoredPulls.Hasten(tx, source, now);
                foreach (var told in request.Events) await StoredSnapshots.Withdraw(tx, source, told.Key, told.Audience, now);
            }, ct);
        if (request.Events.Any(told => Audience.IsShared(told.Audience))) await models.ReloadPushed(ct);
        return TypedResults.Accepted((string?)null);
    }
}
