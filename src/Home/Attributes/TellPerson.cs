using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Attributes;

/// <summary>
/// A product team tells what its system knows of a person, whole: `{"stage": "contract"}`. The person's next feed is the one that the
/// rules make of it, on every node, whoever wrote those rules.
/// </summary>
public static class TellPerson
{
    public const int TextLengthMax = 100;
    private const int ListMax = 50;

    private static readonly Problem Invalid = new(422, "attributes-invalid", "The attributes are not what the source has declared.");

    /// <param name="Version">Grows with each telling, for instance the time in milliseconds; an older one is refused.</param>
    /// <param name="Attributes">By their names; those that are missing or null are no longer known.</param>
    public sealed record Request([property: Range(1, 1L << 53)] long Version, JsonElement Attributes) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Attributes.ValueKind != JsonValueKind.Object) yield return new("The attributes are a JSON object.", [nameof(Attributes)]);
        }
    }

    public sealed record Target
    {
        /// <summary>Its name.</summary>
        [FromRoute(Name = "source")]
        public required string Source { get; init; }

        /// <summary>The account's id.</summary>
        [FromRoute(Name = "userId"), MaxLength(64)]
        public required string UserId { get; init; }

        /// <summary>`Bearer KEY`, the source's.</summary>
        [FromHeader(Name = "Authorization")]
        public string? Authorization { get; init; }
    }

    internal static void Map(RouteGroupBuilder home) =>
        home.MapPut("/sources/{source}/persons/{userId}", Handle).WithName("TellPerson").WithoutSignIn();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        [AsParameters] Target target, Request request, Database database, KnownAccounts accounts, TimeProvider time, CancellationToken ct)
    {
        var key = await SourceKey.Authenticate(database, target.Source, target.Authorization, ct);
        if (key is null) return StoredSources.KeyInvalid.ToResult();
        var declared = await database.Read(tx => StoredFacts.AttributesOf(tx, target.Source), ct);
        var (facts, problem) = Checked(target.Source, request.Attributes, declared);
        problem ??= await accounts.Check(target.UserId, ct);
        if (problem is not null) return problem.ToResult();
        if (key.IsSandbox) return TypedResults.NoContent();
        var (_, refusal) = await database.Write(
            async tx => new Outcome<bool>(
                true, await StoredFacts.Tell(tx, target.Source, target.UserId, request.Version, facts!, time.NowMs())), ct);
        return refusal is null ? TypedResults.NoContent() : refusal.ToResult();
    }

    /// <summary>In one order, so that what is told twice is the same text.</summary>
    private static Outcome<string> Checked(string source, JsonElement told, IReadOnlyList<AttributeInfo> declared)
    {
        List<string> faults = [];
        var facts = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var one in told.EnumerateObject())
        {
            var attribute = declared.FirstOrDefault(known => known.Key == $"{source}.{one.Name}");
            if (attribute is null) faults.Add($"there is no attribute {one.Name}");
            else if (one.Value.ValueKind == JsonValueKind.Null) continue;
            else if (!Fits(attribute, one.Value)) faults.Add($"{one.Name} is {Expected(attribute)}");
            else if (!facts.TryAdd(one.Name, one.Value)) faults.Add($"{one.Name} is there twice");
            if (faults.Count >= StoredFacts.AttributesPerSourceMax) break;
        }

        if (faults.Count > 0) return Invalid.With("faults", faults);
        return new JsonObject(facts.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)JsonSerializer.SerializeToNode(one.Value))))
            .ToJsonString();
    }

    private static bool Fits(AttributeInfo attribute, JsonElement value) => attribute.Type switch
    {
        AttributeType.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        AttributeType.Number => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()),
        AttributeType.Text => IsText(attribute, value),
        _ => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= ListMax
            && value.EnumerateArray().All(element => IsText(attribute, element)),
    };

    private static bool IsText(AttributeInfo attribute, JsonElement value) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= TextLengthMax } text
        && attribute.Values?.Contains(text) != false;

    private static string Expected(AttributeInfo attribute) => (attribute.Type, attribute.Values) switch
    {
        (AttributeType.Flag, _) => "true or false",
        (AttributeType.Number, _) => "a number",
        (AttributeType.Text, { } values) => $"one of {string.Join(", ", values)}",
        (AttributeType.Text, _) => $"a text of at most {TextLengthMax} characters",
        (_, { } values) => $"a list of some of {string.Join(", ", values)}",
        _ => $"a list of at most {ListMax} texts",
    };
}
