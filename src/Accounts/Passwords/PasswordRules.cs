using System.Text;

namespace Kontor.Accounts.Passwords;

/// <summary>What a new password may be, after NIST SP 800-63B: long enough, not a part of what everybody knows, and no rules of
/// composition.</summary>
internal static class PasswordRules
{
    public const int LengthMin = 8;
    public const int LengthMax = 128;

    /// <summary>Shorter addresses and names occur in anything.</summary>
    private const int TellingLength = 4;

    /// <summary>Null when it is good; else a sentence in English.</summary>
    public static string? Check(string password, EmailAddress? email, string name)
    {
        var length = password.EnumerateRunes().Count();
        if (length < LengthMin) return "A password has at least 8 characters.";
        if (length > LengthMax) return "A password has at most 128 characters.";
        if (password.EnumerateRunes().Any(Rune.IsControl)) return "A password has no control characters.";
        if (email is not null && Contains(password, email.LocalPart)) return "A password does not contain the e-mail address.";
        return Contains(password, name) ? "A password does not contain the name." : null;
    }

    private static bool Contains(string password, string part) =>
        part.Length >= TellingLength && password.Contains(part, StringComparison.OrdinalIgnoreCase);
}
