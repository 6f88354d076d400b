using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Security;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Erasure;

/// <summary>
/// Erases accounts. In one transaction the sessions end, the account goes with all that Accounts knows of it, its address is free, and the
/// other modules are told, who then forget the person one by one.
/// </summary>
internal sealed class Erasures(Database database, ISessions sessions, Audit audit, Outbox outbox, TimeProvider time)
{
    /// <summary>
    /// When the modules are told: at once; again for what a request that was under way has written; and for one whose body took hours to
    /// arrive, which the web server allows.
    /// </summary>
    private static readonly long[] AfterMs = [0, 2 * Clock.Minute, Clock.Day];

    private sealed record Account(string Email, bool EmailVerified);

    /// <returns>Or <see cref="User.Unknown"/>, or as <see cref="Rights.CheckErasure"/>.</returns>
    public async Task<Problem?> Erase(string userId, Actor by, CancellationToken ct) =>
        (await database.Write(tx => Erase(tx, userId, by), ct)).Problem;

    private async Task<Outcome<Account>> Erase(Tx tx, string userId, Actor by)
    {
        if (await Rights.CheckErasure(tx, userId, by) is { } refusal) return refusal;
        await sessions.EndAll(tx, userId, EndReason.AccountErased);
        await sessions.Forget(tx, userId);
        var account = await tx.First<Account>("""
            DELETE FROM accounts_users
            WHERE id = @userId
            RETURNING email, email_verified
            """, new { userId });
        if (account is null) return User.Unknown;
        await tx.Execute("DELETE FROM accounts_registrations WHERE email_key = @key", new { key = EmailAddress.Parse(account.Email)!.Key });
        await Audit.Forget(tx, userId);
        await audit.Record(tx, by.Id == userId ? by with { Network = null } : by, AuditAction.AccountErased, userId);
        // Only an address that was verified is this person's beyond doubt.
        var email = account.EmailVerified ? account.Email.ToLowerInvariant() : null;
        foreach (var afterMs in AfterMs)
        {
            await outbox.Add(tx, new PersonErased(userId, email, time.NowMs()), afterMs);
            // Nothing is written under the address by a request of the account, so once is enough, and it is stored for a moment only.
            email = null;
        }

        return account;
    }
}
