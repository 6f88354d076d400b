using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Tokens;

namespace Kontor.Accounts.Sessions;

/// <summary>
/// `sid.generation.secret.mac`. The mac says that this server wrote it, so a token that was made up or damaged is refused before any
/// session is looked at: nobody can end a session by guessing.
/// </summary>
internal sealed record RefreshToken(string Session, long Generation, byte[] Secret)
{
    public const int SecretBytes = 32;

    /// <summary>Ours have 36 + 10 + 43 + 48 characters at most, and three dots.</summary>
    public const int LengthMax = 199;

    private const int MacBytes = 32;

    /// <summary>Opaque text in base64url's alphabet; the mac is preceded by its pepper's id.</summary>
    public string Write(Pepper pepper)
    {
        var signed = string.Create(CultureInfo.InvariantCulture, $"{Session}.{Generation}.{Base64Url.EncodeToString(Secret)}");
        Span<byte> mac = stackalloc byte[Pepper.IdBytes + MacBytes];
        Convert.FromHexString(pepper.Id, mac, out _, out _);
        HMACSHA256.HashData(pepper.MacKey, Encoding.ASCII.GetBytes(signed), mac[Pepper.IdBytes..]);
        return $"{signed}.{Base64Url.EncodeToString(mac)}";
    }

    /// <summary>Null unless this server wrote exactly this text with a pepper that it still has.</summary>
    public static RefreshToken? Read(string text, KeyRing ring)
    {
        if (text.Length > LengthMax || !Ascii.IsValid(text)) return null;
        var parts = text.Split('.');
        if (parts.Length != 4) return null;
        if (CompactToken.Decode(parts[3]) is not { Length: Pepper.IdBytes + MacBytes } mac) return null;
        if (ring.PepperOf(Convert.ToHexStringLower(mac.AsSpan(0, Pepper.IdBytes))) is not { } pepper) return null;
        var signed = Encoding.ASCII.GetBytes(text[..text.LastIndexOf('.')]);
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(pepper.MacKey, signed), mac.AsSpan(Pepper.IdBytes))) return null;
        // From here on it is known to be what `Write` wrote.
        return new(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture), Base64Url.DecodeFromChars(parts[2]));
    }
}
