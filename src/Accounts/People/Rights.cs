using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Accounts;

/// <summary>
/// What people may do: their roles, and whether they may sign in at all. A change counts on every node within a second. Owns the table
/// `accounts_roles`, and of `accounts_users` whether somebody is locked.
/// </summary>
internal sealed class Rights(ISessions sessions, Audit audit, IEnumerable<Role> roles, TimeProvider time)
{
    public static readonly Problem RoleUnknown = new(422, "role-unknown", "There is no such role.");
    public static readonly Problem LastAdmin = new(409, "last-admin", "Somebody has to remain an administrator.");
    public static readonly Problem OwnLock = new(409, "own-lock", "Nobody locks their own account.");
    public static readonly Problem NoAdmin = new(403, "forbidden", "You are not an administrator any more.");

    /// <summary>More than that nobody has; all of them are looked at before one goes.</summary>
    private const int AdminsMax = 1000;

    private const int ReasonLengthMax = 500;

    private sealed record Lockable(string Id, long? LockedAt);

    /// <summary>That a person has a role already is as good.</summary>
    /// <returns>Null, or <see cref="RoleUnknown"/>, <see cref="User.Unknown"/> or <see cref="NoAdmin"/>.</returns>
    public async Task<Problem?> Grant(Tx tx, string id, string role, Actor by)
    {
        if (!roles.Any(known => known.Name == role)) return UnknownRole;
        var admins = await LockAdmins(tx);
        if (!MayChange(by, admins)) return NoAdmin;
        if (await Hold(tx, id) is null) return User.Unknown;
        if (await Give(tx, id, role, by)) await sessions.RightsChanged(tx, id);
        return null;
    }

    /// <summary>That a person does not have a role is as good. One that no module brings any more can be taken, too.</summary>
    /// <returns>As <see cref="Grant"/>, or <see cref="LastAdmin"/>.</returns>
    public async Task<Problem?> Take(Tx tx, string id, string role, Actor by)
    {
        var admins = await LockAdmins(tx);
        if (!MayChange(by, admins)) return NoAdmin;
        if (await Hold(tx, id) is null) return User.Unknown;
        var isHeld = await tx.First<long>(
            "SELECT COUNT(*) FROM accounts_roles WHERE user_id = @id AND role = @role", new { id, role }) > 0;
        if (!isHeld) return roles.Any(known => known.Name == role) ? null : UnknownRole;
        if (role == RoleNames.Admin && IsLast(id, admins)) return LastAdmin;
        await tx.Execute("DELETE FROM accounts_roles WHERE user_id = @id AND role = @role", new { id, role });
        await audit.Record(tx, by, AuditAction.RoleTaken, id, new { role });
        await sessions.RightsChanged(tx, id);
        return null;
    }

    /// <summary>The person cannot sign in any more, and is signed out everywhere. Who is locked already keeps the first reason.</summary>
    /// <returns>Null, or <see cref="OwnLock"/>, <see cref="LastAdmin"/>, <see cref="User.Unknown"/> or <see cref="NoAdmin"/>.</returns>
    public async Task<Problem?> Lock(Tx tx, string id, string reason, Actor by)
    {
        if (by.Id == id) return OwnLock;
        var admins = await LockAdmins(tx);
        if (!MayChange(by, admins)) return NoAdmin;
        if (await Hold(tx, id) is not { } person) return User.Unknown;
        if (person.LockedAt is not null) return null;
        if (IsLast(id, admins)) return LastAdmin;
        await sessions.EndAll(tx, id, EndReason.AccountLocked);
        await tx.Execute(
            "UPDATE accounts_users SET locked_at = @now, locked_because = @reason WHERE id = @id", new { id, reason, now = time.NowMs() });
        await audit.Record(tx, by, AuditAction.AccountLocked, id, new { reason });
        return null;
    }

    /// <returns>Null, or <see cref="User.Unknown"/> or <see cref="NoAdmin"/>.</returns>
    public async Task<Problem?> Unlock(Tx tx, string id, Actor by)
    {
        var admins = await LockAdmins(tx);
        if (!MayChange(by, admins)) return NoAdmin;
        if (await Hold(tx, id) is not { } person) return User.Unknown;
        if (person.LockedAt is null) return null;
        await tx.Execute("UPDATE accounts_users SET locked_at = NULL, locked_because = NULL WHERE id = @id", new { id });
        await audit.Record(tx, by, AuditAction.AccountUnlocked, id);
        return null;
    }

    /// <summary>Null when this is an admin at this moment, or no person at all; a token says only who was one.</summary>
    public static async Task<Problem?> CheckAdmin(Tx tx, Actor by) => MayChange(by, await LockAdmins(tx)) ? null : NoAdmin;

    /// <summary>Of the last two administrators who leave at once, the second finds that he is the last.</summary>
    /// <returns>Null when somebody who can sign in remains an administrator, and whoever erases another's account is one now; else
    /// <see cref="LastAdmin"/> or <see cref="NoAdmin"/>.</returns>
    public static async Task<Problem?> CheckErasure(Tx tx, string id, Actor by)
    {
        var admins = await LockAdmins(tx);
        if (by.Id != id && !MayChange(by, admins)) return NoAdmin;
        return IsLast(id, admins) ? LastAdmin : null;
    }

    /// <summary>For a new account, which has no sessions yet. True when the role is new to the person.</summary>
    public async ValueTask<bool> Give(Tx tx, string id, string role, Actor by)
    {
        var granted = await tx.Execute("""
            INSERT INTO accounts_roles (user_id, role, granted_at)
            VALUES (@id, @role, @now)
            ON CONFLICT (user_id, role) DO NOTHING
            """, new { id, role, now = time.NowMs() });
        if (granted > 0) await audit.Record(tx, by, AuditAction.RoleGranted, id, new { role });
        return granted > 0;
    }

    /// <summary>Null when a lock can be given this reason: one line of text.</summary>
    public static Problem? CheckReason(string? reason)
    {
        var errors = new FieldErrors();
        var isLine = reason?.Trim() is { Length: > 0 and <= ReasonLengthMax } text && !text.Any(char.IsControl);
        errors.Add("reason", isLine ? null : "One line of text, at most 500 characters.");
        return errors.ToProblem();
    }

    private Problem UnknownRole => RoleUnknown.With("allowed", roles.Select(role => role.Name).Order(StringComparer.Ordinal));

    /// <summary>The command line is whoever holds the server; everybody else has to be an admin now.</summary>
    private static bool MayChange(Actor by, List<string> admins) => by.IsServer || admins.Contains(by.Id);

    private static bool IsLast(string id, List<string> admins) => admins is [var only] && only == id;

    /// <summary>
    /// The admins who can sign in, held so that nobody becomes less than that meanwhile: of two who take each other's role, the second
    /// finds that he is no admin any more.
    /// </summary>
    private static ValueTask<List<string>> LockAdmins(Tx tx) => tx.Query<string>($"""
        SELECT u.id
        FROM accounts_users u JOIN accounts_roles r ON r.user_id = u.id
        WHERE r.role = 'admin' AND u.locked_at IS NULL
        ORDER BY u.id
        LIMIT {AdminsMax}
        {tx.Dialect.ForUpdate}
        """);

    private static ValueTask<Lockable?> Hold(Tx tx, string id) => tx.First<Lockable>(
        $"SELECT id, locked_at FROM accounts_users WHERE id = @id {tx.Dialect.ForUpdate}", new { id });
}
