using System.Security.Cryptography;
using Kontor.Accounts.Attempts;
using Kontor.Accounts.Keys;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.Sessions;

internal sealed class SqlSessions(
    Database database, Outbox outbox, KeyRing ring, KnownDevices devices, IOptions<AccountOptions> options, IOptions<LimitOptions> limits,
    TimeProvider time) : ISessions
{
    private sealed record Row(
        string Id, string UserId, string Device, long CreatedAt, long ExpiresAt, long Generation, byte[] SecretHash,
        byte[]? Salt, string? PepperId, byte[]? AttemptHash, long? RotatedAt, long? AcknowledgedAt, string? EndedBecause,
        long AuthenticatedAt, string Methods)
    {
        public Rotation.State State => new(
            Id, CreatedAt, ExpiresAt, Generation, SecretHash, Salt, PepperId, AttemptHash, RotatedAt, AcknowledgedAt, EndedBecause);
    }

    private sealed record AuthenticationRow(long At, string Methods)
    {
        public Authentication Authentication => Authentication.Read(At, Methods);
    }

    /// <summary>A session that can be ended.</summary>
    private sealed record Living(string Id, string Device);

    public async Task<Outcome<Refreshed>> Open(User user, Device device, IReadOnlyList<string> methods, CancellationToken ct)
    {
        var token = new RefreshToken(Ids.New(time), Generation: 0, RandomNumberGenerator.GetBytes(RefreshToken.SecretBytes));
        var hash = Rotation.HashOf(token.Secret);
        return await database.Write<Outcome<Refreshed>>(async tx =>
        {
            // Waits for whoever is ending all of this person's sessions, and sees what they left.
            var rights = await tx.First<long?>(
                $"SELECT rights FROM accounts_users WHERE id = @id {tx.Dialect.ForUpdate}", new { id = user.Id });
            if (rights != user.Rights) return Session.Overtaken;
            var now = time.NowMs();
            var authentication = new Authentication(now, methods);
            await MakeRoom(tx, user.Id, now);
            if (await IsNew(tx, user, device))
                await outbox.Add(tx, new NewDevice(token.Session, user.Id, device.Name, device.Network, now));
            await tx.Execute("""
                INSERT INTO accounts_sessions
                    (id, user_id, device, network, created_at, last_seen_at, expires_at, generation, secret_hash, methods)
                VALUES (@id, @userId, @device, @network, @now, @now, @expires, 0, @hash, @methods)
                """, new
            {
                id = token.Session,
                userId = user.Id,
                device = device.Name,
                network = device.Network,
                now,
                expires = now + Session.IdleMs,
                hash,
                methods = authentication.Text,
            });
            return new Refreshed(token.Session, user.Id, 0, token.Write(ring.Pepper), now, authentication);
        }, ct);
    }

    public async Task<Outcome<Refreshed>> Refresh(RefreshToken presented, string? attempt, CancellationToken ct)
    {
        // A session that is ended here stays ended, so its refusal must not undo the transaction: it is made an outcome afterwards.
        var (refreshed, problem) = await database.Write(tx => Refresh(tx, presented, attempt), ct);
        return problem is null ? refreshed! : problem;
    }

    public Task Acknowledge(string id, long generation, CancellationToken ct) => database.Write(
        async tx =>
        {
            await tx.Execute("""
                UPDATE accounts_sessions
                SET acknowledged_at = @now, last_seen_at = @now,
                    expires_at = CASE WHEN created_at + @ageMax < @now + @idle THEN created_at + @ageMax ELSE @now + @idle END
                WHERE id = @id AND generation = @generation AND acknowledged_at IS NULL AND ended_at IS NULL
                """, new { id, generation, now = time.NowMs(), idle = Session.IdleMs, ageMax = Session.AgeMsMax });
        }, ct);

    public async Task<Problem?> End(string id, string userId, string reason, CancellationToken ct) =>
        (await database.Write(tx => End(tx, id, userId, reason), ct)).Problem;

    public async Task<Outcome<bool>> End(Tx tx, string id, string userId, string reason)
    {
        var row = await Lock(tx, id);
        if (row is null || row.UserId != userId) return Session.Unknown;
        if (row.EndedBecause is not null) return false;
        await EndLiving(tx, new(row.Id, row.Device), userId, reason);
        return true;
    }

    public Task EndAll(string userId, string reason, CancellationToken ct, string? except = null) =>
        database.Write(tx => EndAll(tx, userId, reason, except).AsTask(), ct);

    public async ValueTask EndAll(Tx tx, string userId, string reason, string? except = null)
    {
        await CountRights(tx, userId);
        var living = await tx.Query<Living>($"""
            SELECT id, device
            FROM accounts_sessions
            WHERE user_id = @userId AND ended_at IS NULL AND id <> @except
            ORDER BY id
            {tx.Dialect.ForUpdate}
            """, new { userId, except = except ?? "" });
        foreach (var session in living) await EndLiving(tx, session, userId, reason);
    }

    public async ValueTask RightsChanged(Tx tx, string userId) => await Revoke(tx, userId, await CountRights(tx, userId), time.NowMs());

    public async ValueTask OvertakeSignIns(Tx tx, string userId) => await CountRights(tx, userId);

    public async ValueTask Forget(Tx tx, string userId)
    {
        // Their tokens stay refused, each by the row of its own session.
        await tx.Execute("DELETE FROM accounts_revocations WHERE id = @userId", new { userId });
        await tx.Execute("DELETE FROM accounts_sessions WHERE user_id = @userId", new { userId });
    }

    public Task<Authentication?> LastAuthentication(string id, string userId, CancellationToken ct) =>
        database.Read(async tx => (await AuthenticationOf(tx, id, userId))?.Authentication, ct);

    public Task<Problem?> Authenticate(string id, string userId, IReadOnlyList<string> methods, CancellationToken ct) =>
        database.Write<Problem?>(async tx =>
        {
            if (await AuthenticationOf(tx, id, userId, tx.Dialect.ForUpdate) is not { } before) return Session.Unknown;
            var after = new Authentication(time.NowMs(), [.. before.Authentication.Methods.Union(methods)]);
            await tx.Execute(
                "UPDATE accounts_sessions SET authenticated_at = @at, methods = @methods WHERE id = @id",
                new { id, at = after.At, methods = after.Text });
            return null;
        }, ct);

    public Task<IReadOnlyList<Session>> List(string userId, CancellationToken ct) => database.Read<IReadOnlyList<Session>>(
        async tx => await tx.Query<Session>($"""
            SELECT id, user_id, device, network, created_at, last_seen_at
            FROM accounts_sessions
            WHERE user_id = @userId AND ended_at IS NULL AND expires_at > @now
            ORDER BY last_seen_at DESC, id DESC
            LIMIT {Session.ListMax}
            """, new { userId, now = time.NowMs() }), ct);

    public Task<IReadOnlyList<Revocation>> RevokedSince(long since, CancellationToken ct) => database.Read<IReadOnlyList<Revocation>>(
        async tx => await tx.Query<Revocation>(
            "SELECT id, below FROM accounts_revocations WHERE revoked_at > @since", new { since }), ct);

    public Task Forget(long before, CancellationToken ct) => database.Write(
        async tx =>
        {
            // One that was ended runs out a week later at the most.
            await tx.Execute("DELETE FROM accounts_sessions WHERE expires_at < @before", new { before });
            await tx.Execute("DELETE FROM accounts_revocations WHERE revoked_at < @before", new { before });
        }, ct);

    private async Task<(Refreshed? Refreshed, Problem? Problem)> Refresh(Tx tx, RefreshToken presented, string? attempt)
    {
        var row = await Lock(tx, presented.Session);
        // Read after the lock was given, so that no token is dated later than an end that this session was given meanwhile.
        var now = time.NowMs();
        if (row is null) return (null, Session.InvalidToken);
        switch (Rotation.Judge(row.State, presented, attempt, now, ring))
        {
            case Rotation.Verdict.Replace replace:
                await Store(tx, replace.Next);
                return (Answer(row, replace.Successor, replace.Pepper, now), null);
            case Rotation.Verdict.Repeat repeat:
                return (Answer(row, repeat.Successor, repeat.Pepper, now), null);
            case Rotation.Verdict.Refused refused:
                return (null, refused.Problem);
            default:
                await EndLiving(tx, new(row.Id, row.Device), row.UserId, EndReason.TokenReused);
                return (null, Session.TokenReused);
        }
    }

    /// <summary>
    /// Ends those that were used longest ago, so that one more is no more than there may be. The person's row is locked, so that two
    /// sign-ins at once do not count the same ones; each session is locked only when it ends, so that refreshes of the others go on.
    /// </summary>
    private async ValueTask MakeRoom(Tx tx, string userId, long now)
    {
        if (limits.Value.Off) return;
        var surplus = await tx.Query<string>($"""
            SELECT id
            FROM accounts_sessions
            WHERE user_id = @userId AND ended_at IS NULL AND expires_at > @now
            ORDER BY last_seen_at DESC, id DESC
            LIMIT {Session.ListMax} OFFSET {options.Value.SessionsMax - 1}
            """, new { userId, now });
        foreach (var id in surplus.Order(StringComparer.Ordinal)) await End(tx, id, userId, EndReason.TooMany);
    }

    /// <summary>The account has had sessions, and none like this. The first of all is its owner's own.</summary>
    private async ValueTask<bool> IsNew(Tx tx, User user, Device device)
    {
        if (devices.Of(EmailAddress.Parse(user.Email)!.Key, device.Cookie) is not null) return false;
        return await tx.First<bool>("""
            SELECT EXISTS (SELECT 1 FROM accounts_sessions WHERE user_id = @userId)
                AND NOT EXISTS (SELECT 1 FROM accounts_sessions
                    WHERE user_id = @userId AND device = @device AND COALESCE(network, '') = @network)
            """, new { userId = user.Id, device = device.Name, network = device.Network ?? "" });
    }

    private static ValueTask<AuthenticationRow?> AuthenticationOf(Tx tx, string id, string userId, string locking = "") =>
        tx.First<AuthenticationRow>($"""
            SELECT COALESCE(authenticated_at, created_at) AS at, methods
            FROM accounts_sessions
            WHERE id = @id AND user_id = @userId AND ended_at IS NULL
            {locking}
            """, new { id, userId });

    private static Refreshed Answer(Row row, RefreshToken successor, Pepper pepper, long now) =>
        new(row.Id, row.UserId, successor.Generation, successor.Write(pepper), now, Authentication.Read(row.AuthenticatedAt, row.Methods));

    private static async ValueTask Store(Tx tx, Rotation.State next) => await tx.Execute("""
        UPDATE accounts_sessions
        SET generation = @generation, secret_hash = @hash, salt = @salt, pepper_id = @pepper, attempt_hash = @attempt,
            rotated_at = @rotatedAt, acknowledged_at = NULL, last_seen_at = @rotatedAt, expires_at = @expires
        WHERE id = @id
        """, new
    {
        id = next.Id,
        generation = next.Generation,
        hash = next.SecretHash,
        salt = next.Salt,
        pepper = next.PepperId,
        attempt = next.AttemptHash,
        rotatedAt = next.RotatedAt,
        expires = next.ExpiresAt,
    });

    private async ValueTask EndLiving(Tx tx, Living session, string userId, string reason)
    {
        var now = time.NowMs();
        await tx.Execute(
            "UPDATE accounts_sessions SET ended_at = @now, ended_because = @reason WHERE id = @id", new { id = session.Id, reason, now });
        await Revoke(tx, session.Id, Revocation.Everything, now);
        // Who was erased is not written to, and no trace of a device is to outlive the account.
        var device = reason == EndReason.AccountErased ? "" : session.Device;
        await outbox.Add(tx, new SessionEnded(session.Id, userId, device, reason, now));
    }

    private static async ValueTask Revoke(Tx tx, string id, long below, long now)
    {
        await tx.Execute("""
            INSERT INTO accounts_revocations (id, below, revoked_at)
            VALUES (@id, @below, @now)
            ON CONFLICT (id) DO UPDATE SET below = excluded.below, revoked_at = excluded.revoked_at
            """, new { id, below, now });
        tx.Signal(Revocations.Channel, Revocations.Message(id, below));
    }

    /// <summary>Makes a sign-in that is under way wait for this transaction, and then start again.</summary>
    private static ValueTask<long> CountRights(Tx tx, string userId) => tx.First<long>(
        "UPDATE accounts_users SET rights = rights + 1 WHERE id = @userId RETURNING rights", new { userId });

    private static ValueTask<Row?> Lock(Tx tx, string id) => tx.First<Row>($"""
        SELECT id, user_id, device, created_at, expires_at, generation, secret_hash, salt, pepper_id,
            attempt_hash, rotated_at, acknowledged_at, ended_because,
            COALESCE(authenticated_at, created_at) AS authenticated_at, methods
        FROM accounts_sessions
        WHERE id = @id
        {tx.Dialect.ForUpdate}
        """, new { id });
}
