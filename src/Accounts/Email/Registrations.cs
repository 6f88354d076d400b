using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Email;

/// <summary>Somebody asked for an account, where an account begins with a confirmed address.</summary>
/// <param name="RegistrationId">Null when none was found to repeat.</param>
internal sealed record RegistrationAsked(string? RegistrationId) : IEvent
{
    public static string Name => "accounts.registration-asked";
}

internal sealed record Registration(
    string Id, string Email, string EmailKey, string Name, string PasswordHash, string PepperId, string Language,
    long Letters, long LettersSince)
{
    public EmailAddress Address => new(Email, EmailKey);

    public StoredPassword Password => new(PasswordHash, PepperId);
}

/// <summary>
/// Accounts that begin when their address is confirmed, where `KONTOR_VERIFY_EMAIL=required`. For one address there is one at a time: the
/// newest, whose password is the one that was typed with it. Owns the table `accounts_registrations`.
/// </summary>
internal sealed class Registrations(TimeProvider time)
{
    private const int LettersPerHour = 5;

    private const string Columns = "id, email, email_key, name, password_hash, pepper_id, language, letters, letters_since";

    /// <summary>The same two statements whether or not the address has an account.</summary>
    public async ValueTask Ask(Tx tx, Outbox outbox, NewUser user)
    {
        var now = time.NowMs();
        // The link of an earlier one ends here, or it would open an account with this one's password.
        await tx.Execute("""
            INSERT INTO accounts_registrations
                (email_key, id, email, name, password_hash, pepper_id, language, expires_at, letters, letters_since)
            VALUES (@key, @id, @email, @name, @hash, @pepper, @language, @expires, 0, @now)
            ON CONFLICT (email_key) DO UPDATE SET
                id = excluded.id, email = excluded.email, name = excluded.name, password_hash = excluded.password_hash,
                pepper_id = excluded.pepper_id, language = excluded.language, token_hash = NULL, expires_at = excluded.expires_at
            """, new
        {
            key = user.Email.Key,
            id = user.Id,
            email = user.Email.Text,
            name = user.Name,
            hash = user.Password.Phc,
            pepper = user.Password.PepperId,
            language = user.Language,
            expires = now + Links.LifetimeMs,
            now,
        });
        await outbox.Add(tx, new RegistrationAsked(user.Id));
    }

    /// <summary>The id of the one that waits for this address; null for none.</summary>
    public ValueTask<string?> FindByEmail(Tx tx, EmailAddress email) => tx.First<string>(
        "SELECT id FROM accounts_registrations WHERE email_key = @key AND expires_at > @now", new { key = email.Key, now = time.NowMs() });

    /// <summary>For the letter to it, of which there is one at a time.</summary>
    public ValueTask<Registration?> Lock(Tx tx, string id) => tx.First<Registration>($"""
        SELECT {Columns} FROM accounts_registrations
        WHERE id = @id AND expires_at > @now
        {tx.Dialect.ForUpdate}
        """, new { id, now = time.NowMs() });

    /// <summary>Whether one more letter may be sent to the address, which is perhaps a stranger's.</summary>
    public bool MaySend(Registration registration) =>
        registration.Letters < LettersPerHour || registration.LettersSince <= time.NowMs() - Clock.Hour;

    /// <summary>From now on its link works.</summary>
    public async ValueTask Arm(Tx tx, Registration registration, LinkToken token)
    {
        var now = time.NowMs();
        var isNewHour = registration.LettersSince <= now - Clock.Hour;
        await tx.Execute("""
            UPDATE accounts_registrations
            SET token_hash = @hash, expires_at = @expires, letters = @letters, letters_since = @since
            WHERE id = @id
            """, new
        {
            id = registration.Id,
            hash = token.Hash,
            expires = now + Links.LifetimeMs,
            letters = isNewHour ? 1 : registration.Letters + 1,
            since = isNewHour ? now : registration.LettersSince,
        });
    }

    /// <summary>Uses the link up. Null unless it works.</summary>
    public ValueTask<Registration?> Take(Tx tx, string token) => tx.First<Registration>($"""
        DELETE FROM accounts_registrations
        WHERE token_hash = @hash AND expires_at > @now
        RETURNING {Columns}
        """, new { hash = new LinkToken(token).Hash, now = time.NowMs() });

    public static async ValueTask Remove(Tx tx, string id) =>
        await tx.Execute("DELETE FROM accounts_registrations WHERE id = @id", new { id });

    /// <summary>Forgets those that nobody confirmed, an hour later: until then they count letters.</summary>
    public async ValueTask Tidy(Tx tx) => await tx.Execute(
        "DELETE FROM accounts_registrations WHERE expires_at < @before", new { before = time.NowMs() - Clock.Hour });
}
