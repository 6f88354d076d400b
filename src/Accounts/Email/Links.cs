using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Email;

/// <summary>What a link does when its reader confirms it; stored, so a name is never changed.</summary>
internal static class LinkPurpose
{
    public const string VerifyEmail = "verify-email";
    public const string ChangeEmail = "change-email";
    public const string UndoEmail = "undo-email";
    public const string ResetPassword = "reset-password";

    /// <summary>No link: a letter to the owner of an address that somebody else wants.</summary>
    public const string EmailTaken = "email-taken";
}

/// <param name="CreatedAt">When its letter was written, milliseconds since 1970.</param>
internal sealed record Link(string Id, string UserId, string Purpose, string Email, string EmailKey, long CreatedAt)
{
    public EmailAddress Address => new(Email, EmailKey);
}

/// <summary>
/// Links in letters, each good for one use, 30 minutes, and until a newer one of its purpose is sent. Owns the table `accounts_links`.
/// </summary>
internal sealed class Links(TimeProvider time)
{
    public static readonly Problem Invalid =
        new(400, "link-invalid", "This link has been used, has expired, or a newer one was sent.");

    public const long LifetimeMs = 30 * Clock.Minute;

    /// <summary>
    /// The way back from a change of address, which is for the one whose account was taken over: he may not look into his mailbox today.
    /// </summary>
    public const long UndoLifetimeMs = 7 * Clock.Day;

    /// <summary>A stranger can have letters sent to somebody, so there are not many.</summary>
    private const int LettersPerHour = 5;

    private const int LettersPerDay = 10;

    private sealed record Counts(long Hour, long Day);

    /// <summary>Whether one more letter of this purpose may be sent to the person.</summary>
    /// <param name="tx">Prepares it too.</param>
    /// <param name="userId">Whose account it is about.</param>
    /// <param name="purpose">One of <see cref="LinkPurpose"/>.</param>
    /// <param name="linkId">Its own link, if that is prepared already.</param>
    public async ValueTask<bool> MaySend(Tx tx, string userId, string purpose, string? linkId = null)
    {
        await LockOwner(tx, userId);
        var now = time.NowMs();
        var sent = await tx.First<Counts>("""
            SELECT COALESCE(SUM(CASE WHEN created_at > @hourAgo THEN 1 ELSE 0 END), 0) AS hour, COUNT(*) AS day
            FROM accounts_links
            WHERE user_id = @userId AND purpose = @purpose AND created_at > @dayAgo AND id <> @linkId
            """, new { userId, purpose, linkId = linkId ?? "", hourAgo = now - Clock.Hour, dayAgo = now - Clock.Day });
        return sent!.Hour < LettersPerHour && sent.Day < LettersPerDay;
    }

    /// <summary>Notes what a link will be about. It works when it has its token, which only the letter and its reader know.</summary>
    public async ValueTask<string> Prepare(Tx tx, string userId, string purpose, EmailAddress email)
    {
        var (id, now) = (Ids.New(time), time.NowMs());
        await tx.Execute("""
            INSERT INTO accounts_links (id, user_id, purpose, email, email_key, created_at, expires_at)
            VALUES (@id, @userId, @purpose, @email, @key, @now, @expires)
            """, new { id, userId, purpose, email = email.Text, key = email.Key, now, expires = now + LifetimeOf(purpose) });
        return id;
    }

    /// <summary>From now on the link works, and those before it do not; each way back from a change of address goes on.</summary>
    public async ValueTask Arm(Tx tx, Link link, LinkToken token)
    {
        var now = time.NowMs();
        if (link.Purpose != LinkPurpose.UndoEmail) await End(tx, link.UserId, link.Purpose);
        await tx.Execute("""
            UPDATE accounts_links SET token_hash = @hash, created_at = @now, expires_at = @expires, ended_at = NULL
            WHERE id = @id
            """, new { id = link.Id, hash = token.Hash, now, expires = now + LifetimeOf(link.Purpose) });
    }

    /// <summary>One that is prepared and has no token yet.</summary>
    public ValueTask<Link?> FindPrepared(Tx tx, string id) => tx.First<Link>("""
        SELECT id, user_id, purpose, email, email_key, created_at FROM accounts_links
        WHERE id = @id AND token_hash IS NULL AND ended_at IS NULL AND expires_at > @now
        """, new { id, now = time.NowMs() });

    /// <summary>Null unless it would work now. It stays as it is.</summary>
    public ValueTask<Link?> Find(Tx tx, string token, string purpose) => tx.First<Link>("""
        SELECT id, user_id, purpose, email, email_key, created_at FROM accounts_links
        WHERE token_hash = @hash AND purpose = @purpose AND ended_at IS NULL AND expires_at > @now
        """, new { hash = new LinkToken(token).Hash, purpose, now = time.NowMs() });

    /// <summary>Uses it up; of several who come with it at once, one gets it. Null unless it works.</summary>
    public async ValueTask<Link?> Take(Tx tx, string token, string purpose)
    {
        if (await Find(tx, token, purpose) is not { } link) return null;
        await LockOwner(tx, link.UserId);
        var taken = await tx.Execute(
            "UPDATE accounts_links SET ended_at = @now WHERE id = @id AND ended_at IS NULL", new { id = link.Id, now = time.NowMs() });
        return taken > 0 ? link : null;
    }

    /// <summary>Those of one purpose work no more.</summary>
    public async ValueTask End(Tx tx, string userId, string purpose) => await tx.Execute("""
        UPDATE accounts_links SET ended_at = @now
        WHERE user_id = @userId AND purpose = @purpose AND ended_at IS NULL
        """, new { userId, purpose, now = time.NowMs() });

    /// <summary>
    /// None of the person's works any more, after a way back was taken; but for the ways back from changes before that one, which are an
    /// earlier owner's: else a thief who changes the address twice could come back by his own, and leave the owner none.
    /// </summary>
    public async ValueTask EndAllSince(Tx tx, Link undo) => await tx.Execute("""
        UPDATE accounts_links SET ended_at = @now
        WHERE user_id = @userId AND ended_at IS NULL AND NOT (purpose = @purpose AND id < @id)
        """, new { userId = undo.UserId, purpose = undo.Purpose, id = undo.Id, now = time.NowMs() });

    /// <summary>Forgets those that ended long ago.</summary>
    public async ValueTask Tidy(Tx tx) => await tx.Execute(
        "DELETE FROM accounts_links WHERE created_at < @before", new { before = time.NowMs() - UndoLifetimeMs - Clock.Day });

    /// <summary>
    /// Before anything of the person's is written, always: so nobody waits for one who waits for him, and letters are counted one by one.
    /// </summary>
    private static async ValueTask LockOwner(Tx tx, string userId) =>
        await tx.Execute($"SELECT id FROM accounts_users WHERE id = @userId {tx.Dialect.ForUpdate}", new { userId });

    private static long LifetimeOf(string purpose) => purpose == LinkPurpose.UndoEmail ? UndoLifetimeMs : LifetimeMs;
}
