using Kontor.Accounts.Factors;
using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Accounts.Tests;

/// <summary>The store of factors, which lets a rival in at a named step.</summary>
internal sealed class InterruptedFactors(IFactors inner) : IFactors
{
    public Func<Task>? BeforeUse { get; set; }

    public Func<Task>? AfterRead { get; set; }

    public async Task<OwnFactors> Of(string userId, CancellationToken ct)
    {
        var own = await inner.Of(userId, ct);
        var rival = AfterRead;
        AfterRead = null;
        if (rival is not null) await rival();
        return own;
    }

    public Task<Problem?> ProposeTotp(string userId, byte[] sealedSecret, CancellationToken ct) =>
        inner.ProposeTotp(userId, sealedSecret, ct);

    public Task<StoredTotp?> TotpOf(string userId, CancellationToken ct) => inner.TotpOf(userId, ct);

    public async Task<Problem?> ConfirmTotp(
        string userId, StoredTotp proposed, long step, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct)
    {
        await LetRivalIn();
        return await inner.ConfirmTotp(userId, proposed, step, codes, by, ct);
    }

    public Task<Problem?> RemoveTotp(string userId, Actor by, CancellationToken ct) => inner.RemoveTotp(userId, by, ct);

    public ValueTask RemoveTotpSince(Tx tx, string userId, long since, Actor by) => inner.RemoveTotpSince(tx, userId, since, by);

    public Task<long> Try(string userId, CancellationToken ct) => inner.Try(userId, ct);

    public async Task<bool> UseStep(string userId, long step, CancellationToken ct)
    {
        await LetRivalIn();
        return await inner.UseStep(userId, step, ct);
    }

    public Task<IReadOnlyList<RecoveryCodeHash>> RecoveryCodesOf(string userId, CancellationToken ct) =>
        inner.RecoveryCodesOf(userId, ct);

    public async Task<bool> UseRecoveryCode(string userId, byte[] hash, Actor by, CancellationToken ct)
    {
        await LetRivalIn();
        return await inner.UseRecoveryCode(userId, hash, by, ct);
    }

    public Task<Problem?> ReplaceRecoveryCodes(
        string userId, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct) =>
        inner.ReplaceRecoveryCodes(userId, codes, by, ct);

    public ValueTask<bool> Change(Tx tx, string userId, string factor, string change, Actor by) =>
        inner.Change(tx, userId, factor, change, by);

    public ValueTask WriteCodes(Tx tx, string userId, IReadOnlyList<RecoveryCodeHash> codes) => inner.WriteCodes(tx, userId, codes);

    public ValueTask ForgetCodesWithoutFactor(Tx tx, string userId) => inner.ForgetCodesWithoutFactor(tx, userId);

    private async Task LetRivalIn()
    {
        var rival = BeforeUse;
        BeforeUse = null;
        if (rival is not null) await rival();
    }
}
