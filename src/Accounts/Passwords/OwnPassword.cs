using Kontor.Accounts.Attempts;
using Kontor.Accounts.Email;
using Kontor.Accounts.Passkeys;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.Passwords;

/// <summary>An account has a new password.</summary>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record PasswordChanged(string UserId, long At) : IEvent
{
    public static string Name => "accounts.password-changed";
}

/// <summary>A person's password: changed by whoever knows the old one, or chosen anew by whoever has a letter.</summary>
internal sealed class OwnPassword(
    Database database, IUsers users, PasswordRules rules, PasswordHasher passwords, ISessions sessions, Links links, IPasskeys passkeys,
    KnownDevices devices, Outbox outbox, Audit audit, TimeProvider time)
{
    private static readonly FieldError Unchanged = new("password-unchanged", "This is the password that you have already.");

    /// <summary>The present session goes on; all others end.</summary>
    /// <returns>Null when it is done; or what is wrong with the new one, <see cref="Credentials.Invalid"/>, or
    /// <see cref="HashingGate.TooBusy"/>.</returns>
    public async Task<Problem?> Change(
        CurrentUser user, string current, string chosen, Credentials credentials, HttpContext http, CancellationToken ct)
    {
        if (await users.Find(user.Id, ct) is not { } found) return User.Unknown;
        if (Check(chosen, found, current) is { } invalid) return invalid;
        if (await credentials.CheckAgain(found, user.SessionId, current, http, ct) is { } wrong) return wrong;
        var (hash, tooBusy) = await passwords.Hash(chosen, ClientNetwork.Of(http), ct);
        if (tooBusy is not null) return tooBusy;
        await database.Write(tx => Replace(tx, user.Id, hash!, Actor.Of(http), AuditAction.PasswordChanged, except: user.SessionId), ct);
        return null;
    }

    /// <summary>A letter leads to a new password, if anybody has the address; see <see cref="LinkAsked"/>.</summary>
    public Task AskReset(string text, CancellationToken ct) => database.Write(
        async tx =>
        {
            // What is no address at all is looked for under a key that nobody has, so that it takes as long as any other.
            var owner = await users.FindOwner(tx, EmailAddress.Parse(text) ?? new EmailAddress("", ""));
            await outbox.Add(tx, new LinkAsked(owner?.Id, LinkPurpose.ResetPassword));
        }, ct);

    /// <summary>The same on behalf of an admin, who learns neither the link nor the password. Until it is used, the old one goes
    /// on.</summary>
    /// <returns>Null, or <see cref="User.Unknown"/> or <see cref="Rights.NoAdmin"/>.</returns>
    public Task<Problem?> SendReset(string userId, Actor by, CancellationToken ct) => database.Write<Problem?>(async tx =>
    {
        if (await Rights.CheckAdmin(tx, by) is { } refusal) return refusal;
        if (await users.Find(tx, userId) is null) return User.Unknown;
        await outbox.Add(tx, new LinkAsked(userId, LinkPurpose.ResetPassword));
        await audit.Record(tx, by, AuditAction.PasswordResetSent, userId);
        return null;
    }, ct);

    /// <summary>All sessions end. The letter reached its owner, so the address is confirmed too.</summary>
    /// <returns>Null when it is done; or <see cref="Links.Invalid"/>, what is wrong with the new one, or
    /// <see cref="HashingGate.TooBusy"/>; then the link goes on.</returns>
    public async Task<Problem?> Reset(string token, string chosen, HttpContext http, CancellationToken ct)
    {
        var user = await database.Read(async tx =>
            await links.Find(tx, token, LinkPurpose.ResetPassword) is { } link ? await users.Find(tx, link.UserId) : null, ct);
        if (user is null) return Links.Invalid;
        if (Check(chosen, user, current: null) is { } invalid) return invalid;
        var (hash, tooBusy) = await passwords.Hash(chosen, ClientNetwork.Of(http), ct);
        if (tooBusy is not null) return tooBusy;
        var done = await database.Write<Outcome<bool>>(
            async tx =>
            {
                if (await links.Take(tx, token, LinkPurpose.ResetPassword) is not { } link) return Links.Invalid;
                var by = Actor.Of(http).As(link.UserId);
                await Replace(tx, link.UserId, hash!, by, AuditAction.PasswordReset, except: null);
                // Whoever opened the account never showed that the address is theirs. Its owner comes now, and a passkey of that somebody
                // would let them in past the new password; an authenticator app lets nobody in by itself, and stays.
                var isConfirmed = await users.Find(tx, link.UserId) is { EmailVerified: true };
                if (!isConfirmed) await passkeys.RemoveSince(tx, link.UserId, since: 0, by);
                await users.ConfirmEmail(tx, link.UserId, link.Address);
                return true;
            }, ct);
        // Whoever has the letter is the owner, also while others guess.
        if (done.Problem is null) devices.Remember(EmailAddress.Parse(user.Email)!.Key, http);
        return done.Problem;
    }

    private Problem? Check(string chosen, User user, string? current)
    {
        var errors = new FieldErrors();
        errors.Add("newPassword", chosen == current ? Unchanged : rules.Check(chosen, EmailAddress.Parse(user.Email), user.Name));
        return errors.ToProblem();
    }

    private async Task Replace(Tx tx, string userId, StoredPassword hash, Actor by, string action, string? except)
    {
        await sessions.EndAll(tx, userId, EndReason.PasswordChanged, except);
        await users.SetPassword(tx, userId, hash);
        // Whoever knew the old password may have asked for these.
        await links.End(tx, userId, LinkPurpose.ResetPassword);
        await links.End(tx, userId, LinkPurpose.ChangeEmail);
        await outbox.Add(tx, new PasswordChanged(userId, time.NowMs()));
        await audit.Record(tx, by, action, userId);
    }
}
