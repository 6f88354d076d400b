using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Factors;

internal sealed class SqlFactors(Database database, ISessions sessions, Outbox outbox, Audit audit, TimeProvider time) : IFactors
{
    private sealed record Tries(long Count, long LastAt);

    public Task<OwnFactors> Of(string userId, CancellationToken ct) => database.Read(tx => Of(tx, userId).AsTask(), ct);

    public Task<Problem?> ProposeTotp(string userId, byte[] sealedSecret, CancellationToken ct) => database.Write<Problem?>(async tx =>
    {
        var proposed = await tx.Execute("""
            INSERT INTO accounts_totp (user_id, sealed_secret, created_at, last_step)
            SELECT id, @sealedSecret, @now, 0 FROM accounts_users WHERE id = @userId
            ON CONFLICT (user_id) DO UPDATE SET sealed_secret = excluded.sealed_secret, created_at = excluded.created_at
            WHERE accounts_totp.confirmed_at IS NULL
            """, new { userId, sealedSecret, now = time.NowMs() });
        return proposed == 0 ? OwnFactors.TotpIsOn : null;
    }, ct);

    public Task<StoredTotp?> TotpOf(string userId, CancellationToken ct) => database.Read(tx => tx.First<StoredTotp>("""
        SELECT sealed_secret, confirmed_at IS NOT NULL AS is_confirmed
        FROM accounts_totp
        WHERE user_id = @userId
        """, new { userId }).AsTask(), ct);

    public Task<Problem?> ConfirmTotp(
        string userId, StoredTotp proposed, long step, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct) =>
        Refusable(async tx =>
        {
            await Change(tx, userId, FactorName.Totp, FactorChanged.Added, by);
            var confirmed = await tx.Execute("""
                UPDATE accounts_totp SET confirmed_at = @now, last_step = @step
                WHERE user_id = @userId AND confirmed_at IS NULL AND sealed_secret = @secret
                """, new { userId, step, now = time.NowMs(), secret = proposed.SealedSecret });
            if (confirmed == 0) return OwnFactors.TotpIsOff;
            await WriteCodes(tx, userId, codes);
            return null;
        }, ct);

    public Task<Problem?> RemoveTotp(string userId, Actor by, CancellationToken ct) => Refusable(async tx =>
    {
        await Change(tx, userId, FactorName.Totp, FactorChanged.Removed, by);
        var removed = await tx.Execute(
            "DELETE FROM accounts_totp WHERE user_id = @userId AND confirmed_at IS NOT NULL", new { userId });
        if (removed == 0) return OwnFactors.TotpIsOff;
        await ForgetCodesWithoutFactor(tx, userId);
        return null;
    }, ct);

    public async ValueTask RemoveTotpSince(Tx tx, string userId, long since, Actor by)
    {
        var removed = await tx.Execute(
            "DELETE FROM accounts_totp WHERE user_id = @userId AND confirmed_at >= @since", new { userId, since });
        if (removed == 0) return;
        await Tell(tx, by, userId, FactorName.Totp, FactorChanged.Removed);
        await ForgetCodesWithoutFactor(tx, userId);
    }

    public Task<long> Try(string userId, CancellationToken ct) => database.Write(async tx =>
    {
        await tx.Execute("""
            INSERT INTO accounts_code_tries (user_id, tries, last_at)
            VALUES (@userId, 0, 0)
            ON CONFLICT (user_id) DO NOTHING
            """, new { userId });
        var before = await tx.First<Tries>($"""
            SELECT tries AS count, last_at
            FROM accounts_code_tries
            WHERE user_id = @userId
            {tx.Dialect.ForUpdate}
            """, new { userId });
        var now = time.NowMs();
        // In both directions, because clocks are set back.
        var wait = CodeDelay.After(before!.Count) - Math.Abs(now - before.LastAt);
        if (wait > 0) return wait;
        await tx.Execute(
            "UPDATE accounts_code_tries SET tries = tries + 1, last_at = @now WHERE user_id = @userId", new { userId, now });
        return 0L;
    }, ct);

