using System.Buffers.Text;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Tokens;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.External;

/// <summary>
/// Somebody has come back from another site whom nobody here is linked with. Their browser keeps who it was, sealed, until they have signed
/// in as they did so far and say that it is them.
/// </summary>
/// <param name="Target">Where they wanted to go.</param>
/// <param name="App">The app that waits; null for a page.</param>
/// <param name="ExpiresAt">Milliseconds since 1970.</param>
internal sealed record PendingLink(ExternalPerson Person, string Target, AppReturn? App, long ExpiresAt)
{
    private const long LifetimeMs = 30 * Clock.Minute;
    private const string Cookie = "kontor_link";
    private const string About = "external link";

    public static void Keep(ExternalPerson person, ExternalFlow flow, HttpContext http, KeyRing ring, TimeProvider time)
    {
        var pending = new PendingLink(person, flow.Target, flow.App, time.NowMs() + LifetimeMs);
        var options = Options(http);
        options.MaxAge = TimeSpan.FromMilliseconds(LifetimeMs);
        var text = Base64Url.EncodeToString(Seal.Close(ring, JsonSerializer.SerializeToUtf8Bytes(pending), About));
        http.Response.Cookies.Append(Cookie, text, options);
    }

    /// <summary>Null when there is none, or its time is over.</summary>
    public static PendingLink? Read(HttpContext http, KeyRing ring, TimeProvider time)
    {
        if (http.Request.Cookies[Cookie] is not { } text || CompactToken.Decode(text) is not { } closed) return null;
        if (Seal.Open(ring, closed, About) is not { } plain) return null;
        var pending = JsonSerializer.Deserialize<PendingLink>(plain)!;
        return time.NowMs() < pending.ExpiresAt ? pending : null;
    }

    public static void Forget(HttpContext http) => http.Response.Cookies.Delete(Cookie, Options(http));

    private static CookieOptions Options(HttpContext http) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        Path = "/account/external",
        IsEssential = true,
    };
}
