using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync.Status;

/// <summary>An admin sees how far each user's devices are. Pulls are noted a few seconds late.</summary>
public static class SyncStatus
{
    /// <param name="NextCursor">The next page's `cursor`; null at the end.</param>
    public sealed record Response(IReadOnlyList<UserStatus> Users, string? NextCursor);

    /// <param name="Version">The user's newest version.</param>
    /// <param name="Tombstones">Deletions that are still remembered.</param>
    /// <param name="TombstoneFloor">A device that last pulled below this version gets everything again.</param>
    public sealed record UserStatus(
        string UserId, long Version, long Rows, long Tombstones, long TombstoneFloor, IReadOnlyList<DeviceStatus> Devices);

    /// <param name="Device">The id of its session.</param>
    /// <param name="Missing">
    /// How many rows were changed or deleted that it has not pulled, shared ones too, but for those of its own last push; of a table at
    /// most 1,000 are counted. Null before its first pull.
    /// </param>
    /// <param name="Lag">
    /// For how many milliseconds it has lacked them: since the oldest of its owner's changes among them, or since its last pull where
    /// shared ones are among them, because of those the time is not known, or where it replaces everything. Else 0; null before its first
    /// pull.
    /// </param>
    /// <param name="Replaces">Its next pull replaces all that it has: it was told to, or was away for too long.</param>
    public sealed record DeviceStatus(
        string Device, DateTimeOffset? LastPullAt, long? LastPullVersion, DateTimeOffset? LastPushAt, long? LastPushVersion,
        long? Missing, long? Lag, bool Replaces);

    private sealed record CountedUser(string UserId, long Version, long TombstoneFloor);

    private sealed record Count(string UserId, long Rows, long Tombstones);

    private sealed record Device(
        string UserId, string Name, long? PulledAt, long? PulledVersion, long? PushedAt, long? PushedVersion,
        long? PageStart, long? PageEnd, long ReplaceBelow);

    internal static void Map(RouteGroupBuilder sync) =>
        sync.MapGet("/status", Handle).WithName("SyncStatus").RequireAuthorization(Policies.Admin);

    /// <summary>A part of the list of everybody.</summary>
    internal static async Task<Outcome<Response>> Page(
        Database database, SyncTables tables, TimeProvider time, int? limit, string? cursor, CancellationToken ct)
    {
        var after = "";
        if (cursor is not null)
        {
            if (Paging.Decode(cursor, 1) is not [var key]) return Paging.CursorInvalid;
            after = key;
        }

        return await database.Snapshot(tx => Read(tx, tables, time.NowMs(), after, Paging.Limit(limit)), ct);
    }

    /// <summary>Null for somebody who never wrote.</summary>
    internal static async Task<UserStatus?> ReadOne(Tx tx, SyncTables tables, long now, string userId)
    {
        var user = await tx.First<CountedUser>(
            "SELECT user_id, version, tombstone_floor FROM sync_users WHERE user_id = @userId", new { userId });
        return user is null ? null : (await View(tx, tables, now, [user]))[0];
    }

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, Database database, SyncTables tables, TimeProvider time, CancellationToken ct)
    {
        var (page, problem) = await Page(database, tables, time, limit, cursor, ct);
        return problem is null ? TypedResults.Ok(page) : problem.ToResult();
    }

    private static async Task<Response> Read(Tx tx, SyncTables tables, long now, string after, int limit)
    {
        var users = await tx.Query<CountedUser>("""
            SELECT user_id, version, tombstone_floor FROM sync_users
            WHERE user_id > @after
            ORDER BY user_id
            LIMIT @more
            """, new { after, more = limit + 1 });
        var shown = users.Take(limit).ToList();
        return new Response(await View(tx, tables, now, shown), users.Count > limit ? Paging.Encode(shown[^1].UserId) : null);
    }

    private static async Task<IReadOnlyList<UserStatus>> View(Tx tx, SyncTables tables, long now, List<CountedUser> shown)
    {
        var ids = shown.Select(user => user.UserId).ToArray();
        var counts = new List<Count>();
        foreach (var table in tables.All)
        {
            counts.AddRange(await tx.Query<Count>($"""
                SELECT user_id, COUNT(*) FILTER (WHERE is_deleted = false) AS rows, COUNT(*) FILTER (WHERE is_deleted = true) AS tombstones
                FROM {table.Shape.SqlTable}
                WHERE user_id {tx.Dialect.In("ids")}
                GROUP BY user_id
                """, new { ids }));
        }

        var devices = await tx.Query<Device>($"""
            SELECT user_id, device AS name, pulled_at, pulled_version, pushed_at, pushed_version, page_start, page_end, replace_below
            FROM sync_devices
            WHERE user_id {tx.Dialect.In("ids")}
            ORDER BY device
            """, new { ids });
        var lags = await Lags.Read(tx, tables, ids);
        return [.. shown.Select(user =>
        {
            var own = counts.Where(count => count.UserId == user.UserId).ToList();
            return new UserStatus(
                user.UserId, user.Version, own.Sum(count => count.Rows), own.Sum(count => count.Tombstones), user.TombstoneFloor,
                [.. devices.Where(device => device.UserId == user.UserId).Select(device => View(user, device, lags, now))]);
        })];
    }

    private static DeviceStatus View(CountedUser user, Device device, Lags lags, long now)
    {
        var (missing, oldest, hasShared) = lags.Of(user.UserId, device.Name);
        var replaces = Replaces(user, device);
        var since = hasShared || replaces ? device.PulledAt : oldest;
        // A version may be ahead of the clock.
        var lag = since is { } at ? Math.Max(1, now - at) : 0;
        return new DeviceStatus(
            device.Name, device.PulledAt?.ToTime(), device.PulledVersion, device.PushedAt?.ToTime(), device.PushedVersion,
            device.PulledVersion is null ? null : missing, device.PulledVersion is null ? null : lag, replaces);
    }

    /// <summary>As a pull decides it; see <see cref="Pull.PullPlan"/>.</summary>
    private static bool Replaces(CountedUser user, Device device) => device.PulledVersion is { } pulled
        && (pulled < device.ReplaceBelow
            || (pulled < user.TombstoneFloor && !(device.PageEnd == pulled && device.PageStart >= user.TombstoneFloor)));
}
