using Microsoft.AspNetCore.Http;

namespace Kontor.Foundation.Http;

/// <summary>
/// HEAD is answered as GET would be, without the body, which the web server leaves out: it remembers what was asked for. So no endpoint
/// needs to know, but for those that would go on and on.
/// </summary>
public static class HeadRequests
{
    private static readonly object Marker = new();

    /// <summary>Whether nobody reads what comes after the headers.</summary>
    public static bool IsHead(this HttpContext http) => http.Items.ContainsKey(Marker);

    internal static Task Use(HttpContext http, RequestDelegate next) =>
        HttpMethods.IsHead(http.Request.Method) ? AnswerAsGet(http, next) : next(http);

    private static async Task AnswerAsGet(HttpContext http, RequestDelegate next)
    {
        http.Items[Marker] = Marker;
        http.Request.Method = HttpMethods.Get;
        try
        {
            await next(http);
        }
        finally
        {
            // As meters and logs are to see it.
            http.Request.Method = HttpMethods.Head;
        }
    }
}
