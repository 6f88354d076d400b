using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Accounts;

internal sealed class SqlUsers(Database database, Rights rights, Audit audit, TimeProvider time) : IUsers
{
    private sealed record Row(
        string Id, string Email, string Name, string PasswordHash, string PepperId, bool EmailVerified, long CreatedAt, long Rights,
        bool IsLocked);

    public Task<User?> Find(string id, CancellationToken ct) => database.Read(tx => Find(tx, id), ct);

    public Task<(User User, StoredPassword Password)?> FindByEmail(EmailAddress email, CancellationToken ct) =>
        database.Read<(User, StoredPassword)?>(async tx =>
        {
            var row = await tx.First<Row>("""
                SELECT id, email, name, password_hash, pepper_id, email_verified, created_at, rights, locked_at IS NOT NULL AS is_locked
                FROM accounts_users
                WHERE email_key = @key
                """, new { key = email.Key });
            // Asked for an address that nobody has too, which is to take as long.
            var roles = await RolesOf(tx, row?.Id ?? "");
            return row is null ? null : (UserOf(row, roles), new StoredPassword(row.PasswordHash, row.PepperId));
        }, ct);

    public Task<Outcome<User>> Register(NewUser user, Actor by, CancellationToken ct) => database.Write<Outcome<User>>(async tx =>
    {
        var now = time.NowMs();
        var added = await tx.Execute("""
            INSERT INTO accounts_users
                (id, email, email_key, name, password_hash, pepper_id, email_verified, created_at, updated_at)
            VALUES (@id, @email, @key, @name, @hash, @pepper, @verified, @now, @now)
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
            now,
        });
        if (added == 0) return User.EmailTaken;
        await audit.Record(tx, by, AuditAction.AccountCreated, user.Id);
        foreach (var role in user.Roles) await rights.Give(tx, user.Id, role, by);
        await PersonWords.Replace(tx, user.Id, user.Email, user.Name);
        return (await Find(tx, user.Id))!;
    }, ct);

    public Task<Outcome<User>> Rename(string id, string name, CancellationToken ct) => database.Write<Outcome<User>>(async tx =>
    {
        var changed = await tx.Execute(
            "UPDATE accounts_users SET name = @name, updated_at = @now WHERE id = @id", new { id, name, now = time.NowMs() });
        if (changed == 0) return User.Unknown;
        var user = (await Find(tx, id))!;
        await PersonWords.Replace(tx, id, EmailAddress.Parse(user.Email)!, name);
        return user;
    }, ct);

    public Task Rehash(string id, StoredPassword old, StoredPassword fresh, CancellationToken ct) => database.Write(
        tx => tx.Execute("""
            UPDATE accounts_users SET password_hash = @hash, pepper_id = @pepper
            WHERE id = @id AND password_hash = @old
            """, new { id, old = old.Phc, hash = fresh.Phc, pepper = fresh.PepperId }).AsTask(), ct);

    private static async Task<User?> Find(Tx tx, string id)
    {
        var row = await tx.First<Row>("""
            SELECT id, email, name, password_hash, pepper_id, email_verified, created_at, rights, locked_at IS NOT NULL AS is_locked
            FROM accounts_users
            WHERE id = @id
            """, new { id });
        return row is null ? null : UserOf(row, await RolesOf(tx, row.Id));
    }

    private static ValueTask<List<string>> RolesOf(Tx tx, string id) => tx.Query<string>(
        "SELECT role FROM accounts_roles WHERE user_id = @id ORDER BY role LIMIT 100", new { id });

    private static User UserOf(Row row, IReadOnlyList<string> roles) =>
        new(row.Id, row.Email, row.Name, roles, row.EmailVerified, row.CreatedAt, row.Rights, row.IsLocked);
}
