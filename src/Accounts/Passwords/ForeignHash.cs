using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Kontor.Accounts.Passwords;

/// <summary>
/// A password as another system hashed it: with bcrypt (2a, 2b, 2y), or with PBKDF2 as ASP.NET Core Identity does (its formats V2 and
/// V3). It is good until its owner signs in, which makes it one of ours. None that takes longer than about half a second to check is let
/// in, because each try at it takes a core for so long.
/// </summary>
/// <param name="Kind">The scheme and its cost, for instance `bcrypt-10`: all of a kind take as long to check.</param>
internal abstract partial record ForeignHash(string Kind)
{
    public const int BcryptCostMax = 13;
    public const int IterationsMax = 1_000_000;

    private const int BcryptTextLength = 53;
    private const int PartBytes = 32;

    /// <summary>As it is kept in the database.</summary>
    public abstract string Text { get; }

    public abstract bool Matches(string password);

    /// <summary>The hash of an account.</summary>
    public StoredPassword ToStored() => new(Text, Kind);

    /// <summary>Null when it is none, such as one of ours.</summary>
    public static ForeignHash? Parse(string text)
    {
        if (BcryptShape().Match(text) is { Success: true } bcrypt)
        {
            var salt = BcryptText.Read(bcrypt.Groups["salt"].Value);
            return new BcryptHash(text, Number(bcrypt, "cost"), salt, bcrypt.Groups["digest"].Value);
        }

        if (Pbkdf2Shape().Match(text) is not { Success: true } pbkdf2) return null;
        return new Pbkdf2Hash(
            pbkdf2.Groups["function"].Value, Number(pbkdf2, "iterations"),
            Convert.FromBase64String(pbkdf2.Groups["salt"].Value), Convert.FromBase64String(pbkdf2.Groups["key"].Value));
    }

    /// <summary>Reads what another system stored: `$2b$10$...`, or the base64 of ASP.NET Core Identity.</summary>
    /// <returns>The hash, or a sentence in English that says why it cannot be taken.</returns>
    public static (ForeignHash? Hash, string? Error) Import(string text)
    {
        var hash = text.StartsWith("$2", StringComparison.Ordinal) ? Parse(text) : Pbkdf2Hash.OfIdentity(text);
        return hash switch
        {
            null => (null, "This is neither a bcrypt hash nor one of ASP.NET Core Identity."),
            BcryptHash { Cost: > BcryptCostMax } => (null, $"A bcrypt hash has a cost of {BcryptCostMax} at most."),
            Pbkdf2Hash { Iterations: > IterationsMax } => (null, $"A PBKDF2 hash has {IterationsMax} iterations at most."),
            _ => (hash, null),
        };
    }

    /// <summary>A hash of this kind that no password has; null when the words are no kind.</summary>
    public static ForeignHash? OfKind(string kind)
    {
        if (KindShape().Match(kind) is not { Success: true } match) return null;
        var cost = Number(match, "cost");
        return match.Groups["function"] is { Success: true, Value: var function }
            ? new Pbkdf2Hash(function, cost, new byte[PartBytes], new byte[PartBytes])
            : Parse(string.Create(CultureInfo.InvariantCulture, $"$2b${cost:00}${new string('.', BcryptTextLength)}"));
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\$2[aby]\$(?<cost>0[4-9]|[12][0-9]|3[01])\$(?<salt>[./A-Za-z0-9]{22})(?<digest>[./A-Za-z0-9]{31})$")]
    private static partial Regex BcryptShape();

    [GeneratedRegex("^(bcrypt|pbkdf2-(?<function>sha1|sha256|sha512))-(?<cost>[0-9]{1,9})$")]
    private static partial Regex KindShape();

    [GeneratedRegex(
        @"^\$pbkdf2-(?<function>sha1|sha256|sha512)\$i=(?<iterations>[0-9]{1,9})\$(?<salt>[A-Za-z0-9+/]+=*)\$(?<key>[A-Za-z0-9+/]+=*)$")]
    private static partial Regex Pbkdf2Shape();
}

internal sealed record BcryptHash(string Stored, int Cost, byte[] Salt, string Digest) : ForeignHash($"bcrypt-{Cost}")
{
    public override string Text => Stored;

