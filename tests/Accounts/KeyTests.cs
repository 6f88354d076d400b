using System.Net;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Foundation;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class KeyTests(KontorApp app) : IClassFixture<KontorApp>
{
    private string Folder => Path.Combine(app.Services.GetRequiredService<IOptions<DataFolder>>().Value.Path, "keys");

    [Fact]
    public async Task Many_that_start_at_once_agree_on_the_keys()
    {
        var folder = Directory.CreateTempSubdirectory("kontor-keys-").FullName;
        try
        {
            var rings = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
            {
                var ring = new KeyRing(folder);
                new KeySchedule(ring, Options.Create(new AccountOptions()), TimeProvider.System).Tend();
                return ring;
            })));

            rings.Select(ring => ring.SigningKey.Kid).Distinct().ShouldHaveSingleItem();
            rings.Select(ring => ring.Pepper.Id).Distinct().ShouldHaveSingleItem();
            string[] files = ["keys.lock", "pepper-0001.key", "signing-0001.pem", "signing-0002.pem"];
            Directory.GetFiles(folder).Select(Path.GetFileName).Order().ShouldBe(files);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_pepper_that_another_node_uses_already_is_found_at_once()
    {
        var folder = Directory.CreateTempSubdirectory("kontor-keys-").FullName;
        try
        {
            var (here, there) = (new KeyRing(folder), new KeyRing(folder));
            new KeySchedule(there, Options.Create(new AccountOptions()), TimeProvider.System).RotatePepper();
            var made = Pepper.FromText(there.Folder.Read(KeyKind.Pepper)[^1].Secret).Id;

            here.PepperOf(made).ShouldNotBeNull();
            here.PepperOf("00000000").ShouldBeNull();
            // It is known before it is used.
            here.Pepper.Id.ShouldNotBe(made);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Nobody_else_may_read_them()
    {
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        File.GetUnixFileMode(Folder).ShouldBe(owner | UnixFileMode.UserExecute);
        // The framework's own are beside them, in XML.
        var secrets = Directory.GetFiles(Folder).Where(file => !file.EndsWith(".xml", StringComparison.Ordinal)).ToList();
        secrets.Count.ShouldBeGreaterThanOrEqualTo(3);
        foreach (var file in secrets) File.GetUnixFileMode(file).ShouldBe(owner, file);
    }

    [Fact]
    public async Task The_public_keys_are_published_and_cacheable()
    {
        using var client = app.NewClient();

        var answer = await client.GetAsync("/.well-known/jwks.json");
        using var conditional = new HttpRequestMessage(HttpMethod.Get, "/.well-known/jwks.json");
        conditional.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        var again = await client.SendAsync(conditional);

        answer.Headers.CacheControl!.Public.ShouldBeTrue();
        answer.Headers.CacheControl.MaxAge!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        again.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await again.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        var key = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("keys").EnumerateArray().First();
        key.EnumerateObject().Select(member => member.Name).Order().ShouldBe(["alg", "crv", "kid", "kty", "use", "x", "y"]);
        var jwk = $$"""{"crv":"P-256","kty":"EC","x":"{{key.GetProperty("x")}}","y":"{{key.GetProperty("y")}}"}""";
        var thumbprint = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(jwk)));
        key.GetProperty("kid").GetString().ShouldBe(thumbprint);
    }

    [Fact]
    public async Task Another_system_can_check_an_access_token_with_the_published_key()
    {
        using var robin = await app.NewPerson();
        var keys = await robin.Client.GetFromJsonAsync<JsonElement>("/.well-known/jwks.json");
        var parts = robin.Tokens.AccessToken.Split('.');
        var header = JsonSerializer.Deserialize<JsonElement>(Decode(parts[0]));
        var key = keys.GetProperty("keys").EnumerateArray()
            .Single(one => one.GetProperty("kid").GetString() == header.GetProperty("kid").GetString());
        using var ecdsa = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Decode(key.GetProperty("x").GetString()!), Y = Decode(key.GetProperty("y").GetString()!) },
        });

        ecdsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]), HashAlgorithmName.SHA256).ShouldBeTrue();

        header.GetProperty("typ").GetString().ShouldBe("at+jwt");
        header.GetProperty("alg").GetString().ShouldBe("ES256");
        var claims = JsonSerializer.Deserialize<JsonElement>(Decode(parts[1]));
        claims.EnumerateObject().Select(member => member.Name).ShouldBe(
            ["iss", "aud", "sub", "sid", "gen", "rights", "roles", "amr", "auth_time", "name", "iat", "exp", "jti"], ignoreOrder: true);
        (claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64()).ShouldBe(900);
    }

    [Fact]
    public async Task What_was_made_with_older_secrets_stays_good_when_newer_ones_come()
    {
        using var robin = await app.NewPerson();
        var oldKid = app.Services.GetRequiredService<KeyRing>().SigningKey.Kid;
        var oldPepper = app.Services.GetRequiredService<KeyRing>().Pepper.Id;
        var lost = await Refreshed(robin.Tokens.RefreshToken, "attempt-1");
        await File.WriteAllTextAsync(Path.Combine(Folder, "signing-0007.pem"), SigningKey.NewPem());
        await File.WriteAllTextAsync(Path.Combine(Folder, "pepper-0002.key"), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

        await app.Restart();

        var ring = app.Services.GetRequiredService<KeyRing>();
        ring.SigningKeys.Select(key => key.Kid).Last().ShouldBe(oldKid);
        ring.Pepper.Id.ShouldNotBe(oldPepper);
        using var before = app.As(robin.Tokens);
        (await before.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Refreshed(robin.Tokens.RefreshToken, "attempt-1")).RefreshToken.ShouldBe(lost.RefreshToken);
        var next = await Refreshed(lost.RefreshToken, "attempt-2");
        (await Refreshed(lost.RefreshToken, "attempt-2")).RefreshToken.ShouldBe(next.RefreshToken);
        using var again = await app.SignIn(robin.Email, robin.Password);
        var header = JsonSerializer.Deserialize<JsonElement>(Decode(again.Tokens.AccessToken.Split('.')[0]));
        header.GetProperty("kid").GetString().ShouldBe(ring.SigningKey.Kid);
    }

    private async Task<TokenPair> Refreshed(string refreshToken, string attempt)
    {
        using var client = app.NewClient();
        var answer = await client.PostAsJsonAsync("/auth/refresh", new { refreshToken, attempt });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<TokenPair>())!;
    }

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
