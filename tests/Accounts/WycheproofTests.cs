using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Tokens;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>The public test vectors of C2SP/wycheproof for signed tokens.</summary>
public class WycheproofTests(KontorApp app) : IClassFixture<KontorApp>
{
    /// <summary>Its signature is right; what is wrong is the purpose of the key, which is in no token.</summary>
    private const int RightSignatureOfAnEncryptionKey = 356;

    private static readonly JsonElement[] Groups = Load();

    public static TheoryData<int> OnP256 =>
        [.. Groups.Where(IsOnP256).SelectMany(Tests).Select(test => test.GetProperty("tcId").GetInt32())];

    public static TheoryData<int, string> All => [.. Groups.SelectMany(Tests).Select(test =>
        (test.GetProperty("tcId").GetInt32(), test.GetProperty("comment").GetString()!))];

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_token_of_theirs_does_not_sign_in_here(int test, string what)
    {
        var token = Groups.SelectMany(Tests).Single(one => one.GetProperty("tcId").GetInt32() == test).GetProperty("jws").GetString();
        using var client = app.NewClient();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {token}").ShouldBeTrue();

        var answer = await client.GetAsync("/users/me");

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, what);
        (await answer.Code()).ShouldBe("invalid-token", what);
    }

    [Theory]
    [MemberData(nameof(OnP256))]
    public void A_signature_is_judged_as_they_say(int test)
    {
        var (group, jws) = Groups.Where(IsOnP256).SelectMany(group => Tests(group).Select(one => (group, one)))
            .Where(pair => pair.one.GetProperty("tcId").GetInt32() == test)
            .Select(pair => (pair.group, pair.one.GetProperty("jws").GetString()!)).Single();

        Verifies(group.GetProperty("public"), jws).ShouldBe(test == RightSignatureOfAnEncryptionKey);
    }

    private static bool Verifies(JsonElement jwk, string jws)
    {
        var key = new SigningKey(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Bytes(jwk, "x"), Y = Bytes(jwk, "y") },
        });
        return CompactToken.TryRead(jws, out var token)
            && CompactToken.Decode(token.Header) is { } header
            && JsonDocument.Parse(header).RootElement.GetProperty("alg").GetString() == "ES256"
            && CompactToken.Decode(token.Signature) is { } signature
            && key.Verify(Encoding.ASCII.GetBytes(token.Signed.ToString()), signature);
    }

    private static byte[] Bytes(JsonElement jwk, string member) => CompactToken.Decode(jwk.GetProperty(member).GetString())!;

    private static bool IsOnP256(JsonElement group) =>
        group.TryGetProperty("public", out var key) && key.TryGetProperty("crv", out var curve) && curve.GetString() == "P-256";

    private static IEnumerable<JsonElement> Tests(JsonElement group) => group.GetProperty("tests").EnumerateArray();

    private static JsonElement[] Load()
    {
        using var stream = typeof(WycheproofTests).Assembly.GetManifestResourceStream("wycheproof-jws.json")!;
        return [.. JsonDocument.Parse(stream).RootElement.GetProperty("testGroups").EnumerateArray()];
    }
}
