using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Kontor.Accounts.Tokens;

namespace Kontor.Accounts.Keys;

/// <summary>A key pair on P-256, and the only header that a token signed with it may have.</summary>
internal sealed class SigningKey
{
    private readonly ECParameters _parameters;

    // One object at a time for each caller: the framework does not say that two may share one.
    private readonly ConcurrentBag<ECDsa> _free = [];

    public SigningKey(ECParameters parameters)
    {
        parameters.Validate();
        _parameters = parameters;
        X = Base64Url.EncodeToString(parameters.Q.X);
        Y = Base64Url.EncodeToString(parameters.Q.Y);
        // RFC 7638: the required members in alphabetical order, without spaces.
        var jwk = $$"""{"crv":"P-256","kty":"EC","x":"{{X}}","y":"{{Y}}"}""";
        Kid = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(jwk)));
        Header = Base64Url.EncodeToString(Encoding.ASCII.GetBytes($$"""{"alg":"ES256","typ":"at+jwt","kid":"{{Kid}}"}"""));
    }

    public string Kid { get; }

    /// <summary>The public point's coordinates in base64url, as a JWK has them.</summary>
    public string X { get; }

    public string Y { get; }

    /// <summary>In base64url. The alphabet of a kid needs no escaping, so this is the one way to write it.</summary>
    public string Header { get; }

    /// <summary>Its file is gone: whatever it signed is refused from now on.</summary>
    public bool IsRetired { get; private set; }

    public void Retire() => IsRetired = true;

    public static SigningKey FromPem(string pem)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        var parameters = key.ExportParameters(includePrivateParameters: true);
        if (parameters.Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
            throw new InvalidOperationException("A signing key is not on the curve P-256.");
        return new SigningKey(parameters);
    }

    public static string NewPem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        var key = Rent();
        try
        {
            return key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _free.Add(key);
        }
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (!Es256.IsWellFormed(signature)) return false;
        var key = Rent();
        try
        {
            return key.VerifyData(data, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
        finally
        {
            _free.Add(key);
        }
    }

    private ECDsa Rent() => _free.TryTake(out var key) ? key : ECDsa.Create(_parameters);
}
