using System.Security.Cryptography;
using System.Text;
using Kontor.Accounts.Keys;

namespace Kontor.Accounts.Factors;

/// <summary>
/// A code for somebody whose second factor is lost, good for one sign-in: ten characters of 32, so 50 bits. Stored is only a keyed hash,
/// and a stolen database does not have the key.
/// </summary>
internal static class RecoveryCode
{
    /// <summary>How many a person gets.</summary>
    public const int Count = 10;

    private const int Characters = 10;

    /// <summary>Those that nobody takes for another (Crockford's base32, in lower case).</summary>
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>For instance `7k3mq-x02ht`.</summary>
    public static string New()
    {
        var text = RandomNumberGenerator.GetString(Alphabet, Characters);
        return $"{text[..5]}-{text[5..]}";
    }

    public static RecoveryCodeHash HashOf(string code, string userId, Pepper pepper) =>
        new(HMACSHA256.HashData(pepper.RecoveryCodeKey, Encoding.UTF8.GetBytes($"{userId} {Plain(code)}")), pepper.Id);

    /// <summary>Whether this code of this person has that hash.</summary>
    public static bool Matches(string code, string userId, RecoveryCodeHash stored, KeyRing ring) =>
        ring.PepperOf(stored.PepperId) is { } pepper
        && CryptographicOperations.FixedTimeEquals(HashOf(code, userId, pepper).Hash, stored.Hash);

    /// <summary>However it was typed: `o` is 0, `i` and `l` are 1.</summary>
    private static string Plain(string code) => string.Concat(code.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit))
        .Replace('o', '0').Replace('i', '1').Replace('l', '1');
}

/// <param name="PepperId">Of the pepper that the hash is keyed with.</param>
internal sealed record RecoveryCodeHash(byte[] Hash, string PepperId);
