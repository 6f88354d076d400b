using System.Buffers.Text;
using System.Security.Cryptography;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.Tokens;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.SignIn;

/// <summary>
/// Where a browser keeps its tokens: out of reach of scripts, and sent by other sites' links only. The third cookie is the `attempt` of
/// the next refresh, stored with the tokens it belongs to, so that a browser whose answer was lost repeats it.
/// </summary>
internal static class PageCookies
{
    public const string Access = "kontor_at";
    public const string Refresh = "kontor_rt";
    public const string Attempt = "kontor_attempt";

    /// <summary>A sign-in between its two steps.</summary>
    public const string Pending = "kontor_pending";

    private const int AttemptBytes = 16;

    public static void Write(HttpContext http, TokensView tokens)
    {
        Append(http, Access, tokens.AccessToken, AccessTokens.LifetimeSeconds);
        Append(http, Refresh, tokens.RefreshToken, Session.IdleMs / Clock.Second);
        Append(http, Attempt, Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(AttemptBytes)), Session.IdleMs / Clock.Second);
    }

    public static void Clear(HttpContext http)
    {
        foreach (var name in (ReadOnlySpan<string>)[Access, Refresh, Attempt]) http.Response.Cookies.Delete(name, Options(http));
    }

    public static void WritePending(HttpContext http, string sealedSignIn) =>
        Append(http, Pending, sealedSignIn, PendingSignIn.LifetimeMs / Clock.Second);

    public static void ClearPending(HttpContext http) => http.Response.Cookies.Delete(Pending, Options(http));

    /// <summary>The next page is refreshed, as if the access token had run out.</summary>
    public static void ForgetAccess(HttpContext http) => http.Response.Cookies.Delete(Access, Options(http));

    private static void Append(HttpContext http, string name, string value, long seconds)
    {
        var options = Options(http);
        options.MaxAge = TimeSpan.FromSeconds(seconds);
        http.Response.Cookies.Append(name, value, options);
    }

    private static CookieOptions Options(HttpContext http) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        Path = "/",
        IsEssential = true,
    };
}
