using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kontor.Accounts.Tests;

/// <summary>
/// A security key and the browser before it, in software: makes and uses passkeys on P-256 as WebAuthn Level 3 says, and lies where a
/// test tells it to.
/// </summary>
internal sealed class Authenticator(string rpId, string origin) : IDisposable
{
    private const byte Present = 0x01;
    private const byte Verified = 0x04;
    private const byte BackupEligible = 0x08;
    private const byte BackedUp = 0x10;
    private const byte HasCredential = 0x40;

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public byte[] CredentialId { get; set; } = RandomNumberGenerator.GetBytes(32);

    public string RpId { get; set; } = rpId;

    public string Origin { get; set; } = origin;

    public bool CrossOrigin { get; set; }

    public bool Verifies { get; set; } = true;

    public bool IsPresent { get; set; } = true;

    /// <summary>Null: it does not count.</summary>
    public uint? Counter { get; set; } = 1;

    public string? UserHandle { get; set; }

    /// <summary>A second one with the same key.</summary>
    public Authenticator Clone()
    {
        var clone = new Authenticator(RpId, Origin) { CredentialId = CredentialId, Counter = Counter, UserHandle = UserHandle };
        clone._key.ImportParameters(_key.ExportParameters(includePrivateParameters: true));
        return clone;
    }

    /// <summary>What `navigator.credentials.create` gives for these options.</summary>
    public JsonObject Create(JsonElement options)
    {
        UserHandle = options.GetProperty("user").GetProperty("id").GetString();
        var clientData = ClientData("webauthn.create", options);
        byte[] length = BigEndian((ushort)CredentialId.Length);
        byte[] authData = [.. AuthData(HasCredential), .. new byte[16], .. length, .. CredentialId, .. CoseKey()];
        byte[] attestation = [0xA3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xA0, .. Text("authData"), .. Bytes(authData)];
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(clientData),
            ["attestationObject"] = Base64Url.EncodeToString(attestation),
            ["transports"] = new JsonArray("internal", "hybrid"),
        });
    }

    /// <summary>What `navigator.credentials.get` gives for these options.</summary>
    public JsonObject Get(JsonElement options)
    {
        var clientData = ClientData("webauthn.get", options);
        if (Counter is { } count) Counter = count + 1;
        var authData = AuthData();
        var signature = _key.SignData(
            [.. authData, .. SHA256.HashData(clientData)], HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return Credential(new JsonObject
        {
            ["clientDataJSON"] = Base64Url.EncodeToString(clientData),
            ["authenticatorData"] = Base64Url.EncodeToString(authData),
            ["signature"] = Base64Url.EncodeToString(signature),
            ["userHandle"] = UserHandle,
        });
    }

    public void Dispose() => _key.Dispose();

    private JsonObject Credential(JsonObject response) => new()
    {
        ["id"] = Base64Url.EncodeToString(CredentialId),
        ["rawId"] = Base64Url.EncodeToString(CredentialId),
        ["type"] = "public-key",
        ["authenticatorAttachment"] = "platform",
        ["clientExtensionResults"] = new JsonObject(),
        ["response"] = response,
    };

    private byte[] ClientData(string type, JsonElement options) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        type,
        challenge = options.GetProperty("challenge").GetString(),
        origin = Origin,
        crossOrigin = CrossOrigin,
    });

    private byte[] AuthData(byte flags = 0)
    {
        if (IsPresent) flags |= Present;
        if (Verifies) flags |= Verified;
        flags |= BackupEligible | BackedUp;
        var count = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(count, Counter ?? 0);
        return [.. SHA256.HashData(Encoding.UTF8.GetBytes(RpId)), flags, .. count];
    }

    /// <summary>{1: 2, 3: -7, -1: 1, -2: x, -3: y}, in CBOR: a key of ES256 on P-256 (RFC 9053).</summary>
    private byte[] CoseKey()
    {
        var point = _key.ExportParameters(includePrivateParameters: false).Q;
        return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, .. Bytes(point.X!), 0x22, .. Bytes(point.Y!)];
    }

    private static byte[] Text(string text) => [(byte)(0x60 | text.Length), .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Bytes(byte[] bytes) => bytes.Length < 256
        ? [0x58, (byte)bytes.Length, .. bytes]
        : [0x59, .. BigEndian((ushort)bytes.Length), .. bytes];

    private static byte[] BigEndian(ushort number) => [(byte)(number >> 8), (byte)number];
}
