using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.Tests;

/// <summary>
/// A site that people sign in with, as strict as the specifications allow: whoever is at its door is let in at once, codes are good once
/// and for who knows the verifier. Told to, it breaks in a named way.
/// </summary>
public sealed class OtherSite : IAsyncDisposable
{
    public const string ClientId = "kontor-here";
    public const string Secret = "a secret / of both";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Code> _codes = new();
    private readonly ConcurrentDictionary<string, Dictionary<string, object?>> _tokens = new();

    private sealed record Code(string Site, string RedirectUri, string Challenge, string? Nonce, Dictionary<string, object?> Person);

    public OtherSite()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapGet("/{site}/.well-known/openid-configuration", Describe);
        _app.MapGet("/{site}/authorize", Authorize);
        _app.MapPost("/{site}/token", Exchange);
        _app.MapGet("/{site}/userinfo", Tell);
        _app.StartAsync().GetAwaiter().GetResult();
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>Who is at the door; with somebody new, it is well again.</summary>
    public Dictionary<string, object?> Person
    {
        get;
        set => (field, Fault) = (value, null);
    } = NewPerson();

    /// <summary>How it breaks, once and from then on; null not at all.</summary>
    public string? Fault { get; set; }

    /// <summary>How many codes became tokens.</summary>
    public int Redeemed { get; private set; }

    /// <summary>What it was asked at its door last.</summary>
    public IQueryCollection? Asked { get; private set; }

    public string IssuerOf(string site) => $"{Address.AbsoluteUri}{site}";

    public static Dictionary<string, object?> NewPerson(string? email = null, bool isVerified = true) => new()
    {
        ["sub"] = Guid.NewGuid().ToString("N"),
        ["email"] = email ?? $"x-{Guid.NewGuid():N}@elsewhere.example",
        ["email_verified"] = isVerified,
        ["name"] = "Elsa Where",
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private IResult Describe(string site) => Fault switch
    {
        "describes-another" => Results.Json(new { issuer = IssuerOf("another") }),
        _ => Results.Json(new
        {
            issuer = IssuerOf(site),
            authorization_endpoint = $"{IssuerOf(site)}/authorize",
            token_endpoint = $"{IssuerOf(site)}/token",
            userinfo_endpoint = $"{IssuerOf(site)}/userinfo",
            authorization_response_iss_parameter_supported = true,
        }),
    };

    private IResult Authorize(string site, HttpRequest request)
    {
        var asked = Asked = request.Query;
        var isAsItShould = asked["response_type"] == "code" && asked["client_id"] == ClientId && asked["code_challenge_method"] == "S256"
            && asked["code_challenge"].ToString().Length == 43 && asked["state"].ToString().Length > 20
            && asked["redirect_uri"].ToString().EndsWith($"/auth/external/{site}/callback", StringComparison.Ordinal);
        if (!isAsItShould) return Results.BadRequest("This client does not speak OAuth with PKCE.");
        var answer = new QueryBuilder { { "state", asked["state"].ToString() } };
        if (Fault is "cancelled") answer.Add("error", "access_denied");
        else if (Fault is "refused") answer.Add("error", "server_error");
        else
        {
            var code = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
            _codes[code] = new(site, asked["redirect_uri"]!, asked["code_challenge"]!, asked["nonce"], new(Person));
            answer.Add("code", code);
        }

        if (Fault is not "nameless") answer.Add("iss", Fault is "misnamed" ? IssuerOf("another") : IssuerOf(site));
        return Results.Redirect($"{asked["redirect_uri"]}{answer.ToQueryString()}");
    }

    private async Task<IResult> Exchange(string site, HttpRequest request, CancellationToken ct)
    {
        if (Fault is "slow") await Task.Delay(Timeout.Infinite, ct);
        if (Broken("token") is { } broken) return broken;
        var form = await request.ReadFormAsync(ct);
        var isKnown = _codes.TryRemove(form["code"].ToString(), out var code) && code.Site == site;
        var isClient = site == "plain"
            ? request.Headers.Authorization == "Basic " + Convert.ToBase64String(
                Encoding.ASCII.GetBytes($"{ClientId}:{Uri.EscapeDataString(Secret)}"))
            : form["client_id"] == ClientId && form["client_secret"] == Secret;
        var isAsItShould = isKnown && isClient && form["grant_type"] == "authorization_code" && form["redirect_uri"] == code!.RedirectUri
            && Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) == code.Challenge;
        if (!isAsItShould) return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        Redeemed++;
        var token = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        _tokens[token] = code!.Person;
        var type = Fault is "odd-token-type" ? "mac" : "Bearer";
        if (site == "plain") return Results.Json(new { access_token = token, token_type = type });
        return Results.Json(new { access_token = token, token_type = type, expires_in = 60, id_token = IdToken(site, code) });
    }

    private string IdToken(string site, Code code)
    {
        var claims = JsonSerializer.SerializeToUtf8Bytes(new
        {
            iss = Fault is "id-token-of-another-site" ? IssuerOf("another") : IssuerOf(site),
            aud = Fault is "id-token-for-another-client" ? ["somebody-else"] : new[] { ClientId },
            sub = Fault is "id-token-of-another-person" ? "another" : code.Person["sub"],
            nonce = Fault is "id-token-of-another-sign-in" ? "another" : code.Nonce,
        });
        return $"e30.{Base64Url.EncodeToString(claims)}.c2lnbmF0dXJl";
    }

    private IResult Tell(string site, HttpRequest request)
    {
        if (Broken("userinfo") is { } broken) return broken;
        var token = request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);
        if (!_tokens.TryGetValue(token, out var person)) return Results.Unauthorized();
        if (Fault is "nobody") return Results.Json(new { email = person["email"] });
        // A site of before OpenID Connect: numbers for names, and no word on whether the address was verified.
        return site == "plain"
            ? Results.Json(new { id = Convert.ToInt64($"{person["sub"]}"[..12], 16), mail = person["email"], login = person["name"] })
            : Results.Json(person);
    }

    private IResult? Broken(string where) => Fault?.Replace(where, "", StringComparison.Ordinal) switch
    {
        "-error" => Results.StatusCode(500),
        "-rubbish" => Results.Text("{\"access_token\": \"x\", \"sub\": ", "application/json"),
        "-list" => Results.Json(new[] { 1, 2 }),
        "-empty" => Results.Text(""),
        "-huge" => Results.Json(new { access_token = new string('x', 200_000), sub = "x" }),
        "-deep" => Results.Text(new string('[', 100) + new string(']', 100)),
        "-surrogate" => Results.Text("""{"access_token": "\ud800", "sub": "\ud800"}"""),
        "-nul" => Results.Text("""{"access_token": "\u0000", "sub": "a\u0000b"}"""),
        "-header" => Results.Text("""{"access_token": "a\r\nb", "sub": "a\r\nb"}"""),
        "-redirect" => Results.Redirect("http://127.0.0.1:1/"),
        _ => null,
    };
}
