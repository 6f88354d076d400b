using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Widgets.Types;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Sources.StoredSnapshots;

namespace Kontor.Home.Sources;

/// <summary>
/// A product team says what a widget of its source shows, to all or to one person: by a key of the source, checked against the widget's
/// type, in the next feed on every node. What is refused is kept as a dead letter.
/// </summary>
public static class PushSnapshot
{
    /// <param name="Audience">`"all"`, `{"segment": "..."}`, or `{"userId": "..."}` for a personal widget. A person's own goes before a
    /// segment's, and that before what all are shown.</param>
    /// <param name="Version">Grows with each snapshot, for instance the time in milliseconds; an older one is refused.</param>
    /// <param name="Type">Of the widget: `card-list`, or `card-list@2`.</param>
    /// <param name="Content">Valid for the type; null when there is nothing to show.</param>
    /// <param name="TtlSeconds">How long it is fresh.</param>
    /// <param name="StaleSeconds">How long it is shown after that, while nothing newer comes; then the widget's fallback is.</param>
    public sealed record Request(
        JsonElement Audience,
        [property: Range(1, 1L << 53, ErrorMessage = "A version is a whole number from 1 to 9007199254740992.")] long Version,
        [property: MaxLength(100)] string Type,
        [property: ChecksItsText] JsonElement Content,
        [property: Range(1, SnapshotIntake.SecondsMax, ErrorMessage = "It is fresh for 1 to 2592000 seconds.")]
        int TtlSeconds = SnapshotIntake.TtlSecondsDefault,
        [property: Range(0, SnapshotIntake.SecondsMax, ErrorMessage = "It is shown for 0 to 2592000 seconds after that.")]
        int StaleSeconds = SnapshotIntake.DayS) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (UserId is null)
                yield return new("An audience is \"all\", {\"segment\": \"...\"} or {\"userId\": \"...\"}.", [nameof(Audience)]);
            if (TypeName.Parse(Type) is null) yield return new("A type is like `card-list` or `card-list@2`.", [nameof(Type)]);
        }

        /// <summary>As <see cref="Sources.Audience"/> has it; null when the audience is none.</summary>
        internal string? UserId => Audience.ValueKind switch
        {
            JsonValueKind.String when Audience.ValueEquals("all") => Sources.Audience.All,
            JsonValueKind.Object when Audience.GetPropertyCount() == 1 => Of(Audience.EnumerateObject().First()),
            _ => null,
        };

        private static string? Of(JsonProperty audience) =>
            audience.Value.ValueKind != JsonValueKind.String || audience.Value.GetString() is not { Length: >= 1 and <= 64 } name
            || name.AsSpan().ContainsAny('/', '\0') ? null : audience.Name switch
            {
                "userId" => name,
                "segment" => Sources.Audience.OfSegment(name),
                _ => null,
            };

        /// <summary>As it came but for its spaces; not written anew, because half a character could not be.</summary>
        internal string Raw => $$"""
            {"audience": {{Audience.GetRawText()}}, "version": {{Version}}, "type": "{{Type}}", "ttlSeconds": {{TtlSeconds}},
             "staleSeconds": {{StaleSeconds}}, "content": {{(Content.ValueKind == JsonValueKind.Undefined ? "" : Content.GetRawText())}}}
            """;
    }

    public sealed record Target
    {
        /// <summary>Its name.</summary>
        [FromRoute(Name = "source")]
        public required string Source { get; init; }

        /// <summary>The widget's, without the source's name before it.</summary>
        [FromRoute(Name = "key")]
        public required string Key { get; init; }

        /// <summary>`Bearer KEY`, the source's.</summary>
        [FromHeader(Name = "Authorization")]
        public string? Authorization { get; init; }
    }

    internal static void Map(RouteGroupBuilder home) =>
        home.MapPut("/sources/{source}/snapshots/{key}", Handle).WithName("PushSnapshot").WithoutSignIn();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        [AsParameters] Target target, Request request, Database database, SnapshotIntake intake, FeedModels models, TimeProvider time,
        CancellationToken ct)
    {
        var key = await SourceKey.Authenticate(database, target.Source, target.Authorization, ct);
        if (key is null) return StoredSources.KeyInvalid.ToResult();
        var incoming = Incoming.Of(target, request);
        // No dead letter: it would be kept under the name of nobody.
        if (await intake.CheckPerson(incoming, ct) is { } unknown) return unknown.ToResult();
        var now = time.NowMs();
        var (_, problem) = key.IsSandbox
            ? await database.Read(async tx => Done(await intake.Check(tx, incoming, null, now)), ct)
            : await database.Write(tx => intake.Take(tx, incoming, now), ct);
        if (problem is not null)
        {
            if (!key.IsSandbox && problem.Status is not (StatusCodes.Status404NotFound or StatusCodes.Status429TooManyRequests))
            {
                await database.Write(
                    tx => Refusals.Write(tx, incoming, problem, request.Raw, time), ct);
            }

            return problem.ToResult();
        }

        // A person's is read when they come; all see the rest at once.
        if (!key.IsSandbox && Audience.IsShared(request.UserId!)) await models.ReloadPushed(ct);
        return TypedResults.NoContent();
    }

    private static Outcome<bool> Done(Outcome<SnapshotIntake.Accepted> outcome) => outcome.Problem is { } problem ? problem : true;
}
