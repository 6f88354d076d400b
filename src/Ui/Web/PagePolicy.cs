using Microsoft.AspNetCore.Http;

namespace Kontor.Ui;

/// <summary>What a page may do in the browser, as its `Content-Security-Policy`.</summary>
public static class PagePolicy
{
    // Products and widgets may show pictures that lie elsewhere.
    internal const string Default =
        "default-src 'self'; img-src 'self' data: https:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'";

    /// <summary>
    /// The forms of this one page may lead on to another server: browsers follow the redirect that answers a form only where the page's
    /// policy allows it.
    /// </summary>
    /// <param name="origin">Scheme, host and port.</param>
    public static void AllowFormsTo(this HttpContext http, string origin) => http.Response.Headers.ContentSecurityPolicy =
        Default.Replace("form-action 'self'", $"form-action 'self' {origin}", StringComparison.Ordinal);
}
