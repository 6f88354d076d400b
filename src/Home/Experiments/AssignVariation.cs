using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Experiments;

/// <summary>An admin asks which variation somebody would get. Nothing is stored or counted.</summary>
public static class AssignVariation
{
    private const int VariationsMax = 100;

    /// <param name="Seed">The experiment's seed, or its key.</param>
    /// <param name="Unit">What tells one person from another, for instance an id.</param>
    /// <param name="HashVersion">1 or 2.</param>
    /// <param name="Coverage">The share of all who take part, 0 to 1.</param>
    /// <param name="Weights">One per variation; two equal ones when neither weights nor ranges are given.</param>
    /// <param name="Ranges">Pairs `[from, to]`, one per variation; then weights and coverage count for nothing.</param>
    /// <param name="Namespace">`[name, from, to]` as three members.</param>
    public sealed record Request(
        [property: MaxLength(255)] string Seed,
        [property: MaxLength(255)] string Unit,
        long HashVersion = 2,
        [property: Range(0d, 1d)] double Coverage = 1,
        [property: MaxLength(VariationsMax)] IReadOnlyList<double>? Weights = null,
        [property: MaxLength(VariationsMax)] IReadOnlyList<IReadOnlyList<double>>? Ranges = null,
        NamespaceRange? Namespace = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Ranges?.Any(range => range is not { Count: 2 }) == true)
                yield return new("Each range is a pair [from, to].", [nameof(Ranges)]);
        }
    }

    public sealed record NamespaceRange([property: MaxLength(255)] string Name, double From, double To);

    /// <param name="Hash">Where the unit stands between 0 and 1; null for a version of the hash that there is not.</param>
    /// <param name="Variation">Its index; 0, the control, for who takes no part.</param>
    public sealed record Response(double? Hash, bool InExperiment, int Variation);

    internal static void Map(RouteGroupBuilder admin) => admin.MapPost("/experiments/assign", Handle).WithName("AssignVariation");

    private static Ok<Response> Handle(Request request)
    {
        var hash = Bucketing.Hash(request.Seed, request.Unit, request.HashVersion);
        if (hash is not { } bucket) return TypedResults.Ok(new Response(null, false, 0));
        if (request.Namespace is { } space && !Bucketing.IsIn(new(space.Name, new(space.From, space.To)), request.Unit))
            return TypedResults.Ok(new Response(bucket, false, 0));
        var ranges = request.Ranges?.Select(range => new Span(range[0], range[1])).ToList() as IReadOnlyList<Span>
            ?? Bucketing.Ranges(request.Weights?.Count ?? 2, request.Coverage, request.Weights);
        var variation = Bucketing.Choose(bucket, ranges);
        return TypedResults.Ok(new Response(bucket, variation >= 0, Math.Max(0, variation)));
    }
}
