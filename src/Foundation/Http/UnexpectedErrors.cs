using System.Text.Json;
using Kontor.Foundation.Data;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Kontor.Foundation.Http;

/// <summary>
/// The one place where exceptions become answers: a client's fault is 4xx and says what, ours is 5xx and says nothing but a trace
/// id.
/// </summary>
internal sealed partial class UnexpectedErrors(
    IProblemDetailsService problems, Database database, IOptions<JsonOptions> json, ILogger<UnexpectedErrors> logger) : IExceptionHandler
{
    private static readonly string[] Missing = ["This value is missing."];
    private static readonly string[] Wrong = ["This value is missing or has the wrong type."];

    private const string MissingMark = "missing required properties including:";

    private static readonly Problem OutcomeUnknown =
        new(503, "outcome-unknown", "It is not known whether this was done. Look before you try again.");

    private static readonly Problem Unavailable = new(503, "unavailable", "The service cannot answer at the moment.");
    private static readonly Problem Conflict = new(409, "conflict", "Somebody else changed this at the same time.");
    private static readonly Problem Internal = new(500, "internal-error", "Something went wrong here.");

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        // Nobody is waiting for an answer any more.
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested) return true;
        var details = exception switch
        {
            BadHttpRequestException bad => Details(bad, httpContext),
            OutcomeUnknownException => OutcomeUnknown.ToDetails(),
            DatabaseUnavailableException => Unavailable.ToDetails(),
            _ when database.Dialect.IsUniqueViolation(exception) => Conflict.ToDetails(),
            _ => Internal.ToDetails(),
        };
        if (details.Status >= 500) LogUnexpected(httpContext.Request.Method, httpContext.Request.Path, exception);
        httpContext.Response.StatusCode = details.Status!.Value;
        await problems.WriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = details });
        return true;
    }

    private ProblemDetails Details(BadHttpRequestException bad, HttpContext http) => bad switch
    {
        { InnerException: JsonException broken } when FieldsOf(broken, http) is { Count: > 0 } fields =>
            new HttpValidationProblemDetails(fields) { Status = 400 },
        { StatusCode: 400 } => new Problem(400, "invalid-request", "The request could not be read.").ToDetails(),
        _ => new ProblemDetails { Status = bad.StatusCode },
    };

    /// <summary>The fields that the reader names; what else it says is about its own types. Broken JSON has none.</summary>
    private Dictionary<string, string[]> FieldsOf(JsonException broken, HttpContext http)
    {
        if (broken.InnerException is JsonException) return [];
        var path = broken.Data[NullEntries.Member] is string member ? $"{broken.Path}.{member}" : broken.Path;
        if (path is { Length: > 2 } && !broken.Message.Contains(MissingMark, StringComparison.Ordinal))
            return new() { [path[2..]] = Allowed(path[2..], http) is { } values ? [values] : Wrong };
        // Only the message says which are missing: "... missing required properties including: 'email', 'password'."
        var names = broken.Message.Split(MissingMark) is [_, var rest, ..] ? rest.Split('\'') : [];
        return names.Where((_, i) => i % 2 == 1).ToDictionary(name => name, _ => Missing);
    }

    private string? Allowed(string path, HttpContext http)
    {
        // The request itself has no endpoint any more once it failed.
        var endpoint = http.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        var body = endpoint?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        return body is null ? null : AllowedValues.At(body, path, json.Value.SerializerOptions);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogUnexpected(string method, string path, Exception exception);
}
