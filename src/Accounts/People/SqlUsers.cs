using Kontor.Accounts.Email;
using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;

namespace Kontor.Accounts;

internal sealed class SqlUsers(Database database, Rights rights, Outbox outbox, Audit audit, TimeProvider time) : IUsers
{
    private const string Columns =
        "id, email, name, password_hash, pepper_id, email_verified, created_at, rights, locked_at IS NOT NULL AS is_locked, language";

    /// <summary>An address that was taken from somebody is kept for them while they may take it back.</summary>
    private const string IsReserved = """
        EXISTS (SELECT 1 FROM accounts_links
            WHERE purpose = 'undo-email' AND email_key = @key AND user_id <> @id AND ended_at IS NULL AND expires_at > @now)
        """;

    private sealed record Row(
        string Id, string Email, string Name, string PasswordHash, string PepperId, bool EmailVerified, long CreatedAt, long Rights,
        bool IsLocked, string Language);

    public Task<User?> Find(string id, CancellationToken ct) => database.Read(tx => Find(tx, id), ct);

    public async Task<IReadOnlySet<string>> Known(IReadOnlyCollection<string> ids, CancellationToken ct) =>
        (await database.Read(
            tx => tx.Query<string>($"""
                SELECT id FROM accounts_users
                WHERE id {tx.Dialect.In("ids")}
                LIMIT @most
                """, new { ids = ids.ToArray(), most = (long)ids.Count }).AsTask(), ct)).ToHashSet(StringComparer.Ordinal);

    public Task<(User User, StoredPassword Password)?> FindByEmail(EmailAddress email, CancellationToken ct) =>
        database.Read<(User, StoredPassword)?>(async tx =>
        {
            var row = await FindRow(tx, email);
            // Asked for an address that nobody has too, which is to take as long.
            var roles = await RolesOf(tx, row?.Id ?? "");
            return row is null ? null : (UserOf(row, roles), new StoredPassword(row.PasswordHash, row.PepperId));
        }, ct);

    public async Task<User?> FindOwner(Tx tx, EmailAddress email)
    {
        var row = await FindRow(tx, email);
        var roles = await RolesOf(tx, row?.Id ?? "");
        return row is null ? null : UserOf(row, roles);
    }

    public Task<Outcome<User>> Register(NewUser user, Actor by, CancellationToken ct) =>
        database.Write(tx => Register(tx, user, by), ct);

    public async Task<Outcome<User>> Register(Tx tx, NewUser user, Actor by)
    {
        var now = time.NowMs();
        var added = await tx.Execute($"""
            INSERT INTO accounts_users
                (id, email, email_key, name, password_hash, pepper_id, email_verified, language, created_at, updated_at)
            SELECT @id, @email, @key, @name, @hash, @pepper, @verified, @language, @createdAt, @now
            WHERE NOT {IsReserved}
            ON CONFLICT DO NOTHING
            """, new
        {
            id = user.Id,
            email = user.Email.Text,
            key = user.Email.Key,
            name = user.Name,
            hash = user.Password.Phc,
            pepper = user.Password.PepperId,
            verified = user.EmailVerified,
            language = user.Language,
            createdAt = user.CreatedAt ?? now,
            now,
        });
        if (added == 0) return User.EmailTaken;
        await audit.Record(tx, by, AuditAction.AccountCreated, user.Id);
        foreach (var role in user.Roles) await rights.Give(tx, user.Id, role, by);
        await PersonWords.Replace(tx, user.Id, user.Email, user.Name);
        if (!user.EmailVerified) await outbox.Add(tx, new LinkAsked(user.Id, LinkPurpose.VerifyEmail));
        return (await Find(tx, user.Id))!;
    }

    public Task<Outcome<User>> Rename(string id, string name, CancellationToken ct) => database.Write<Outcome<User>>(async tx =>
    {
        var changed = await tx.Execute(
            "UPDATE accounts_users SET name = @name, updated_at = @now WHERE id = @id", new { id, name, now = time.NowMs() });
        if (changed == 0) return User.Unknown;
        var user = (await Find(tx, id))!;
        await PersonWords.Replace(tx, id, EmailAddress.Parse(user.Email)!, name);
        return user;
    }, ct);

    public Task<Outcome<User>> Speak(string id, string language, CancellationToken ct) => database.Write<Outcome<User>>(async tx =>
    {
        var changed = await tx.Execute(
            "UPDATE accounts_users SET language = @language, updated_at = @now WHERE id = @id", new { id, language, now = time.NowMs() });
        return changed == 0 ? User.Unknown : (await Find(tx, id))!;
    }, ct);

    public async ValueTask SetPassword(Tx tx, string id, StoredPassword password) => await tx.Execute("""
        UPDATE accounts_users SET password_hash = @hash, pepper_id = @pepper, updated_at = @now
        WHERE id = @id
        """, new { id, hash = password.Phc, pepper = password.PepperId, now = time.NowMs() });

    public async ValueTask<bool> ConfirmEmail(Tx tx, string id, EmailAddress email) => await tx.Execute("""
        UPDATE accounts_users SET email_verified = true, updated_at = @now
        WHERE id = @id AND email_key = @key
        """, new { id, key = email.Key, now = time.NowMs() }) > 0;

    public async ValueTask<bool> ChangeEmail(Tx tx, string id, EmailAddress email)
    {
        var name = await tx.First<string>($"""
            UPDATE accounts_users SET email = @email, email_key = @key, email_verified = true, updated_at = @now
            WHERE id = @id
                AND NOT EXISTS (SELECT 1 FROM accounts_users other WHERE other.email_key = @key AND other.id <> @id)
                AND NOT {IsReserved}
            RETURNING name
            """, new { id, email = email.Text, key = email.Key, now = time.NowMs() });
        if (name is null) return false;
        await PersonWords.Replace(tx, id, email, name);
        return true;
    }

    public Task Rehash(string id, StoredPassword old, StoredPassword fresh, CancellationToken ct) => database.Write(
        tx => tx.Execute("""
            UPDATE accounts_users SET password_hash = @hash, pepper_id = @pepper
            WHERE id = @id AND password_hash = @old
            """, new { id, old = old.Phc, hash = fresh.Phc, pepper = fresh.PepperId }).AsTask(), ct);

    public async Task<User?> Find(Tx tx, string id)
    {
        var row = await tx.First<Row>($"SELECT {Columns} FROM accounts_users WHERE id = @id", new { id });
        return row is null ? null : UserOf(row, await RolesOf(tx, row.Id));
    }

    private static ValueTask<Row?> FindRow(Tx tx, EmailAddress email) =>
        tx.First<Row>($"SELECT {Columns} FROM accounts_users WHERE email_key = @key", new { key = email.Key });

    private static ValueTask<List<string>> RolesOf(Tx tx, string id) => tx.Query<string>(
        "SELECT role FROM accounts_roles WHERE user_id = @id ORDER BY role LIMIT 100", new { id });

    private static User UserOf(Row row, IReadOnlyList<string> roles) =>
        new(row.Id, row.Email, row.Name, roles, row.EmailVerified, row.CreatedAt, row.Rights, row.IsLocked, row.Language,
        row.PasswordHash.Length > 0);
}
