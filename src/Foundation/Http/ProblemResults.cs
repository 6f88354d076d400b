using System.Diagnostics;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Kontor.Foundation.Http;

/// <summary>Turns a <see cref="Problem"/> into its RFC 9457 answer.</summary>
public static class ProblemResults
{
    private const string RetryAfter = "retryAfter";

    /// <summary>429 `too-many-requests`: refused for so many milliseconds; `Retry-After` and `retryAfter` say them in seconds.</summary>
    public static Problem TooManyRequests(long waitMs) =>
        RateLimits.TooManyRequests.With(RetryAfter, Math.Max(1, (waitMs + Clock.Second - 1) / Clock.Second));

    /// <summary>Null when it does not matter when the caller tries again.</summary>
    public static long? RetryAfterSeconds(this Problem problem) => problem.Extensions.GetValueOrDefault(RetryAfter) as long?;

    /// <summary>For a page that shows the problem: its header says what a problem's would.</summary>
    public static void WriteRetryAfter(this Problem problem, HttpResponse response)
    {
        // Whoever is refused for a moment is told to come again.
        if ((problem.RetryAfterSeconds() ?? (problem.Status == 503 ? 1 : null)) is { } seconds) response.Headers.RetryAfter = $"{seconds}";
    }

    public static ProblemHttpResult ToResult(this Problem problem) => TypedResults.Problem(problem.ToDetails());

    public static ProblemDetails ToDetails(this Problem problem)
    {
        var details = new ProblemDetails { Status = problem.Status, Title = problem.Title, Detail = problem.Detail };
        details.Extensions["code"] = problem.Code;
        foreach (var (member, value) in problem.Extensions) details.Extensions[member] = value;
        return details;
    }

    /// <summary>What every problem carries, whoever made it: a type, a code, a trace id, camelCased fields.</summary>
    internal static void Complete(ProblemDetailsContext context)
    {
        var problem = context.ProblemDetails;
        problem.Status ??= context.HttpContext.Response.StatusCode;
        if (!problem.Extensions.ContainsKey("code")) problem.Extensions["code"] = DefaultCode(problem);
        // Whoever is refused for a moment is told to come again.
        var headers = context.HttpContext.Response.Headers;
        if (problem.Extensions.TryGetValue(RetryAfter, out var seconds)) headers.RetryAfter = $"{seconds}";
        if (problem.Status == 503 && headers.RetryAfter.Count == 0) headers.RetryAfter = "1";
        problem.Type = $"urn:kontor:problem:{problem.Extensions["code"]}";
        problem.Extensions["traceId"] = Activity.Current?.TraceId.ToString() ?? context.HttpContext.TraceIdentifier;
        if (problem is not HttpValidationProblemDetails { Errors: var errors }) return;
        problem.Title = "The request is not valid.";
        foreach (var (field, messages) in errors.ToList())
        {
            errors.Remove(field);
            errors[CamelCase(field)] = messages;
        }
    }

    private static string DefaultCode(ProblemDetails problem) => (problem, problem.Status) switch
    {
        (HttpValidationProblemDetails, _) => "validation-failed",
        (_, 400) => "invalid-request",
        (_, 401) => "unauthenticated",
        (_, 403) => "forbidden",
        (_, 404) => "not-found",
        (_, 405) => "method-not-allowed",
        (_, 413) => "body-too-large",
        (_, 415) => "unsupported-media-type",
        (_, 429) => "too-many-requests",
        (_, 503) => "unavailable",
        (_, >= 500) => "internal-error",
        _ => "refused",
    };

    private static string CamelCase(string path) =>
        string.Join('.', path.Split('.').Select(part => part.Length == 0 ? part : char.ToLowerInvariant(part[0]) + part[1..]));
}
