using Kontor.Foundation;
using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontor;

/// <summary>An admin sees the events that a handler could not take in ten attempts, and has them tried again.</summary>
public static class DeadLetterEndpoints
{
    private static readonly Problem Unknown = new(404, "not-found", "There is no such dead letter.");

    public sealed record DeadLetterView(
        string EventId, string Handler, string Name, string Payload, long Attempts, string? LastError, DateTimeOffset CreatedAt);

    public sealed record DeadLettersView(IReadOnlyList<DeadLetterView> DeadLetters);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/api/admin/dead-letters").WithTags("Operations").RequireAuthorization(Policies.Admin);
        letters.MapGet("", List).WithName("ListDeadLetters");
        letters.MapPost("/{eventId}/{handler}/retry", Retry).WithName("RetryDeadLetter");
    }

    private static async Task<Ok<DeadLettersView>> List(DeadLetters letters, CancellationToken ct) =>
        TypedResults.Ok(new DeadLettersView([.. (await letters.List(ct)).Select(letter => new DeadLetterView(
            letter.EventId, letter.Handler, letter.Name, letter.Payload, letter.Attempts, letter.LastError, letter.CreatedAt.ToTime()))]));

    private static async Task<Results<NoContent, ProblemHttpResult>> Retry(
        string eventId, string handler, DeadLetters letters, CancellationToken ct) =>
        await letters.Retry(eventId, handler, ct) ? TypedResults.NoContent() : Unknown.ToResult();
}
