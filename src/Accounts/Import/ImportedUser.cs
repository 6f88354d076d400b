using System.Globalization;
using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Security;

namespace Kontor.Accounts.Import;

/// <summary>What an import takes of a person. Columns have the names of ASP.NET Core Identity's too.</summary>
internal static class ImportedUser
{
    public static readonly IReadOnlyList<string> Columns =
        ["email", "passwordhash", "name", "roles", "emailverified", "emailconfirmed", "language", "createdat"];

    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;

    /// <param name="fields">By name; see <see cref="UserRecord"/>.</param>
    /// <param name="id">Of the new account.</param>
    /// <param name="roles">That there are.</param>
    /// <param name="now">Nobody was there later.</param>
    /// <returns>The account, or sentences in English, one for each field that is wrong.</returns>
    public static (NewUser? User, IReadOnlyList<string> Errors) Read(
        IReadOnlyDictionary<string, string> fields, string id, IReadOnlySet<string> roles, DateTimeOffset now)
    {
        var errors = new List<string>();
        var email = Field(fields, "email", EmailOf, errors);
        var name = Field(fields, "name", PersonName.Read, errors) ?? "";
        var password = Field(fields, "passwordhash", PasswordOf, errors) ?? StoredPassword.None;
        var ownRoles = Field(fields, "roles", text => RolesOf(text, roles), errors) ?? [];
        var isVerified = Field(fields, "emailverified", YesOrNo, errors) ?? Field(fields, "emailconfirmed", YesOrNo, errors) ?? false;
        var language = Field(fields, "language", LanguageOf, errors) ?? "en";
        var createdAt = Field(fields, "createdat", text => TimeOf(text, now), errors);
        if (email is null && errors.Count == 0) errors.Add("email: It is missing.");
        if (errors.Count > 0) return (null, errors);
        string[] allRoles = [.. ownRoles.Append(RoleNames.Customer).Distinct()];
        return (new(id, email!, name, password, allRoles, isVerified, language, createdAt), errors);
    }

    private static T? Field<T>(
        IReadOnlyDictionary<string, string> fields, string name, Func<string, (T? Value, string? Error)> read, List<string> errors)
    {
        if (!fields.TryGetValue(name, out var text)) return default;
        var (value, error) = read(text);
        if (error is not null) errors.Add($"{name}: {error}");
        return value;
    }

    private static (EmailAddress?, string?) EmailOf(string text) =>
        EmailAddress.Parse(text) is { } email ? (email, null) : (null, "This is not an e-mail address.");

    private static (StoredPassword?, string?) PasswordOf(string text)
    {
        var (hash, error) = ForeignHash.Import(text);
        return (hash?.ToStored(), error);
    }

    private static (string[]?, string?) RolesOf(string text, IReadOnlySet<string> known)
    {
        var roles = text.Split([' ', ',', ';', '|'], StringSplitOptions.RemoveEmptyEntries);
        var unknown = roles.FirstOrDefault(role => !known.Contains(role));
        return unknown is null ? (roles, null) : (null, $"There is no role '{unknown}'.");
    }

    private static (bool?, string?) YesOrNo(string text) => text.ToLowerInvariant() switch
    {
        "true" or "t" or "1" or "yes" => (true, null),
        "false" or "f" or "0" or "no" => (false, null),
        _ => (null, "This is neither true nor false."),
    };

    private static (string?, string?) LanguageOf(string text) =>
        text is "en" or "de" ? (text, null) : (null, "The languages are en and de.");

    private static (long?, string?) TimeOf(string text, DateTimeOffset now)
    {
        const DateTimeStyles Utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, Utc, out var time) && time >= Earliest && time <= now
            ? (time.ToUnixTimeMilliseconds(), null)
            : (null, "This is no time since 1970, such as 2024-05-17T09:30:00Z.");
    }
}
