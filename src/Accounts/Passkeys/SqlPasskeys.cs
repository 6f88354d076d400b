using Kontor.Accounts.Factors;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Passkeys;

internal sealed class SqlPasskeys(Database database, IFactors factors, WaysIn ways, Spent spent, TimeProvider time) : IPasskeys
{
    private const string Columns =
        "id, user_id, credential_id, name, public_key, sign_count, transports, is_backup_eligible, is_backed_up, created_at, last_used_at";

    public Task<IReadOnlyList<Passkey>> List(string userId, CancellationToken ct) => database.Read<IReadOnlyList<Passkey>>(
        async tx => await tx.Query<Passkey>($"""
            SELECT {Columns}
            FROM accounts_passkeys
            WHERE user_id = @userId
            ORDER BY created_at, id
            LIMIT {Passkey.CountMax}
            """, new { userId }), ct);

    public Task<Passkey?> FindByCredential(string credentialId, CancellationToken ct) => database.Read(
        tx => tx.First<Passkey>(
            $"SELECT {Columns} FROM accounts_passkeys WHERE credential_id = @credentialId", new { credentialId }).AsTask(), ct);

    public Task<Outcome<bool>> Add(
        Passkey passkey, PasskeyChallenge challenge, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct) =>
        database.Write<Outcome<bool>>(async tx =>
        {
            // Waits for others that add or remove a factor of this person, so it comes first.
            var isFirst = await factors.Change(tx, passkey.UserId, FactorName.Passkey, FactorChanged.Added, by);
            if (!await spent.Use(tx, challenge.Id, challenge.ExpiresAt)) return PasskeyChallenge.Over;
            var count = await tx.First<long>(
                "SELECT count(*) FROM accounts_passkeys WHERE user_id = @userId", new { userId = passkey.UserId });
            if (count >= Passkey.CountMax) return Passkey.TooMany;
            var added = await tx.Execute($"""
                INSERT INTO accounts_passkeys ({Columns})
                VALUES (@id, @userId, @credentialId, @name, @publicKey, @signCount, @transports, @isBackupEligible, @isBackedUp,
                    @createdAt, NULL)
                ON CONFLICT DO NOTHING
                """, new
            {
                id = passkey.Id,
                userId = passkey.UserId,
                credentialId = passkey.CredentialId,
                name = passkey.Name,
                publicKey = passkey.PublicKey,
                signCount = passkey.SignCount,
                transports = passkey.Transports,
                isBackupEligible = passkey.IsBackupEligible,
                isBackedUp = passkey.IsBackedUp,
                createdAt = passkey.CreatedAt,
            });
            if (added == 0) return Passkey.Invalid;
            if (isFirst) await factors.WriteCodes(tx, passkey.UserId, codes);
            return isFirst;
        }, ct);

    public async Task<Problem?> Use(
        Passkey passkey, PasskeyChallenge challenge, long signCount, bool isBackedUp, CancellationToken ct) =>
        (await database.Write<Outcome<bool>>(async tx =>
        {
            if (!await spent.Use(tx, challenge.Id, challenge.ExpiresAt)) return PasskeyChallenge.Over;
            var used = await tx.Execute("""
                UPDATE accounts_passkeys SET sign_count = @signCount, is_backed_up = @isBackedUp, last_used_at = @now
                WHERE id = @id AND user_id = @userId AND (sign_count < @signCount OR (sign_count = 0 AND @signCount = 0))
                """, new { id = passkey.Id, userId = passkey.UserId, signCount, isBackedUp, now = time.NowMs() });
            return used > 0 ? true : Passkey.Refused;
        }, ct)).Problem;

    public Task<Outcome<Passkey>> Rename(string id, string userId, string name, CancellationToken ct) =>
        database.Write<Outcome<Passkey>>(async tx =>
        {
            var renamed = await tx.First<Passkey>(
                $"UPDATE accounts_passkeys SET name = @name WHERE id = @id AND user_id = @userId RETURNING {Columns}",
                new { id, userId, name });
            return renamed is null ? Passkey.Unknown : renamed;
        }, ct);

    public async Task<Problem?> Remove(string id, string userId, Actor by, CancellationToken ct) =>
        (await database.Write<Outcome<bool>>(async tx =>
        {
            // Of two that remove the last two passkeys at once, the second waits here and sees what the first has left.
            await factors.Change(tx, userId, FactorName.Passkey, FactorChanged.Removed, by);
            var removed = await tx.Execute(
                "DELETE FROM accounts_passkeys WHERE id = @id AND user_id = @userId", new { id, userId });
            if (removed == 0) return Passkey.Unknown;
            if (await ways.Check(tx, userId) is { } problem) return problem;
            await factors.ForgetCodesWithoutFactor(tx, userId);
            return true;
        }, ct)).Problem;

    public async ValueTask RemoveSince(Tx tx, string userId, long since, Actor by)
    {
        var removed = await tx.Execute(
            "DELETE FROM accounts_passkeys WHERE user_id = @userId AND created_at >= @since", new { userId, since });
        if (removed == 0) return;
        await factors.Change(tx, userId, FactorName.Passkey, FactorChanged.Removed, by);
        await factors.ForgetCodesWithoutFactor(tx, userId);
    }
}
