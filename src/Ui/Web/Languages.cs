using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Ui;

/// <summary>Each page's language: what the visitor chose (cookie `lang`), else the browser's first that we have, else English.</summary>
internal static class Languages
{
    private static readonly Problem LanguageUnknown = new(400, "language-unknown", "The languages are en and de.");

    private const string Cookie = "lang";

    // A neutral English would write dates as in the United States, which half of Europe reads as another day.
    private static readonly Dictionary<string, CultureInfo> Cultures = new(StringComparer.OrdinalIgnoreCase)
    {
        ["en"] = CultureInfo.GetCultureInfo("en-GB"),
        ["de"] = CultureInfo.GetCultureInfo("de-DE"),
    };

    public static Task Use(HttpContext http, RequestDelegate next)
    {
        // The API speaks to programs: it is the same in every country.
        if (!ErrorPages.IsApi(http.Request.Path)) CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = Of(http.Request);
        return next(http);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        // A stranger who switches somebody's language does no harm, and so pages need no antiforgery cookie for visitors.
        routes.MapPages().MapPost("/language", Switch).DisableAntiforgery();

    private static Results<RedirectHttpResult, ProblemHttpResult> Switch(
        [FromForm] string? culture, [FromForm] string? returnUrl, HttpContext http)
    {
        if (culture is null || !Cultures.ContainsKey(culture)) return LanguageUnknown.ToResult();
        http.Response.Cookies.Append(Cookie, culture.ToLowerInvariant(), new CookieOptions
        {
            MaxAge = TimeSpan.FromDays(365),
            HttpOnly = true,
            IsEssential = true,
            SameSite = SameSiteMode.Lax,
            Secure = http.Request.IsHttps,
        });
        return TypedResults.LocalRedirect(LocalUrls.OrHome(returnUrl));
    }

    /// <summary>How a language writes numbers and dates; English for what we do not have.</summary>
    public static CultureInfo CultureOf(string language) => Cultures.GetValueOrDefault(language, Cultures["en"]);

    public static CultureInfo Of(HttpRequest request)
    {
        if (request.Cookies[Cookie] is { } chosen && Cultures.TryGetValue(chosen, out var culture)) return culture;
        var accepted = request.GetTypedHeaders().AcceptLanguage.Where(language => language.Quality is not 0);
        foreach (var language in accepted.OrderByDescending(language => language.Quality ?? 1))
        {
            if (Cultures.TryGetValue(language.Value.ToString().Split('-')[0], out culture)) return culture;
        }

        return Cultures["en"];
    }
}
