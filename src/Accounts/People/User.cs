using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Accounts;

/// <param name="Name">May be empty.</param>
/// <param name="Roles">In alphabetical order.</param>
/// <param name="CreatedAt">Milliseconds since 1970.</param>
/// <param name="Rights">Grows with every change of what the person may do, and when all sessions end: who read the account before knows
/// it no more. Read no later than the roles.</param>
/// <param name="IsLocked">May not sign in.</param>
/// <param name="Language">Of letters: `en` or `de`.</param>
/// <param name="HasPassword">Else the person signs in by another site or a passkey.</param>
internal sealed record User(
    string Id, string Email, string Name, IReadOnlyList<string> Roles, bool EmailVerified, long CreatedAt, long Rights, bool IsLocked,
    string Language, bool HasPassword)
{
    public static readonly Problem EmailTaken = new(409, "email-taken", "There is an account with this e-mail address.");
    public static readonly Problem Locked = new(403, "account-locked", "This account is locked. Ask the people who run this site.");
    public static readonly Problem Unknown = new(404, "not-found", "There is no such account.");

    /// <summary>For letters. Not by name before the address is confirmed: whoever typed a stranger's could write an advertisement
    /// there.</summary>
    public Recipient AsRecipient() => new(Email, EmailVerified ? Name : "", Language, Id);
}

/// <summary>The people who have an account. Owns the tables `accounts_users` and `accounts_roles`.</summary>
internal interface IUsers
{
    Task<User?> Find(string id, CancellationToken ct);

    /// <summary>Those of some ids that are of accounts.</summary>
    Task<IReadOnlySet<string>> Known(IReadOnlyCollection<string> ids, CancellationToken ct);

    /// <summary>For signing in: the account of an address and what its password is checked against.</summary>
    Task<(User User, StoredPassword Password)?> FindByEmail(EmailAddress email, CancellationToken ct);

    Task<User?> Find(Tx tx, string id);

    /// <summary>Whose confirmed or unconfirmed address it is.</summary>
    Task<User?> FindOwner(Tx tx, EmailAddress email);

    /// <summary>Somebody whose address is not confirmed is asked to confirm it by a letter.</summary>
    /// <returns>Or <see cref="User.EmailTaken"/>, also when another request is quicker.</returns>
    Task<Outcome<User>> Register(NewUser user, Actor by, CancellationToken ct);

    /// <summary>The same within a transaction.</summary>
    Task<Outcome<User>> Register(Tx tx, NewUser user, Actor by);

    /// <returns>Or <see cref="User.Unknown"/>.</returns>
    Task<Outcome<User>> Rename(string id, string name, CancellationToken ct);

    /// <returns>Or <see cref="User.Unknown"/>.</returns>
    Task<Outcome<User>> Speak(string id, string language, CancellationToken ct);

    ValueTask SetPassword(Tx tx, string id, StoredPassword password);

    /// <summary>The address is its owner's. False when it is not the account's address any more.</summary>
    ValueTask<bool> ConfirmEmail(Tx tx, string id, EmailAddress email);

    /// <summary>A confirmed address in place of the old one. False when it is another account's, or may become it again.</summary>
    ValueTask<bool> ChangeEmail(Tx tx, string id, EmailAddress email);

    /// <summary>The same password under another hash; nothing happens when it was changed meanwhile.</summary>
    Task Rehash(string id, StoredPassword old, StoredPassword fresh, CancellationToken ct);
}

/// <param name="CreatedAt">Milliseconds since 1970; null is now.</param>
internal sealed record NewUser(
    string Id, EmailAddress Email, string Name, StoredPassword Password, IReadOnlyList<string> Roles,
    bool EmailVerified = false, string Language = "en", long? CreatedAt = null);
