using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Attributes;

/// <summary>
/// A product team says, by a key of its source, what its system may tell of persons; from then on rules may ask about it.
/// </summary>
public static class DeclareAttribute
{
    private const int ValuesMax = 50;

    public static readonly Problem TypeDiffers = new(409, "attribute-type-differs", "The attribute has another type, which cannot change.");

    /// <param name="Type">`text`, `number`, `flag` or `text-list`.</param>
    /// <param name="Privacy">`public`, `personal` or `sensitive`.</param>
    /// <param name="Description">One sentence for whoever writes rules.</param>
    /// <param name="Values">The only texts that it can have; any when it is left out.</param>
    public sealed record Request(
        AttributeType Type,
        AttributePrivacy Privacy,
        [property: Length(1, 200)] string Description,
        [property: Length(1, ValuesMax)] IReadOnlyList<string>? Values = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (!Enum.IsDefined(Type)) yield return new("A type is `text`, `number`, `flag` or `text-list`.", [nameof(Type)]);
            if (!Enum.IsDefined(Privacy)) yield return new("It is `public`, `personal` or `sensitive`.", [nameof(Privacy)]);
            if (Values is null) yield break;
            if (Type is AttributeType.Number or AttributeType.Flag) yield return new("Only texts have a list of values.", [nameof(Values)]);
            if (Values.Any(value => value is not { Length: >= 1 and <= TellPerson.TextLengthMax }))
                yield return new($"A value has 1 to {TellPerson.TextLengthMax} characters.", [nameof(Values)]);
        }
    }

    public sealed record Target
    {
        /// <summary>Its name.</summary>
        [FromRoute(Name = "source")]
        public required string Source { get; init; }

        /// <summary>In camelCase; in rules it is `source.name`.</summary>
        [FromRoute(Name = "name"), RegularExpression("[a-z][A-Za-z0-9]*"), Length(1, 40)]
        public required string Name { get; init; }

        /// <summary>`Bearer KEY`, the source's.</summary>
        [FromHeader(Name = "Authorization")]
        public string? Authorization { get; init; }
    }

    internal static void Map(RouteGroupBuilder home) =>
        home.MapPut("/sources/{source}/attributes/{name}", Handle).WithName("DeclareAttribute").WithoutSignIn();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        [AsParameters] Target target, Request request, Database database, FeedModels models, TimeProvider time, CancellationToken ct)
    {
        var key = await SourceKey.Authenticate(database, target.Source, target.Authorization, ct);
        if (key is null) return StoredSources.KeyInvalid.ToResult();
        if (key.IsSandbox) return TypedResults.NoContent();
        var attribute = new PersonAttribute(target.Name, request.Type, request.Privacy, request.Description, request.Values);
        var (_, problem) = await database.Write(
            async tx =>
            {
                if (await StoredFacts.Declare(tx, target.Source, attribute, time.NowMs()) is { } refusal) return refusal;
                tx.Signal(Widgets.StoredWidgets.Signal);
                return new Outcome<bool>(true, null);
            }, ct);
        if (problem is not null) return problem.ToResult();
        await models.Reload(ct);
        return TypedResults.NoContent();
    }
}
