using System.Buffers;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Caching;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.Tokens;

/// <summary>
/// Writes and reads access tokens: JWTs signed by ES256, for 15 minutes. The reader takes only what the writer writes. A header is not
/// interpreted but compared with those that the ring's keys write, so no `alg`, `jwk`, `crit` or the like ever has a say.
/// </summary>
internal sealed class AccessTokens(KeyRing ring, IOptions<AccountOptions> options, TimeProvider time)
{
    public const int LifetimeSeconds = 15 * 60;

    /// <summary>How far the clocks of two nodes may be apart.</summary>
    public const int LeewaySeconds = 30;

    /// <summary>About 2 KB each, at most 400 MB: of those who were here in the last half hour.</summary>
    private const int RememberedMax = 200_000;

    /// <summary>
    /// By the beginning of the signature, which is as good as drawn by lot. It only finds the token; the whole text has to be the same,
    /// which costs a tenth of a hash over it.
    /// </summary>
    private readonly Recent<UInt128, VerifiedToken> _verified =
        new(RememberedMax, idleMax: TimeSpan.FromSeconds(LifetimeSeconds), time: time);

    /// <summary>Dated when the session was read: a session that ends later knows of no token made after.</summary>
    public string Issue(User user, Refreshed session)
    {
        var now = session.At / Clock.Second;
        var payload = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(payload))
        {
            json.WriteStartObject();
            json.WriteString("iss", options.Value.Issuer);
            json.WriteString("aud", options.Value.Audience);
            json.WriteString("sub", user.Id);
            json.WriteString("sid", session.SessionId);
            json.WriteNumber("gen", session.Generation);
            json.WriteNumber("rights", user.Rights);
            json.WriteStartArray("roles");
            foreach (var role in user.Roles) json.WriteStringValue(role);
            json.WriteEndArray();
            json.WriteStartArray("amr");
            foreach (var method in session.Authentication.Methods) json.WriteStringValue(method);
            json.WriteEndArray();
            json.WriteNumber("auth_time", session.Authentication.At / Clock.Second);
            json.WriteString("name", user.Name);
            json.WriteNumber("iat", now);
            json.WriteNumber("exp", now + LifetimeSeconds);
            json.WriteString("jti", Ids.New(time));
            json.WriteEndObject();
        }

        var key = ring.SigningKey;
        var signed = $"{key.Header}.{Base64Url.EncodeToString(payload.WrittenSpan)}";
        return $"{signed}.{Base64Url.EncodeToString(key.Sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    /// <summary>Null unless it is one of ours and its time is now. The signature is checked once for each token.</summary>
    public VerifiedToken? Read(ReadOnlySpan<char> text)
    {
        if (text.Length is < CompactToken.SignatureLength or > CompactToken.LengthMax || !Ascii.IsValid(text)) return null;
        var place = MemoryMarshal.Read<UInt128>(MemoryMarshal.AsBytes(text[^CompactToken.SignatureLength..]));
        if (_verified.Find(place) is not { } verified || !Ascii.Equals(verified.Text, text))
        {
            if (Verify(text) is not { } read || !IsForUs(read.Token)) return null;
            verified = read;
            if (IsNow(verified.Token)) _verified.Set(place, verified);
        }

        return IsNow(verified.Token) && !verified.Key.IsRetired ? verified : null;
    }

    private VerifiedToken? Verify(ReadOnlySpan<char> text)
    {
        if (!CompactToken.TryRead(text, out var parts)) return null;
        if (ring.SigningKeyOf(parts.Header) is not { } key) return null;
        if (CompactToken.Decode(parts.Signature) is not { } signature || CompactToken.Decode(parts.Payload) is not { } payload) return null;
        Span<byte> signed = stackalloc byte[parts.Signed.Length];
        Ascii.FromUtf16(parts.Signed, signed, out _);
        return key.Verify(signed, signature) && AccessToken.Read(payload) is { } token
            ? new VerifiedToken(text, token, key, options.Value.AdminsNeedSecondFactor)
            : null;
    }

    private bool IsForUs(AccessToken token) => token.Issuer == options.Value.Issuer && token.Audience == options.Value.Audience;

    private bool IsNow(AccessToken token)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        return now < token.Expires + LeewaySeconds && now >= token.NotBefore - LeewaySeconds;
    }
}
