using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Mail.Mailbox;

/// <summary>An admin reads one letter.</summary>
public static class ShowLetter
{
    /// <param name="Text">Null, as is the HTML, when the letter acts in its recipient's name and a mail server brings it there.</param>
    /// <param name="LastError">What the mail server said when it last did not take it.</param>
    public sealed record Response(
        string Id, string To, string ToName, string Language, string Subject, string? Text, string? Html, LetterState State,
        long Attempts, string? LastError, DateTimeOffset CreatedAt, DateTimeOffset? SentAt);

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("/{id}", Handle).WithName("ShowLetter");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(string id, Letterbox letters, CancellationToken ct) =>
        await letters.Find(id, ct) is { } letter ? TypedResults.Ok(View(letter)) : StoredLetter.Unknown.ToResult();

    internal static Response View(StoredLetter letter) => new(
        letter.Id, letter.ToAddress, letter.ToName, letter.Language, letter.Subject,
        letter.IsShown ? letter.Text : null, letter.IsShown ? letter.Html : null, letter.LetterState,
        letter.Attempts, letter.LastError, letter.CreatedAt.ToTime(), letter.SentAt?.ToTime());
}
