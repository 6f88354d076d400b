using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Http;

namespace Kontor.Ui;

/// <summary>What every HTML answer tells the browser about safety and caching, set as late as its type is known.</summary>
internal static class PageHeaders
{
    private const string Policy =
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; object-src 'none'";

    public static Task Use(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(static state => Set((HttpContext)state), http);
        return next(http);
    }

    private static Task Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        if (http.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) != true) return Task.CompletedTask;
        headers.Remove("blazor-enhanced-nav");
        headers["Referrer-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = Policy;
        if (CurrentUser.Of(http.User) is not null) headers.CacheControl = "no-store";
        else if (headers.CacheControl.Count == 0) headers.CacheControl = "no-cache";
        return Task.CompletedTask;
    }
}
