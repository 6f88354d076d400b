using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.Passwords;

/// <summary>
/// What a new password may be, after NIST SP 800-63B: long enough, not what everybody tries first, no part of what is known about its
/// owner, and no rules of composition. Everything that sets a password which a person chose asks here.
/// </summary>
internal sealed class PasswordRules(IOptions<AccountOptions> options)
{
    /// <summary>Characters are what a person counts as one, such as a letter with its accents, or an emoji of several signs.</summary>
    public const int LengthMin = 8;

    public const int LengthMax = 128;

    /// <summary>Shorter names, and parts of addresses, occur in anything.</summary>
    private const int TellingLength = 4;

    private static readonly FieldError TooShort = new("password-too-short", "A password has at least 8 characters.");
    private static readonly FieldError TooLong = new("password-too-long", "A password has at most 128 characters.");
    private static readonly FieldError Control = new("password-control-character", "A password has no control characters.");
    private static readonly FieldError HasAddress =
        new("password-contains-email", "A password does not contain the e-mail address or a part of it.");

    private static readonly FieldError HasName = new("password-contains-name", "A password does not contain the name or a part of it.");
    private static readonly FieldError Common =
        new("password-common", "This password is among those that are guessed first. A few words that only you put together are better.");

    private readonly List<string> _contextWords = [.. options.Value.ContextWords.Select(Bare).Where(word => word.Length > 0)];

    /// <param name="password">As it was typed.</param>
    /// <param name="email">Of its owner; null when that is not one.</param>
    /// <param name="name">Of its owner; may be empty.</param>
    /// <returns>Null when it is good.</returns>
    public FieldError? Check(string password, EmailAddress? email, string name)
    {
        var length = new StringInfo(password).LengthInTextElements;
        if (length < LengthMin) return TooShort;
        if (length > LengthMax) return TooLong;
        if (password.EnumerateRunes().Any(Rune.IsControl)) return Control;
        var bare = Bare(password);
        if (email is not null && PartsOf(email).Any(bare.Contains)) return HasAddress;
        if (PartsOf(name).Any(bare.Contains)) return HasName;
        return CommonPasswords.Contains(password) || IsLittleMoreThanContext(bare) ? Common : null;
    }

    /// <summary>The name of the place itself is no part of a password's strength.</summary>
    private bool IsLittleMoreThanContext(string bare) => _contextWords.Any(word =>
        bare.Contains(word, StringComparison.Ordinal) && bare.Replace(word, "", StringComparison.Ordinal).Length < LengthMin);

    private static IEnumerable<string> PartsOf(EmailAddress email)
    {
        var domain = email.Text[(email.LocalPart.Length + 1)..];
        // Without its last label, which all the world has.
        return PartsOf(email.LocalPart).Concat(PartsOf(domain[..domain.LastIndexOf('.')]));
    }

    /// <summary>The whole, and each word of it.</summary>
    private static IEnumerable<string> PartsOf(string text) =>
        Words(CommonPasswords.Fold(text)).Append(Bare(text)).Where(part => part.Length >= TellingLength);

    private static string[] Words(string folded) =>
        new string([.. folded.Select(c => char.IsLetter(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Bare(string text) => new([.. CommonPasswords.Fold(text).Where(char.IsLetterOrDigit)]);
}
