using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kontor.Accounts.Tokens;
using Kontor.Foundation;
using Microsoft.AspNetCore.Http.Extensions;

namespace Kontor.Accounts.External;

/// <summary>
/// One site that people sign in with: the client of its OAuth 2 code flow with PKCE (RFC 7636). What it answers is a stranger's text, and
/// taken for nothing before it was looked at.
/// </summary>
internal sealed class Provider(string name, ProviderOptions options, ProviderSite site)
{
    public static readonly Problem Failed =
        new(502, "external-failed", "The other site did not answer as it should. Try again, or sign in in another way.");

    private const int SubjectLengthMax = 255;

    public string Name => name;

    /// <summary>What people call it.</summary>
    public string Text => options.Text.Length > 0 ? options.Text : char.ToUpperInvariant(name[0]) + name[1..];

    public ProviderOptions Options => options;

    /// <summary>Where to send the browser. Or <see cref="Failed"/>.</summary>
    public async Task<Outcome<string>> AuthorizeUrl(ExternalFlow flow, string redirectUri, CancellationToken ct)
    {
        if (await site.Find(ct) is not { } known) return Failed;
        var query = new QueryBuilder
        {
            { "response_type", "code" },
            { "client_id", options.ClientId },
            { "redirect_uri", redirectUri },
            { "scope", options.Scopes },
            { "state", flow.Id },
            { "code_challenge", ChallengeOf(flow.Verifier) },
            { "code_challenge_method", "S256" },
        };
        if (options.IsOpenId) query.Add("nonce", flow.Nonce);
        if (options.IsOpenId && flow.Again) query.Add("prompt", "login");
        var separator = known.Authorize.Query.Length > 0 ? '&' : '?';
        return $"{known.Authorize.AbsoluteUri}{separator}{query.ToQueryString().Value![1..]}";
    }

    /// <summary>Whether a redirect can be this site's, and not one that another has mixed in (RFC 9207).</summary>
    /// <param name="issuer">What it calls itself there; null when it does not.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<bool> IsOwn(string? issuer, CancellationToken ct)
    {
        if (await site.Find(ct) is not { } known) return false;
        return issuer is null ? !known.NamesItself : known.Issuer is null || known.Issuer == issuer;
    }

    /// <summary>Who it is that has come back with a code. Or <see cref="Failed"/>.</summary>
    public async Task<Outcome<ExternalPerson>> Redeem(string code, ExternalFlow flow, string redirectUri, CancellationToken ct)
    {
        if (await site.Find(ct) is not { } known) return Failed;
        using var request = new HttpRequestMessage(HttpMethod.Post, known.Token);
        request.Content = new FormUrlEncodedContent(FormOf(code, flow, redirectUri));
        if (options.SecretInHeader) request.Headers.Authorization = new("Basic", Credentials());
        if (await site.Ask(request, ct) is not { } tokens || ProviderSite.TextIn(tokens, "access_token") is not { } access) return Failed;
        var type = ProviderSite.TextIn(tokens, "token_type") ?? "Bearer";
        if (!type.Equals("Bearer", StringComparison.OrdinalIgnoreCase) || !IsHeaderValue(access)) return Failed;

        using var question = new HttpRequestMessage(HttpMethod.Get, known.UserInfo);
        question.Headers.Authorization = new("Bearer", access);
        if (await site.Ask(question, ct) is not { } info || PersonIn(info) is not { } person) return Failed;
        var isSame = ProviderSite.TextIn(tokens, "id_token") is not { } idToken || Fits(idToken, person, flow, known);
        return isSame ? person : Failed;
    }

    /// <summary>By SHA-256, in base64url (RFC 7636, 4.2).</summary>
    public static string ChallengeOf(string verifier) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));

    private Dictionary<string, string> FormOf(string code, ExternalFlow flow, string redirectUri)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = redirectUri,
            ["client_id"] = options.ClientId,
            ["code_verifier"] = flow.Verifier,
        };
        if (!options.SecretInHeader && options.ClientSecret.Length > 0) form["client_secret"] = options.ClientSecret;
        return form;
    }

    /// <summary>RFC 6749, 2.3.1: each is encoded before they are put together.</summary>
    private string Credentials() => Convert.ToBase64String(Encoding.ASCII.GetBytes(
        $"{Uri.EscapeDataString(options.ClientId)}:{Uri.EscapeDataString(options.ClientSecret)}"));

    private static bool IsHeaderValue(string text) => text.All(c => c is > ' ' and <= '~');

    private ExternalPerson? PersonIn(JsonElement info)
    {
        if (ProviderSite.TextIn(info, options.SubjectField) is not { Length: > 0 and <= SubjectLengthMax } subject) return null;
        if (subject.Any(char.IsControl)) return null;
        var email = EmailAddress.Parse(ProviderSite.TextIn(info, options.EmailField) ?? "");
        var isVerified = options.AddressesAreVerified || ProviderSite.TextIn(info, options.EmailVerifiedField) == "true";
        var (called, error) = PersonName.Read(ProviderSite.TextIn(info, options.NameField));
        return new(name, subject, email?.Text, email is not null && isVerified, error is null ? called : "");
    }

    /// <summary>
    /// The ID token came from the site itself over TLS, so its signature need not be checked (OpenID Connect Core, 3.1.3.7, 6); but that
    /// it is about this sign-in, for this client and about the same person (5.3.2).
    /// </summary>
    private bool Fits(string idToken, ExternalPerson person, ExternalFlow flow, ProviderSite.Known known)
    {
        if (idToken.Split('.') is not [_, var part, _] || CompactToken.Decode(part) is not { } payload) return false;
        if (ProviderSite.Parse(payload) is not { } claims) return false;
        if (known.Issuer is not null && ProviderSite.TextIn(claims, "iss") != known.Issuer) return false;
        if (options.IsOpenId && ProviderSite.TextIn(claims, "nonce") != flow.Nonce) return false;
        if (options.SubjectField == "sub" && ProviderSite.TextIn(claims, "sub") != person.Subject) return false;
        return IsForUs(claims);
    }

    private bool IsForUs(JsonElement claims) => claims.TryGetProperty("aud", out var audience) && (
        audience.ValueKind == JsonValueKind.Array
            ? audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == options.ClientId)
            : ProviderSite.TextIn(claims, "aud") == options.ClientId);
}
