using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Rules;

/// <summary>An admin tries a rule on made-up attributes and sees what each of its parts saw. Nothing is stored.</summary>
public static class EvaluateRule
{
    /// <param name="Rule">A condition, for instance `{"country": "DE", "age": {"$gte": 18}}`.</param>
    /// <param name="Attributes">What is known of the person, as a JSON object.</param>
    /// <param name="SavedGroups">Lists of values by the name that `$inGroup` uses, beside the stored segments.</param>
    /// <param name="UserId">What is told of this person counts where <paramref name="Attributes"/> say nothing else.</param>
    public sealed record Request(
        JsonElement Rule, JsonElement Attributes, IReadOnlyDictionary<string, JsonElement>? SavedGroups = null,
        [property: MaxLength(64)] string? UserId = null) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Attributes.ValueKind != JsonValueKind.Object) yield return new("The attributes are a JSON object.", [nameof(Attributes)]);
        }
    }

    /// <param name="Faults">What in the rule can never match, in words: such a rule cannot be published.</param>
    public sealed record Response(bool Result, RuleStep Trace, IReadOnlyList<string> Faults);

    internal static void Map(RouteGroupBuilder admin) => admin.MapPost("/rules/evaluate", Handle).WithName("EvaluateRule");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Request request, CurrentUser caller, FeedModels models, PersonFacts facts, CancellationToken ct)
    {
        var vocabulary = models.Current.Vocabulary;
        var (rule, problem) = RuleReader.Read(
            request.Rule, request.SavedGroups ?? new Dictionary<string, JsonElement>(), vocabulary.Segment);
        if (problem is not null) return problem.ToResult();
        var attributes = request.Attributes;
        if (request.UserId is { } person)
        {
            if (TracePrivacy.Check(rule!, caller, person, vocabulary) is { } refusal) return refusal.ToResult();
            var told = await facts.Of(person, FactsNeeded.By(rule!.Attributes, vocabulary), ct);
            attributes = told.Under(attributes, rule.Attributes);
        }

        var trace = rule!.Explain(attributes);
        if (request.UserId is not null && !TracePrivacy.MaySee(caller, request.UserId))
            trace = TracePrivacy.WithoutSensitive(trace, vocabulary);
        return TypedResults.Ok(new Response(trace.Result, trace, rule.Faults));
    }
}
