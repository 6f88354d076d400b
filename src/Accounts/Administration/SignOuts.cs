using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Accounts.Administration;

/// <summary>An admin signs somebody out, and it is noted who did.</summary>
internal sealed class SignOuts(ISessions sessions, Audit audit, Database database)
{
    /// <returns>Null, or <see cref="Session.Unknown"/> or <see cref="Rights.NoAdmin"/>.</returns>
    public Task<Problem?> One(string id, string session, Actor by, CancellationToken ct) => database.Write<Problem?>(async tx =>
    {
        if (await Rights.CheckAdmin(tx, by) is { } refusal) return refusal;
        var (wasAlive, problem) = await sessions.End(tx, session, id, EndReason.EndedByAdmin);
        if (wasAlive) await audit.Record(tx, by, AuditAction.SessionEnded, id);
        return problem;
    }, ct);

    /// <returns>Null, or <see cref="User.Unknown"/> or <see cref="Rights.NoAdmin"/>.</returns>
    public Task<Problem?> All(string id, Actor by, CancellationToken ct) => database.Write<Problem?>(async tx =>
    {
        if (await Rights.CheckAdmin(tx, by) is { } refusal) return refusal;
        if (await tx.First<long>("SELECT COUNT(*) FROM accounts_users WHERE id = @id", new { id }) == 0) return User.Unknown;
        await sessions.EndAll(tx, id, EndReason.EndedByAdmin);
        await audit.Record(tx, by, AuditAction.SessionsEnded, id);
        return null;
    }, ct);
}
