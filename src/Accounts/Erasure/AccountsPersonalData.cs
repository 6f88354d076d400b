using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Erasure;

/// <summary>The account itself. <see cref="Erasures"/> deletes it; what is left here is what came in at the same moment.</summary>
internal sealed class AccountsPersonalData(Database database) : IPersonalData
{
    private sealed record Account(
        string Id, string Email, string Name, bool EmailVerified, long CreatedAt, long UpdatedAt);

    private sealed record Role(string Name, long GrantedAt);

    private sealed record Passkey(string Name, long CreatedAt, long? LastUsedAt);

    private sealed record Identity(string Provider, string Subject, string? Email, long LinkedAt);

    private sealed record SignIn(
        string Id, string Device, string? Network, string Methods, long CreatedAt, long LastSeenAt, long? EndedAt, string? EndedBecause);

    private sealed record Deed(long Id, long At, string Actor, string? Network, string Action, string Details);

    public string Name => "accounts";

    public string? Stores => "Your name, e-mail address and roles, where you signed in, and what was done to your account.";

    public string? Keeps => "That there was an account, and what was done to it when, is kept without a name, an address or a place.";

    public async Task Export(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        var args = new { userId = person.UserId };
        var account = await database.Read(tx => tx.First<Account>("""
            SELECT id, email, name, email_verified, created_at, updated_at FROM accounts_users
            WHERE id = @userId
            """, args).AsTask(), ct);
        // Erased a moment ago.
        if (account is null) return;
        export.Value("profile", new
        {
            account.Id,
            account.Email,
            account.Name,
            account.EmailVerified,
            createdAt = account.CreatedAt.ToTime(),
            updatedAt = account.UpdatedAt.ToTime(),
        });
        var roles = await database.Read(tx => tx.Query<Role>("""
            SELECT role AS name, granted_at FROM accounts_roles
            WHERE user_id = @userId
            ORDER BY role
            LIMIT 100
            """, args).AsTask(), ct);
        export.Value("roles", roles.Select(role => new { role.Name, grantedAt = role.GrantedAt.ToTime() }));
        await ExportWaysIn(args, export, ct);
        await ExportSignIns(person, export, ct);
        await ExportDeeds("doneToAccount", "subject", person, export, ct);
        await ExportDeeds("doneByYou", "actor", person, export, ct);
    }

    public Task Erase(DataSubject person, CancellationToken ct) => database.Write(tx => Audit.Forget(tx, person.UserId), ct);

    /// <summary>What an authenticator app or a key proves is never told, so that an export is no way in.</summary>
    private async Task ExportWaysIn(object args, ExportWriter export, CancellationToken ct)
    {
        var (passkeys, identities, totp) = await database.Read(async tx => (
            await tx.Query<Passkey>("""
                SELECT name, created_at, last_used_at FROM accounts_passkeys
                WHERE user_id = @userId
                ORDER BY created_at
                LIMIT 100
                """, args),
            await tx.Query<Identity>("""
                SELECT provider, subject, email, linked_at FROM accounts_identities
                WHERE user_id = @userId
                ORDER BY provider
                LIMIT 100
                """, args),
            await tx.First<long?>("SELECT confirmed_at FROM accounts_totp WHERE user_id = @userId", args)), ct);
        export.Value("authenticatorApp", new { since = totp?.ToTime() });
        export.Value("passkeys", passkeys.Select(one => new
        {
            one.Name,
            createdAt = one.CreatedAt.ToTime(),
            lastUsedAt = one.LastUsedAt?.ToTime(),
        }));
        export.Value("otherSites", identities.Select(one => new
        {
            one.Provider,
            one.Subject,
            one.Email,
            linkedAt = one.LinkedAt.ToTime(),
        }));
    }

    private static Task ExportSignIns(DataSubject person, ExportWriter export, CancellationToken ct) => export.List<SignIn, object>(
        "signIns",
        (tx, last) => tx.Query<SignIn>($"""
            SELECT id, device, network, methods, created_at, last_seen_at, ended_at, ended_because FROM accounts_sessions
            WHERE user_id = @userId AND id > @after
            ORDER BY id
            LIMIT {ExportWriter.PageRows}
            """, new { userId = person.UserId, after = last?.Id ?? "" }),
        one => new
        {
            one.Id,
            one.Device,
            one.Network,
            one.Methods,
            createdAt = one.CreatedAt.ToTime(),
            lastSeenAt = one.LastSeenAt.ToTime(),
            endedAt = one.EndedAt?.ToTime(),
            one.EndedBecause,
        },
        ct);

    /// <param name="name">The list's name.</param>
    /// <param name="column">Where the person stands in these rows.</param>
    /// <param name="person">Whose.</param>
    /// <param name="export">Where to.</param>
    /// <param name="ct">Ends it.</param>
    private static Task ExportDeeds(string name, string column, DataSubject person, ExportWriter export, CancellationToken ct) =>
        export.List<Deed, object>(
            name,
            (tx, last) => tx.Query<Deed>($"""
                SELECT id, at, actor, network, action, details FROM accounts_audit
                WHERE {column} = @userId AND (at, id) > (@at, @id)
                ORDER BY at, id
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, at = last?.At ?? 0, id = last?.Id ?? 0 }),
            one => one.Actor == person.UserId
                ? new { one.Action, at = one.At.ToTime(), by = "you", one.Network, details = JsonNode.Parse(one.Details) }
                // Who else it was, and from where, is that one's own data.
                : new
                {
                    one.Action,
                    at = one.At.ToTime(),
                    by = "somebody else",
                    Network = (string?)null,
                    details = JsonNode.Parse(one.Details),
                },
            ct);
}
