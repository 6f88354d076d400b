using System.Text.Json;
using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Microsoft.AspNetCore.Http;

namespace Kontor.Home.Rules;

/// <summary>A rule tried on a person in a form, as `RuleTrial` shows it: with what is told of them, on a client that is chosen.</summary>
public static class RuleTrials
{
    /// <param name="UserId">Empty for a stranger.</param>
    /// <param name="Roles">Between commas.</param>
    /// <param name="Trace">Null until it was tried.</param>
    /// <param name="IsRefused">It asks what whoever looks may not find out about this person.</param>
    public sealed record Trial(
        string UserId, string Platform, string Locale, string AppVersion, string Roles, bool HasTwoFactors, RuleStep? Trace,
        bool IsRefused = false)
    {
        internal static Trial Blank { get; } = new("", "web", "en", "", RoleNames.Customer, false, null);
    }

    /// <summary>What was typed, and what the rule says of it; no trace when there is no rule that can be evaluated.</summary>
    internal static async Task<Trial> Read(
        IFormCollection form, JsonElement? rule, Vocabulary vocabulary, PersonFacts facts, CurrentUser viewer, CancellationToken ct)
    {
        var typed = new Trial(
            form["try-user"].ToString().Trim(), form["try-platform"].ToString(), form["try-locale"].ToString(),
            form["try-version"].ToString().Trim(), form["try-roles"].ToString(), form["try-factors"] == "true", null);
        if (rule is not { } condition || vocabulary.Read(condition) is not { Value: { } compiled }) return typed;
        var (query, problem) = FeedQuery.Parse(typed.Platform, typed.AppVersion, typed.Locale, null);
        if (problem is not null) return typed;
        var person = typed.UserId.Length == 0 ? null : new CurrentUser(
            typed.UserId, "", typed.Roles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            typed.HasTwoFactors ? Assurance.TwoFactors : Assurance.OneFactor);
        if (TracePrivacy.Check(compiled, viewer, person?.Id, vocabulary) is not null) return typed with { IsRefused = true };
        var reader = new Reader(query!, person)
        {
            Facts = await facts.Of(person?.Id, FactsNeeded.By(compiled.Attributes, vocabulary), ct),
        };
        var trace = compiled.Explain(JsonElement.Parse(reader.Attributes(compiled.Attributes)));
        return typed with
        {
            Trace = TracePrivacy.MaySee(viewer, person?.Id) ? trace : TracePrivacy.WithoutSensitive(trace, vocabulary),
        };
    }
}