    public override bool Matches(string password)
    {
        Span<byte> digest = stackalloc byte[Bcrypt.DigestBytes];
        Bcrypt.Hash(Encoding.UTF8.GetBytes(password), Salt, Cost, digest);
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(BcryptText.Write(digest)), Encoding.ASCII.GetBytes(Digest));
    }
}

/// <param name="Function">`sha1`, `sha256` or `sha512`.</param>
internal sealed record Pbkdf2Hash(string Function, int Iterations, byte[] Salt, byte[] Key)
    : ForeignHash(string.Create(CultureInfo.InvariantCulture, $"pbkdf2-{Function}-{Iterations}"))
{
    private const int V2Bytes = 1 + 16 + 32;
    private const int V2SaltBytes = 16;
    private const int V2Iterations = 1000;
    private const int V3HeadBytes = 1 + 3 * sizeof(uint);
    private const int PartBytesMin = 16;
    private const int PartBytesMax = 64;

    private static readonly string[] Functions = ["sha1", "sha256", "sha512"];

    public override string Text => string.Create(
        CultureInfo.InvariantCulture,
        $"$pbkdf2-{Function}$i={Iterations}${Convert.ToBase64String(Salt)}${Convert.ToBase64String(Key)}");

    public override bool Matches(string password) =>
        CryptographicOperations.FixedTimeEquals(Key, Rfc2898DeriveBytes.Pbkdf2(password, Salt, Iterations, Name, Key.Length));

    private HashAlgorithmName Name => Function switch
    {
        "sha1" => HashAlgorithmName.SHA1,
        "sha256" => HashAlgorithmName.SHA256,
        _ => HashAlgorithmName.SHA512,
    };

    /// <summary>Both formats as `PasswordHasher` of ASP.NET Core Identity documents them; null when it is neither.</summary>
    public static Pbkdf2Hash? OfIdentity(string base64)
    {
        Span<byte> bytes = stackalloc byte[V3HeadBytes + 2 * PartBytesMax];
        if (!Convert.TryFromBase64String(base64, bytes, out var length)) return null;
        bytes = bytes[..length];
        return bytes switch
        {
            [0, ..] when length == V2Bytes =>
                new("sha1", V2Iterations, bytes[1..(1 + V2SaltBytes)].ToArray(), bytes[(1 + V2SaltBytes)..].ToArray()),
            [1, ..] when length > V3HeadBytes => OfV3(bytes),
            _ => null,
        };
    }

    private static Pbkdf2Hash? OfV3(ReadOnlySpan<byte> bytes)
    {
        var function = BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]);
        var iterations = BinaryPrimitives.ReadUInt32BigEndian(bytes[(1 + sizeof(uint))..]);
        var saltLength = BinaryPrimitives.ReadUInt32BigEndian(bytes[(1 + 2 * sizeof(uint))..]);
        var rest = bytes[V3HeadBytes..];
        if (function >= Functions.Length || iterations is 0 or > int.MaxValue) return null;
        if (saltLength is < PartBytesMin or > PartBytesMax || rest.Length - saltLength is < PartBytesMin or > PartBytesMax) return null;
        return new(Functions[function], (int)iterations, rest[..(int)saltLength].ToArray(), rest[(int)saltLength..].ToArray());
    }
}

/// <summary>bcrypt's own base64: another alphabet, and no padding.</summary>
internal static class BcryptText
{
    private const string Usual = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private const string Own = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    public static string Write(ReadOnlySpan<byte> bytes) => Exchange(Convert.ToBase64String(bytes).TrimEnd('='), Usual, Own);

    public static byte[] Read(string text) =>
        Convert.FromBase64String(Exchange(text, Own, Usual).PadRight((text.Length + 3) / 4 * 4, '='));

    private static string Exchange(string text, string from, string to) =>
        string.Concat(text.Select(c => to[from.IndexOf(c, StringComparison.Ordinal)]));
}
