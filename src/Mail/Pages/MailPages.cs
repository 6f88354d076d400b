using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Mail.Mailbox;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Kontor.Mail;

/// <summary>The mailbox in the admin panel: what was sent, what waits, what failed.</summary>
internal static class MailPages
{
    /// <summary>
    /// A letter is shown as a mail program shows it: nothing in it runs, loads or sends a form, and only a click leaves it. It says so
    /// itself, because it may be opened outside its frame too.
    /// </summary>
    private const string LetterPolicy =
        "sandbox allow-top-navigation-by-user-activation; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages("/admin/mail").RequireAuthorization(Policies.Admin);
        pages.MapGet("", ShowList);
        pages.MapGet("/{id}", ShowOne);
        pages.MapGet("/{id}/html", ShowHtml);
        pages.MapPost("/{id}/retry", Retry);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowList(
        string? cursor, Letterbox letters, IOptions<MailOptions> options, CancellationToken ct)
    {
        if (await ListLetters.Page(limit: null, cursor, letters, ct) is not { } list) return Paging.CursorInvalid.ToResult();
        return Pages.Render<MailPage>(new { List = list, HasServer = options.Value.Smtp is not null });
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowOne(
        string id, Letterbox letters, CancellationToken ct) =>
        await letters.Find(id, ct) is { } letter
            ? Pages.Render<LetterPage>(new { Letter = ShowLetter.View(letter) })
            : StoredLetter.Unknown.ToResult();

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ShowHtml(
        string id, Letterbox letters, HttpContext http, CancellationToken ct)
    {
        if (await letters.Find(id, ct) is not { IsShown: true } letter) return StoredLetter.Unknown.ToResult();
        http.Response.Headers.ContentSecurityPolicy = LetterPolicy;
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        // A link leads out of the frame, not into it.
        var html = letter.Html.Replace("<head>", "<head>\n<base target=\"_top\">", StringComparison.Ordinal);
        return TypedResults.Content(html, "text/html; charset=utf-8");
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Retry(
        string id, IFormCollection form, Letterbox letters, CancellationToken ct) =>
        await RetryLetter.Retry(id, letters, ct) is { } problem
            ? problem.ToResult()
            : TypedResults.LocalRedirect($"/admin/mail/{Uri.EscapeDataString(id)}");
}
