using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.SignIn;

/// <summary>
/// Checks an address and a password, for the API and for pages. Whoever does not know both learns nothing about either: an address that
/// nobody has takes the same statements, the same hash and the same answer.
/// </summary>
internal sealed class Credentials(IUsers users, PasswordHasher passwords)
{
    public static readonly Problem Invalid = new(401, "invalid-credentials", "E-mail address or password is wrong.");

    /// <returns>Or <see cref="Invalid"/> or <see cref="HashingGate.TooBusy"/>.</returns>
    public async Task<Outcome<User>> Check(string emailText, string password, HttpContext http, CancellationToken ct)
    {
        // What is no address at all is looked for under a key that nobody has, so that it takes as long as any other.
        var email = EmailAddress.Parse(emailText) ?? new EmailAddress("", "");
        var network = ClientNetwork.Of(http);
        var found = await users.FindByEmail(email, ct);
        var (isRight, tooBusy) = await passwords.Verify(password, found?.Password, network, ct);
        if (tooBusy is not null) return tooBusy;
        if (!isRight || found is not var (user, stored)) return Invalid;
        if (!passwords.IsCurrent(stored)) await HashAnew(user, password, stored, network, ct);
        return user;
    }

    /// <summary>With the parameters and the pepper of today. It can wait for another sign-in, so a busy moment is no reason to
    /// refuse.</summary>
    private async Task HashAnew(User user, string password, StoredPassword old, ClientNetwork network, CancellationToken ct)
    {
        var (hash, _) = await passwords.Hash(password, network, ct);
        if (hash is not null) await users.Rehash(user.Id, old, hash, ct);
    }
}
