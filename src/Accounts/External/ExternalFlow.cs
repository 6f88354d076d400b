using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Tokens;
using Kontor.Foundation;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.External;

/// <summary>
/// Somebody is on the way to another site and back. Their browser keeps this, sealed, in a cookie that only it has: so a redirect that
/// was made for another browser, or that comes a second time or too late, leads nowhere.
/// </summary>
/// <param name="Id">The flow's `state`: random, and good once.</param>
/// <param name="Verifier">PKCE's secret.</param>
/// <param name="Nonce">Comes back in the ID token.</param>
/// <param name="Target">Where to go afterwards: a path of this server.</param>
/// <param name="Again">Whoever is signed in signs in once more.</param>
/// <param name="LinkTo">The id of the person who wants to add the other site to the account; null to sign in.</param>
/// <param name="App">The app that began it; null for a page.</param>
/// <param name="ExpiresAt">Milliseconds since 1970.</param>
internal sealed record ExternalFlow(
    string Id, string Provider, string Verifier, string Nonce, string Target, bool Again, string? LinkTo, AppReturn? App, long ExpiresAt)
{
    public const long LifetimeMs = 10 * Clock.Minute;

    public static readonly Problem Unknown =
        new(400, "external-state", "This sign-in did not begin in this browser, was used before, or took too long. Begin again.");

    private const string About = "external sign-in";
    private const int RandomBytes = 32;

    /// <summary>Each flow has a cookie of its own, so that two tabs do not disturb one another.</summary>
    private static string CookieOf(string id) => $"kontor_external_{id[..8]}";

    public static ExternalFlow Begin(string provider, string target, TimeProvider time) =>
        new(Random(), provider, Random(), Random(), target, Again: false, LinkTo: null, App: null, time.NowMs() + LifetimeMs);

    public void Keep(HttpContext http, KeyRing ring)
    {
        var sealedFlow = Base64Url.EncodeToString(Seal.Close(ring, JsonSerializer.SerializeToUtf8Bytes(this), About));
        var options = Options(http);
        options.MaxAge = TimeSpan.FromMilliseconds(LifetimeMs);
        http.Response.Cookies.Append(CookieOf(Id), sealedFlow, options);
    }

    /// <summary>This browser's flow with this state, whose cookie goes; null when there is none, or its time is over.</summary>
    public static ExternalFlow? Take(HttpContext http, string? state, KeyRing ring, long now)
    {
        if (state is not { Length: RandomBytes * 4 / 3 + 1 } || !Base64Url.IsValid(state)) return null;
        if (http.Request.Cookies[CookieOf(state)] is not { } text) return null;
        http.Response.Cookies.Delete(CookieOf(state), Options(http));
        if (CompactToken.Decode(text) is not { } closed || Seal.Open(ring, closed, About) is not { } plain) return null;
        var flow = JsonSerializer.Deserialize<ExternalFlow>(plain)!;
        return flow.Id == state && now < flow.ExpiresAt ? flow : null;
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));

    /// <summary>Lax, because the way back begins at the other site.</summary>
    private static CookieOptions Options(HttpContext http) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = http.Request.IsHttps,
        Path = "/auth/external",
        IsEssential = true,
    };
}

/// <summary>An app waits outside the browser.</summary>
/// <param name="Url">Its address, one of those that are configured.</param>
/// <param name="Challenge">PKCE between the app and this server: whoever intercepts what its address is given cannot use it.</param>
internal sealed record AppReturn(string Url, string Challenge);
