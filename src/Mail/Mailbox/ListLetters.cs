using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Mail.Mailbox;

/// <summary>An admin sees every letter of the last 30 days, the newest first, and what became of it.</summary>
public static class ListLetters
{
    /// <param name="LastError">What the mail server said when it last did not take it.</param>
    public sealed record LetterSummary(
        string Id, string To, string Subject, LetterState State, long Attempts, string? LastError,
        DateTimeOffset CreatedAt, DateTimeOffset? SentAt);

    public sealed record Response(IReadOnlyList<LetterSummary> Letters, string? NextCursor);

    /// <summary>Above every id, which begins with the time.</summary>
    private const string AfterAll = "g";

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("", Handle).WithName("ListLetters");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, Letterbox letters, CancellationToken ct) =>
        await Page(limit, cursor, letters, ct) is { } page ? TypedResults.Ok(page) : Paging.CursorInvalid.ToResult();

    /// <summary>Null when the cursor is none of ours.</summary>
    internal static async Task<Response?> Page(int? limit, string? cursor, Letterbox letters, CancellationToken ct)
    {
        var before = string.IsNullOrEmpty(cursor) ? AfterAll : Paging.Decode(cursor, parts: 1)?[0];
        if (before is null) return null;
        var count = Paging.Limit(limit);
        var found = await letters.List(before, count + 1, ct);
        var page = found.Take(count).ToList();
        return new([.. page.Select(View)], found.Count > count ? Paging.Encode(page[^1].Id) : null);
    }

    internal static LetterSummary View(StoredLetter letter) => new(
        letter.Id, letter.ToAddress, letter.Subject, letter.LetterState, letter.Attempts, letter.LastError,
        letter.CreatedAt.ToTime(), letter.SentAt?.ToTime());
}
