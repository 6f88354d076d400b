using Kontor.Accounts.Attempts;
using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.SignIn;

/// <summary>
/// Checks an address and a password, for the API and for pages. Whoever does not know both learns nothing about either: an address that
/// nobody has takes the same statements, the same hash and the same answer, and is guessed at as slowly.
/// </summary>
internal sealed class Credentials(
    IUsers users, PasswordHasher passwords, IAttempts attempts, SignInAttempts tallies, KnownDevices devices, Decoys decoys)
{
    public static readonly Problem Invalid = new(401, "invalid-credentials", "E-mail address or password is wrong.");

    /// <returns>Or <see cref="Invalid"/>, <see cref="HashingGate.TooBusy"/>, or 429 when there were too many tries.</returns>
    public async Task<Outcome<User>> Check(string emailText, string password, HttpContext http, CancellationToken ct)
    {
        // What is no address at all is looked for under a key that nobody has, so that it takes as long as any other.
        var email = EmailAddress.Parse(emailText) ?? new EmailAddress("", emailText.Trim());
        var (user, problem) = await Check(email, password, tallies.Of(email.Key, http), ClientNetwork.Of(http), ct);
        if (problem is null) devices.Remember(email.Key, http);
        return problem is null ? user! : problem;
    }

    /// <summary>The same for somebody who is signed in, which no stranger's guesses slow down.</summary>
    public async Task<Problem?> CheckAgain(User user, string session, string password, HttpContext http, CancellationToken ct)
    {
        var email = EmailAddress.Parse(user.Email)!;
        var (_, problem) = await Check(email, password, tallies.OfSession(session), ClientNetwork.Of(http), ct);
        return problem;
    }

    private async Task<Outcome<User>> Check(
        EmailAddress email, string password, IReadOnlyList<Tally> counted, ClientNetwork network, CancellationToken ct)
    {
        // Asked first, because in a rush most are told to come again, and that is to cost nothing.
        if (passwords.IsBusyFor(network)) return HashingGate.TooBusy;
        if (counted.Count > 0 && await attempts.Count(counted, ct) is { } tooMany) return tooMany;
        var found = await users.FindByEmail(email, ct);
        var (isRight, tooBusy) = await passwords.Verify(password, found?.Password ?? decoys.Of(email.Key), network, ct);
        if (tooBusy is not null)
        {
            if (counted.Count > 0) await attempts.TakeBack(counted, ct);
            return tooBusy;
        }

        if (!isRight || found is not var (user, stored)) return Invalid;
        if (counted.Count > 0) await attempts.Clear(counted, ct);
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
