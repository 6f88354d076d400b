using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kontor.Accounts.Keys;

namespace Kontor.Accounts.Tests;

/// <summary>
/// Makes tokens out of a genuine one, with the server's own key unless a case is about the key: so that what a case changes is the only
/// thing that is wrong.
/// </summary>
internal sealed class Forge(KeyRing ring, string genuine)
{
    private const string Order = "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551";

    private readonly string[] _parts = genuine.Split('.');

    private SigningKey Key => ring.SigningKey;

    private byte[] Signature => Base64Url.DecodeFromChars(_parts[2]);

    private string Payload => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(_parts[1]));

    public string Genuine => genuine;

    /// <summary>The genuine claims, changed and signed again.</summary>
    public string Claims(Action<JsonObject> change)
    {
        var claims = JsonNode.Parse(Payload)!.AsObject();
        change(claims);
        return RawPayload(claims.ToJsonString());
    }

    /// <summary>Any text as payload, signed.</summary>
    public string RawPayload(string payload) => Signed($"{_parts[0]}.{Encode(payload)}");

    /// <summary>The text of the genuine payload, changed and signed again.</summary>
    public string PayloadText(Func<string, string> change) => RawPayload(change(Payload));

    /// <summary>The genuine header, changed and signed with the server's key.</summary>
    public string Header(Action<JsonObject> change)
    {
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(_parts[0]))!.AsObject();
        change(header);
        return RawHeader(header.ToJsonString());
    }

    public string RawHeader(string header) => Signed($"{Encode(header)}.{_parts[1]}");

    /// <summary>The genuine header and payload with another signature.</summary>
    public string WithSignature(byte[] signature) => $"{_parts[0]}.{_parts[1]}.{Base64Url.EncodeToString(signature)}";

    public string RawSignature(string signature) => $"{_parts[0]}.{_parts[1]}.{signature}";

    /// <summary>r, s or both replaced: `n` is the group's order, `0` zero, null what it was.</summary>
    public string Scalars(string? r, string? s) =>
        WithSignature([.. r is null ? Signature[..32] : Scalar(r), .. s is null ? Signature[32..] : Scalar(s)]);

    public string Der()
    {
        var (r, s) = (Integer(Signature[..32]), Integer(Signature[32..]));
        return WithSignature([0x30, (byte)(r.Length + s.Length), .. r, .. s]);
    }

    /// <summary>Signed with HMAC, by a secret that everybody knows.</summary>
    public string Hmac(byte[] secret, string alg = "HS256")
    {
        var signed = $"{Encode($$"""{"alg":"{{alg}}","typ":"at+jwt","kid":"{{Key.Kid}}"}""")}.{_parts[1]}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Signed with a key that the forger made and puts into the header.</summary>
    public string Embedded(Func<ECParameters, string> member)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var extra = member(key.ExportParameters(includePrivateParameters: false));
        var signed = $"{Encode($$"""{"alg":"ES256","typ":"at+jwt","kid":"{{Key.Kid}}",{{extra}}}""")}.{_parts[1]}";
        return Sign(key, signed);
    }

    /// <summary>The genuine header and claims, signed with a key of the forger's.</summary>
    public string OtherKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Sign(key, $"{_parts[0]}.{_parts[1]}");
    }

    public byte[] PublicKeyBytes()
    {
        using var key = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars(Key.X), Y = Base64Url.DecodeFromChars(Key.Y) },
        });
        return key.ExportSubjectPublicKeyInfo();
    }

    public string Kid => Key.Kid;

    public string Part(int index) => _parts[index];

    private string Signed(string text) => $"{text}.{Base64Url.EncodeToString(Key.Sign(Encoding.ASCII.GetBytes(text)))}";

    private static string Sign(ECDsa key, string text) =>
        $"{text}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256))}";

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    private static byte[] Scalar(string name) => name == "n" ? Convert.FromHexString(Order) : new byte[32];

    private static byte[] Integer(byte[] value)
    {
        var trimmed = value.SkipWhile(b => b == 0).ToArray();
        if (trimmed[0] >= 0x80) trimmed = [0, .. trimmed];
        return [0x02, (byte)trimmed.Length, .. trimmed];
    }
}
