using Kontor.Accounts.Keys;
using Kontor.Foundation;

namespace Kontor.Accounts.Factors;

/// <summary>Makes recovery codes, which are shown once, and takes them.</summary>
internal sealed class RecoveryCodes(IFactors factors, KeyRing ring)
{
    public (string[] Codes, RecoveryCodeHash[] Hashes) Make(string userId)
    {
        var codes = Enumerable.Range(0, RecoveryCode.Count).Select(_ => RecoveryCode.New()).ToArray();
        return (codes, Array.ConvertAll(codes, code => RecoveryCode.HashOf(code, userId, ring.Pepper)));
    }

    /// <returns>New ones in the place of those before, or <see cref="OwnFactors.None"/>.</returns>
    public async Task<Outcome<string[]>> Replace(string userId, Actor by, CancellationToken ct)
    {
        var (codes, hashes) = Make(userId);
        var problem = await factors.ReplaceRecoveryCodes(userId, hashes, by, ct);
        return problem is null ? codes : problem;
    }

    /// <summary>False when the person does not have this code, or has used it.</summary>
    public async Task<bool> Use(string userId, string code, Actor by, CancellationToken ct)
    {
        var stored = await factors.RecoveryCodesOf(userId, ct);
        return stored.FirstOrDefault(one => RecoveryCode.Matches(code, userId, one, ring)) is { } found
            && await factors.UseRecoveryCode(userId, found.Hash, by, ct);
    }
}