    public Task<bool> UseStep(string userId, long step, CancellationToken ct) => database.Write(async tx =>
    {
        var used = await tx.Execute("""
            UPDATE accounts_totp SET last_step = @step
            WHERE user_id = @userId AND confirmed_at IS NOT NULL AND last_step < @step
            """, new { userId, step });
        if (used > 0) await ForgetTries(tx, userId);
        return used > 0;
    }, ct);

    public Task<IReadOnlyList<RecoveryCodeHash>> RecoveryCodesOf(string userId, CancellationToken ct) =>
        database.Read<IReadOnlyList<RecoveryCodeHash>>(async tx => await tx.Query<RecoveryCodeHash>($"""
            SELECT hash, pepper_id
            FROM accounts_recovery_codes
            WHERE user_id = @userId
            LIMIT {RecoveryCode.Count}
            """, new { userId }), ct);

    public Task<bool> UseRecoveryCode(string userId, byte[] hash, Actor by, CancellationToken ct) => database.Write(async tx =>
    {
        var used = await tx.Execute(
            "DELETE FROM accounts_recovery_codes WHERE user_id = @userId AND hash = @hash", new { userId, hash });
        if (used == 0) return false;
        await ForgetTries(tx, userId);
        await Tell(tx, by, userId, FactorName.RecoveryCodes, FactorChanged.Used);
        return true;
    }, ct);

    public Task<Problem?> ReplaceRecoveryCodes(
        string userId, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct) => Refusable(async tx =>
        {
            if (await Change(tx, userId, FactorName.RecoveryCodes, FactorChanged.Added, by)) return OwnFactors.None;
            await WriteCodes(tx, userId, codes);
            return null;
        }, ct);

    public async ValueTask<bool> Change(Tx tx, string userId, string factor, string change, Actor by)
    {
        await sessions.OvertakeSignIns(tx, userId);
        await Tell(tx, by, userId, factor, change);
        return !(await Of(tx, userId)).Any;
    }

    public async ValueTask ForgetCodesWithoutFactor(Tx tx, string userId)
    {
        if (!(await Of(tx, userId)).Any) await WriteCodes(tx, userId, []);
    }

    public async ValueTask WriteCodes(Tx tx, string userId, IReadOnlyList<RecoveryCodeHash> codes)
    {
        await tx.Execute("DELETE FROM accounts_recovery_codes WHERE user_id = @userId", new { userId });
        foreach (var code in codes)
        {
            await tx.Execute("""
                INSERT INTO accounts_recovery_codes (user_id, hash, pepper_id)
                VALUES (@userId, @hash, @pepper)
                """, new { userId, hash = code.Hash, pepper = code.PepperId });
        }
    }

    private static async ValueTask<OwnFactors> Of(Tx tx, string userId) => (await tx.First<OwnFactors>("""
        SELECT
            EXISTS (SELECT 1 FROM accounts_totp WHERE user_id = @userId AND confirmed_at IS NOT NULL) AS totp,
            (SELECT count(*) FROM accounts_recovery_codes WHERE user_id = @userId) AS recovery_codes,
            (SELECT count(*) FROM accounts_passkeys WHERE user_id = @userId) AS passkeys
        """, new { userId }))!;

    private static async ValueTask ForgetTries(Tx tx, string userId) =>
        await tx.Execute("DELETE FROM accounts_code_tries WHERE user_id = @userId", new { userId });

    private async ValueTask Tell(Tx tx, Actor by, string userId, string factor, string change)
    {
        var action = change switch
        {
            FactorChanged.Added => AuditAction.FactorAdded,
            FactorChanged.Removed => AuditAction.FactorRemoved,
            _ => AuditAction.FactorUsed,
        };
        await audit.Record(tx, by, action, userId, new { factor });
        await outbox.Add(tx, new FactorChanged(userId, factor, change, time.NowMs()));
    }

    /// <summary>A problem undoes what was written before it was found.</summary>
    private async Task<Problem?> Refusable(Func<Tx, Task<Problem?>> work, CancellationToken ct) => (await database.Write<Outcome<bool>>(
        async tx => await work(tx) is { } problem ? problem : true, ct)).Problem;
}
