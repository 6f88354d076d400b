using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Widgets;
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
/// type, in the next feed on every node. What is refused is kept as a dead letter without its content.
/// </summary>
public static class PushSnapshot
{
    private const int DayS = 24 * 60 * 60;

    private static readonly Problem WidgetUnknown = new(404, "not-found", "The source has no such widget. An admin adds it first.");
    private static readonly Problem TypeWrong = new(422, "snapshot-type-wrong", "The widget is of another type.");
    private static readonly Problem NotPersonal = new(422, "widget-not-personal", "The widget shows the same to all.");

    /// <param name="Audience">`"all"`, or `{"userId": "..."}` for a personal widget.</param>
    /// <param name="Version">Grows with each snapshot, for instance the time in milliseconds; an older one is refused.</param>
    /// <param name="Type">Of the widget: `card-list`, or `card-list@2`.</param>
    /// <param name="Content">Valid for the type; null when there is nothing to show.</param>
    /// <param name="TtlSeconds">How long it is fresh.</param>
    /// <param name="StaleSeconds">How long it is shown after that, while nothing newer comes; then the widget's fallback is.</param>
    public sealed record Request(
        JsonElement Audience,
        [property: Range(1, 1L << 53)] long Version,
        [property: MaxLength(100)] string Type,
        JsonElement Content,
        [property: Range(1, 30 * DayS)] int TtlSeconds = 300,
        [property: Range(0, 30 * DayS)] int StaleSeconds = DayS) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (UserId is null) yield return new("An audience is \"all\" or {\"userId\": \"...\"}.", [nameof(Audience)]);
            if (TypeName.Parse(Type) is null) yield return new("A type is like `card-list` or `card-list@2`.", [nameof(Type)]);
        }

        /// <summary>Empty for all; null when the audience is none.</summary>
        internal string? UserId => Audience.ValueKind switch
        {
            JsonValueKind.String when Audience.ValueEquals("all") => "",
            JsonValueKind.Object when Audience.EnumerateObject().Count() == 1 && Audience.TryGetProperty("userId", out var id)
                && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: >= 1 and <= 64 } some && !some.Contains('/') => some,
            _ => null,
        };
    }

    /// <param name="Source">Its name.</param>
    /// <param name="Key">The widget's, without the source's name before it.</param>
    /// <param name="Authorization">`Bearer KEY`, the source's.</param>
    public sealed record Target(
        [property: FromRoute(Name = "source")] string Source,
        [property: FromRoute(Name = "key")] string Key,
        [property: FromHeader(Name = "Authorization")] string? Authorization);

    internal static void Map(RouteGroupBuilder home) =>
        home.MapPut("/sources/{source}/snapshots/{key}", Handle).WithName("PushSnapshot").WithoutSignIn();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        [AsParameters] Target target, Request request, Database database, WidgetTypes types, FeedModels models, TimeProvider time,
        CancellationToken ct)
    {
        var key = await SourceKey.Authenticate(database, target.Source, target.Authorization, ct);
        if (key is null) return StoredSources.KeyInvalid.ToResult();
        var (_, problem) = key.IsSandbox
            ? await database.Read(async tx => Done(await Checked(tx, target, request, types, time)), ct)
            : await database.Write(async tx =>
            {
                var (pushed, refusal) = await Checked(tx, target, request, types, time);
                return refusal is not null ? refusal : await Store(tx, pushed!);
            }, ct);
        if (problem is not null)
        {
            if (!key.IsSandbox && problem.Status != StatusCodes.Status404NotFound)
            {
                await database.Write(
                    tx => Refusals.Write(tx, target.Source, target.Key, request.UserId!, request.Version, problem, time), ct);
            }

            return problem.ToResult();
        }

        // A person's is read when they come; all see the rest at once.
        if (!key.IsSandbox && request.UserId is "") await models.ReloadPushed(ct);
        return TypedResults.NoContent();
    }

    private static Outcome<bool> Done(Outcome<Pushed> outcome) => outcome.Problem is { } problem ? problem : true;

    private static async Task<Outcome<Pushed>> Checked(Tx tx, Target target, Request request, WidgetTypes types, TimeProvider time)
    {
        if (await StoredWidgets.BySource(tx, target.Source, target.Key) is not { } widget) return WidgetUnknown;
        if (TypeName.Parse(request.Type) != widget.Type) return TypeWrong.Because($"It is of the type {widget.Type}.");
        if (request.UserId is not "" && !widget.Target.Personal) return NotPersonal;
        string? content = null;
        if (request.Content.ValueKind != JsonValueKind.Null)
        {
            // A stored widget's type is there: the table refers to it.
            var (json, problem) = WidgetContent.Read(request.Content, (await types.Find(tx, widget.Type))!);
            if (problem is not null) return problem;
            content = Encoding.UTF8.GetString(json!);
        }

        var now = time.NowMs();
        var freshUntil = now + request.TtlSeconds * Clock.Second;
        return new Pushed(
            target.Source, target.Key, request.UserId!, request.Version, content, now, freshUntil,
            freshUntil + request.StaleSeconds * Clock.Second);
    }
}
