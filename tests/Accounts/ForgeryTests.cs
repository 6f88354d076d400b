using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kontor.Accounts.Keys;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Every way to make an access token that somebody has fallen for, against the running server.</summary>
public class ForgeryTests(KontorApp app) : IClassFixture<KontorApp>
{
    private static readonly Dictionary<string, Func<Forge, string>> Cases = new()
    {
        ["alg none without a signature"] = f => $"{Encode("""{"alg":"none","typ":"at+jwt"}""")}.{f.Part(1)}.",
        ["alg none with our kid and signature"] = f => f.Header(h => h["alg"] = "none"),
        ["alg NoNe"] = f => f.Header(h => h["alg"] = "NoNe"),
        ["alg missing"] = f => f.Header(h => h.Remove("alg")),
        ["alg empty"] = f => f.Header(h => h["alg"] = ""),
        ["alg a list"] = f => f.RawHeader($$"""{"alg":["ES256"],"typ":"at+jwt","kid":"{{f.Kid}}"}"""),
        ["alg es256 in lower case"] = f => f.Header(h => h["alg"] = "es256"),
        ["alg ES384 on our key"] = f => f.Header(h => h["alg"] = "ES384"),
        ["alg ES256K on our key"] = f => f.Header(h => h["alg"] = "ES256K"),
        ["alg RS256 on our key"] = f => f.Header(h => h["alg"] = "RS256"),
        ["alg EdDSA on our key"] = f => f.Header(h => h["alg"] = "EdDSA"),
        ["HS256 with the public key as secret"] = f => f.Hmac(f.PublicKeyBytes()),
        ["HS256 with the kid as secret"] = f => f.Hmac(Encoding.ASCII.GetBytes(f.Kid)),
        ["HS256 with an empty secret"] = f => f.Hmac([]),
        ["an HMAC that calls itself ES256"] = f => f.Hmac(f.PublicKeyBytes(), "ES256"),
        ["alg twice"] = f => f.RawHeader($$"""{"alg":"none","alg":"ES256","typ":"at+jwt","kid":"{{f.Kid}}"}"""),
        ["typ JWT"] = f => f.Header(h => h["typ"] = "JWT"),
        ["typ missing"] = f => f.Header(h => h.Remove("typ")),
        ["kid of another key"] = f => f.Header(h => h["kid"] = "A55FxMUTYft6RAWrgeVPvLMJSJXAsMc6x1rvrwKzYRM"),
        ["kid missing"] = f => f.Header(h => h.Remove("kid")),
        ["kid a path"] = f => f.Header(h => h["kid"] = "../../../dev/null"),
        ["kid with SQL"] = f => f.Header(h => h["kid"] = "' OR 1=1 --"),
        ["another key behind our kid"] = f => f.OtherKey(),
        ["jwk of the forger"] = f => f.Embedded(q =>
            $$"""
            "jwk":{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(q.Q.X)}}","y":"{{Base64Url.EncodeToString(q.Q.Y)}}"}
            """),
        ["jku of the forger"] = f => f.Embedded(_ => "\"jku\":\"http://127.0.0.1:1/jwks.json\""),
        ["x5u of the forger"] = f => f.Embedded(_ => "\"x5u\":\"http://127.0.0.1:1/cert.pem\""),
        ["x5c of the forger"] = f => f.Embedded(_ => "\"x5c\":[\"AAAA\"]"),
        ["jwk beside our own signature"] = f => f.Header(h => h["jwk"] = "x"),
        ["crit"] = f => f.Header(h => h["crit"] = new JsonArray("exp")),
        ["b64 false"] = f => f.Header(h => h["b64"] = false),
        ["zip"] = f => f.Header(h => h["zip"] = "DEF"),
        ["a header that is no object"] = f => f.RawHeader("\"ES256\""),
        ["signature missing"] = f => $"{f.Part(0)}.{f.Part(1)}",
        ["signature empty"] = f => f.RawSignature(""),
        ["signature of zeros"] = f => f.Scalars("0", "0"),
        ["r is 0"] = f => f.Scalars("0", null),
        ["s is 0"] = f => f.Scalars(null, "0"),
        ["r is n"] = f => f.Scalars("n", null),
        ["s is n"] = f => f.Scalars(null, "n"),
        ["r and s are n"] = f => f.Scalars("n", "n"),
        ["signature in DER"] = f => f.Der(),
        ["signature a byte short"] = f => f.WithSignature(Base64Url.DecodeFromChars(f.Part(2))[..63]),
        ["signature a byte long"] = f => f.WithSignature([.. Base64Url.DecodeFromChars(f.Part(2)), 0]),
        ["signature with a bit changed"] = f => f.RawSignature((f.Part(2)[0] == 'A' ? "B" : "A") + f.Part(2)[1..]),
        ["signature with padding"] = f => f.RawSignature(f.Part(2) + "=="),
        ["signature with other unused bits"] = f => f.RawSignature(f.Part(2)[..^1] + Next(f.Part(2)[^1])),
        ["signature with white space"] = f => f.RawSignature(f.Part(2).Insert(10, " ")),
        ["payload with padding"] = f => $"{f.Part(0)}.{f.Part(1)}=.{f.Part(2)}",
        ["payload of another token"] = f => $"{f.Part(0)}.{Encode("""{"sub":"01940000-0000-7000-8000-000000000001"}""")}.{f.Part(2)}",
        ["payload empty"] = f => f.RawPayload(""),
        ["four parts"] = f => f.Genuine + ".x",
        ["a dot at the end"] = f => f.Genuine + ".",
        ["a dot in front"] = f => "." + f.Genuine,
        ["JSON instead of the compact form"] = f =>
            $$"""{"protected":"{{f.Part(0)}}","payload":"{{f.Part(1)}}","signature":"{{f.Part(2)}}"}""",
        ["more than 4 KB"] = f => f.Claims(c => c["name"] = new string('x', 4096)),
        ["another issuer"] = f => f.Claims(c => c["iss"] = "https://evil.example"),
        ["issuer missing"] = f => f.Claims(c => c.Remove("iss")),
        ["another audience"] = f => f.Claims(c => c["aud"] = "another"),
        ["a list of audiences"] = f => f.Claims(c => c["aud"] = new JsonArray("kontor", "another")),
        ["subject missing"] = f => f.Claims(c => c.Remove("sub")),
        ["subject a number"] = f => f.Claims(c => c["sub"] = 1),
        ["subject null"] = f => f.Claims(c => c["sub"] = null),
        ["subject twice"] = f => f.PayloadText(p => p.Insert(1, "\"sub\":\"01940000-0000-7000-8000-000000000001\",")),
        ["subject twice, once escaped"] = f => f.PayloadText(p => p.Insert(1, "\"s\\u0075b\":\"01940000-0000-7000-8000-000000000001\",")),
        ["roles twice"] = f => f.PayloadText(p => p[..^1] + ",\"roles\":[\"admin\"]}"),
        ["roles a text"] = f => f.Claims(c => c["roles"] = "admin"),
        ["roles of numbers"] = f => f.Claims(c => c["roles"] = new JsonArray(1)),
        ["session missing"] = f => f.Claims(c => c.Remove("sid")),
        ["generation negative"] = f => f.Claims(c => c["gen"] = -1),
        ["generation a text"] = f => f.Claims(c => c["gen"] = "0"),
        ["expiry missing"] = f => f.Claims(c => c.Remove("exp")),
        ["expiry a text"] = f => f.Claims(c => c["exp"] = "9999999999"),
        ["expiry a fraction"] = f => f.Claims(c => c["exp"] = 9999999999.5),
        ["expiry beyond all numbers"] = f => f.PayloadText(p => Regex.Replace(p, "\"exp\":\\d+", "\"exp\":1e400")),
        ["expiry twice"] = f => f.PayloadText(p => p.Insert(1, "\"exp\":9999999999,")),
        ["expired a minute ago"] = f => f.Claims(c => c["exp"] = DateTimeOffset.UtcNow.AddMinutes(-1).ToUnixTimeSeconds()),
        ["not before the next minute"] = f => f.Claims(c => c["nbf"] = DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeSeconds()),
        ["claims in a list"] = f => f.PayloadText(p => $"[{p}]"),
        ["claims with something behind"] = f => f.PayloadText(p => p + "{}"),
        ["claims with a comment"] = f => f.PayloadText(p => p.Insert(1, "/* admin */")),
        ["claims cut short"] = f => f.PayloadText(p => p[..^1]),
        ["claims that are not UTF-8"] = f => f.PayloadText(p => p.Replace("Robin", "\\ud800", StringComparison.Ordinal)),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_forged_token_is_refused(string name)
    {
        using var robin = await app.NewPerson();
        var forged = Cases[name](new Forge(app.Services.GetRequiredService<KeyRing>(), robin.Tokens.AccessToken));

        await IsRefused(forged);

        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        // What the server remembers of the genuine one does not help either.
        await IsRefused(forged);
    }

    [Fact]
    public async Task What_is_forged_without_changing_anything_is_taken()
    {
        using var robin = await app.NewPerson();
        var forge = new Forge(app.Services.GetRequiredService<KeyRing>(), robin.Tokens.AccessToken);
        var now = DateTimeOffset.UtcNow;

        foreach (var token in new[]
        {
            forge.Claims(_ => { }),
            forge.Claims(claims => claims["exp"] = now.AddSeconds(-20).ToUnixTimeSeconds()),
            forge.Claims(claims => claims["nbf"] = now.AddSeconds(20).ToUnixTimeSeconds()),
            forge.Claims(claims => claims["later"] = new JsonObject { ["added"] = true }),
        })
        {
            token.ShouldNotBe(robin.Tokens.AccessToken);
            (await Get("/users/me", $"Bearer {token}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer  {0}")]
    [InlineData("Bearer {0} ,x")]
    [InlineData("Bearer \"{0}\"")]
    public async Task A_header_that_is_not_right_is_refused(string header)
    {
        using var robin = await app.NewPerson();

        var answer = await Get("/users/me", header.Replace("{0}", robin.Tokens.AccessToken, StringComparison.Ordinal));

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await answer.Code()).ShouldBe("invalid-token");
    }

    [Fact]
    public async Task The_scheme_is_blind_to_case_and_another_scheme_is_nobody()
    {
        using var robin = await app.NewPerson();

        (await Get("/users/me", $"bearer {robin.Tokens.AccessToken}")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var other = await Get("/users/me", "Basic cm9iaW46cm9iaW4=");

        other.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await other.Code()).ShouldBe("unauthenticated");
        other.Headers.WwwAuthenticate.ShouldHaveSingleItem().Scheme.ShouldBe("Bearer");
    }

    [Fact]
    public async Task A_token_that_was_taken_once_is_refused_when_its_time_is_over()
    {
        using var robin = await app.NewPerson();
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        app.Clock.Advance(TimeSpan.FromMinutes(16));

        await IsRefused(robin.Tokens.AccessToken);
        app.Clock.Advance(TimeSpan.FromMinutes(-16));
    }

    private async Task IsRefused(string token)
    {
        // Also where nobody needs to be signed in: a token that is given counts.
        foreach (var path in new[] { "/users/me", "/health/live" })
        {
            var answer = await Get(path, $"Bearer {token}");
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await answer.Code()).ShouldBe("invalid-token");
        }
    }

    private async Task<HttpResponseMessage> Get(string path, string authorization)
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization).ShouldBeTrue();
        return await client.GetAsync(path);
    }

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <summary>64 bytes need 86 characters, whose last has four bits too many: the next character differs only in them.</summary>
    private static char Next(char last)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        return alphabet[alphabet.IndexOf(last, StringComparison.Ordinal) + 1];
    }
}
