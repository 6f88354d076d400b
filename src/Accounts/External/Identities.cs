using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.External;

/// <summary>A way to sign in at another site was added to an account, or removed.</summary>
/// <param name="Change">`linked` or `unlinked`.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record IdentityChanged(string UserId, string Provider, string Change, long At) : IEvent
{
    public const string Linked = "linked";
    public const string Unlinked = "unlinked";

    public static string Name => "accounts.identity-changed";
}

/// <param name="Email">What the site called the person's address when it was linked; null when it did not say.</param>
/// <param name="LinkedAt">Milliseconds since 1970.</param>
internal sealed record Identity(string Provider, string? Email, long LinkedAt);

/// <summary>Who people are at other sites. Owns the table `accounts_identities`.</summary>
internal sealed class Identities(Database database, WaysIn ways, Outbox outbox, Audit audit, TimeProvider time)
{
    public static readonly Problem Taken = new(409, "external-taken", "That account at the other site belongs to another account here.");

    public static readonly Problem Another =
        new(409, "external-another", "Another account at that site is linked already. Remove it first.");

    public static readonly Problem Unknown = new(404, "not-found", "No account at that site is linked.");

    public static readonly Problem EmailUnconfirmed =
        new(409, "email-unconfirmed", "Confirm your e-mail address first, so that the account is surely yours.");

    private const int ListMax = 100;

    /// <summary>The id of the person who has linked it; null when nobody has.</summary>
    public Task<string?> OwnerOf(ExternalPerson person, CancellationToken ct) => database.Read(tx => OwnerOf(tx, person).AsTask(), ct);

    public Task<List<Identity>> Of(string userId, CancellationToken ct) => database.Read(tx => tx.Query<Identity>($"""
        SELECT provider, email, linked_at
        FROM accounts_identities
        WHERE user_id = @userId
        ORDER BY provider
        LIMIT {ListMax}
        """, new { userId }).AsTask(), ct);

    /// <summary>
    /// From now on the person can sign in by it. The account's address has to be confirmed: else whoever registered with a stranger's could
    /// keep a way in that outlives the owner's new password.
    /// </summary>
    /// <returns>Null, also when it is so already; or <see cref="Taken"/>, <see cref="Another"/> or
    /// <see cref="EmailUnconfirmed"/>.</returns>
    public async Task<Problem?> Link(Tx tx, string userId, ExternalPerson person, Actor by)
    {
        var isConfirmed = await tx.First<bool?>(
            $"SELECT email_verified FROM accounts_users WHERE id = @userId {tx.Dialect.ForUpdate}", new { userId });
        if (isConfirmed is not true) return isConfirmed is null ? User.Unknown : EmailUnconfirmed;
        var added = await tx.Execute("""
            INSERT INTO accounts_identities (provider, subject, user_id, email, linked_at)
            VALUES (@provider, @subject, @userId, @email, @now)
            ON CONFLICT DO NOTHING
            """, new { provider = person.Provider, subject = person.Subject, userId, email = person.Email, now = time.NowMs() });
        if (added == 0) return await OwnerOf(tx, person) is not { } owner ? Another : owner == userId ? null : Taken;
        await Note(tx, userId, person.Provider, IdentityChanged.Linked, by);
        return null;
    }

    /// <returns>Null; or <see cref="Unknown"/>, or <see cref="WaysIn.Last"/>, which changes nothing.</returns>
    public async Task<Problem?> Unlink(string userId, string provider, Actor by, CancellationToken ct)
    {
        var (_, problem) = await database.Write<Outcome<bool>>(async tx =>
        {
            await tx.Execute($"SELECT id FROM accounts_users WHERE id = @userId {tx.Dialect.ForUpdate}", new { userId });
            var removed = await tx.Execute(
                "DELETE FROM accounts_identities WHERE user_id = @userId AND provider = @provider", new { userId, provider });
            if (removed == 0) return Unknown;
            if (await ways.Check(tx, userId) is { } last) return last;
            await Note(tx, userId, provider, IdentityChanged.Unlinked, by);
            return true;
        }, ct);
        return problem;
    }

    /// <summary>When the owner takes the account back: whoever had it may have linked what lets them in.</summary>
    public static async ValueTask UnlinkAll(Tx tx, string userId) =>
        await tx.Execute("DELETE FROM accounts_identities WHERE user_id = @userId", new { userId });

    private static ValueTask<string?> OwnerOf(Tx tx, ExternalPerson person) => tx.First<string>(
        "SELECT user_id FROM accounts_identities WHERE provider = @provider AND subject = @subject",
        new { provider = person.Provider, subject = person.Subject });

    private async ValueTask Note(Tx tx, string userId, string provider, string change, Actor by)
    {
        var action = change == IdentityChanged.Linked ? AuditAction.IdentityLinked : AuditAction.IdentityUnlinked;
        await audit.Record(tx, by, action, userId, new { provider });
        await outbox.Add(tx, new IdentityChanged(userId, provider, change, time.NowMs()));
    }
}
