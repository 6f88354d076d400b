using System.Globalization;
using System.Text.RegularExpressions;

namespace Kontor.Accounts.Passwords;

/// <summary>A password's hash.</summary>
/// <param name="Phc">A PHC string (`$argon2id$v=19$m=19456,t=2,p=1$salt$tag`), or what <see cref="ForeignHash"/> keeps.</param>
/// <param name="PepperId">Of the pepper in it. A foreign hash has none, and says here of what <see cref="ForeignHash.Kind"/> it is.</param>
internal sealed partial record StoredPassword(string Phc, string PepperId)
{
    /// <summary>Of an account that has no password: nothing is right.</summary>
    public static readonly StoredPassword None = new("", "");

    /// <summary>A stored string may not ask for more than this, whoever wrote it.</summary>
    private const int MemoryKiBMax = 65_536;

    private const int PassesMax = 10;

    internal sealed record Parts(Argon2.Cost Cost, byte[] Salt, byte[] Tag);

    public bool IsNone => Phc.Length == 0;

    public static string Format(Argon2.Cost cost, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> tag) => string.Create(
        CultureInfo.InvariantCulture,
        $"$argon2id$v=19$m={cost.MemoryKiB},t={cost.Passes},p={cost.Lanes}${Unpadded(salt)}${Unpadded(tag)}");

    /// <summary>Null when the string is not of this kind.</summary>
    public Parts? Read()
    {
        if (Shape().Match(Phc) is not { Success: true } match) return null;
        var cost = new Argon2.Cost(Number(match, "m"), Number(match, "t"), Number(match, "p"));
        if (cost.MemoryKiB > MemoryKiBMax || cost.Passes > PassesMax || cost.Lanes != 1) return null;
        return new(cost, Padded(match.Groups["salt"].Value), Padded(match.Groups["tag"].Value));
    }

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    private static string Unpadded(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Padded(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));

    [GeneratedRegex(
        @"^\$argon2id\$v=19\$m=(?<m>[0-9]{1,8}),t=(?<t>[0-9]{1,3}),p=(?<p>[0-9]{1,3})" +
        @"\$(?<salt>[A-Za-z0-9+/]{22})\$(?<tag>[A-Za-z0-9+/]{43})$")]
    private static partial Regex Shape();
}
