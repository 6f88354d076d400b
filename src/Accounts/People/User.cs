using Kontor.Accounts.Passwords;
using Kontor.Foundation;

namespace Kontor.Accounts;

/// <param name="Name">May be empty.</param>
/// <param name="Roles">In alphabetical order.</param>
/// <param name="CreatedAt">Milliseconds since 1970.</param>
/// <param name="Rights">Grows with every change of what the person may do, and when all sessions end: who read the account before knows
/// it no more. Read no later than the roles.</param>
/// <param name="IsLocked">May not sign in.</param>
internal sealed record User(
    string Id, string Email, string Name, IReadOnlyList<string> Roles, bool EmailVerified, long CreatedAt, long Rights, bool IsLocked)
{
    public static readonly Problem EmailTaken = new(409, "email-taken", "There is an account with this e-mail address.");
    public static readonly Problem Locked = new(403, "account-locked", "This account is locked. Ask the people who run this site.");
    public static readonly Problem Unknown = new(404, "not-found", "There is no such account.");
}

/// <summary>The people who have an account. Owns the tables `accounts_users` and `accounts_roles`.</summary>
internal interface IUsers
{
    Task<User?> Find(string id, CancellationToken ct);

    /// <summary>For signing in: the account of an address and what its password is checked against.</summary>
    Task<(User User, StoredPassword Password)?> FindByEmail(EmailAddress email, CancellationToken ct);

    /// <returns>Or <see cref="User.EmailTaken"/>, also when another request is quicker.</returns>
    Task<Outcome<User>> Register(NewUser user, Actor by, CancellationToken ct);

    /// <returns>Or <see cref="User.Unknown"/>.</returns>
    Task<Outcome<User>> Rename(string id, string name, CancellationToken ct);

    /// <summary>The same password under another hash; nothing happens when it was changed meanwhile.</summary>
    Task Rehash(string id, StoredPassword old, StoredPassword fresh, CancellationToken ct);
}

internal sealed record NewUser(
    string Id, EmailAddress Email, string Name, StoredPassword Password, IReadOnlyList<string> Roles, bool EmailVerified = false);
