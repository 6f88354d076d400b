using Kontor.Foundation;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Mail.Mailbox;

/// <summary>An admin has a letter tried again that the mail server refused, or did not answer to for two days.</summary>
public static class RetryLetter
{
    private static readonly Problem NotFailed = new(409, "letter-not-failed", "Only an e-mail that failed can be tried again.");

    internal static void Map(RouteGroupBuilder admin) => admin.MapPost("/{id}/retry", Handle).WithName("RetryLetter");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(string id, Letterbox letters, CancellationToken ct) =>
        await Retry(id, letters, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    internal static async Task<Problem?> Retry(string id, Letterbox letters, CancellationToken ct)
    {
        if (await letters.Retry(id, ct)) return null;
        return await letters.Find(id, ct) is null ? StoredLetter.Unknown : NotFailed;
    }
}
