using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Http;

namespace Kontor.Ui;

/// <summary>
/// What answers tell the browser about safety and caching, set as late as their type is known. An answer of the API that says nothing
/// itself may be one person's, and is kept by nobody.
/// </summary>
internal static class PageHeaders
{
    public static Task Use(HttpContext http, RequestDelegate next)
    {
        http.Response.OnStarting(static state => Set((HttpContext)state), http);
        return next(http);
    }

    private static Task Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        if (http.Response.ContentType?.StartsWith("text/html", StringComparison.Ordinal) != true)
        {
            if (headers.CacheControl.Count == 0 && ErrorPages.IsApi(http.Request.Path)) headers.CacheControl = "no-store";
            return Task.CompletedTask;
        }

        headers.Remove("blazor-enhanced-nav");
        if (!headers.ContainsKey("Referrer-Policy")) headers["Referrer-Policy"] = "same-origin";
        if (headers.ContentSecurityPolicy.Count == 0) headers.ContentSecurityPolicy = PagePolicy.Default;
        if (CurrentUser.Of(http.User) is not null) headers.CacheControl = "no-store";
        else if (headers.CacheControl.Count == 0) headers.CacheControl = "no-cache";
        return Task.CompletedTask;
    }
}
