using Kontor.Accounts.External;
using Kontor.Accounts.Factors;
using Kontor.Accounts.Passkeys;
using Kontor.Accounts.Passwords;
using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Email;

/// <summary>The owner of the address that an account had before takes the account back from whoever changed it.</summary>
internal sealed class Recovery(
    Database database, IUsers users, Links links, ISessions sessions, IFactors factors, IPasskeys passkeys, Outbox outbox, Audit audit)
{
    /// <summary>
    /// Whoever changes the address of an account that is not theirs has added other ways in shortly before, if at all. What is older is the
    /// owner's, and guards the account against somebody who has no more than the old mailbox.
    /// </summary>
    private const long SuspectMs = Clock.Day;

    /// <summary>
    /// The address returns, everybody is signed out, and nothing lets anybody in that was added in the day before the change, or since: no
    /// factor, no link in a letter, and no other site and no password at all, until the owner chooses one by a letter.
    /// </summary>
    /// <returns>Null when it is done; or <see cref="Links.Invalid"/>, or <see cref="User.EmailTaken"/>.</returns>
    public async Task<Problem?> Run(string token, Actor stranger, CancellationToken ct) => (await database.Write<Outcome<bool>>(
        async tx =>
        {
            if (await links.Take(tx, token, LinkPurpose.UndoEmail) is not { } link) return Links.Invalid;
            var (id, by, since) = (link.UserId, stranger.As(link.UserId), link.CreatedAt - SuspectMs);
            await sessions.EndAll(tx, id, EndReason.AccountRecovered);
            if (!await users.ChangeEmail(tx, id, link.Address)) return User.EmailTaken;
            await users.SetPassword(tx, id, StoredPassword.None);
            await Identities.UnlinkAll(tx, id);
            await factors.RemoveTotpSince(tx, id, since, by);
            await passkeys.RemoveSince(tx, id, since, by);
            await links.EndAllSince(tx, link);
            await outbox.Add(tx, new LinkAsked(id, LinkPurpose.ResetPassword));
            await audit.Record(tx, by, AuditAction.EmailRecovered, id);
            return true;
        }, ct)).Problem;
}
