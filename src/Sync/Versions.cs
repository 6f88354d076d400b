using System.Globalization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Sync.Pull;
using Kontor.Sync.Status;

namespace Kontor.Sync;

/// <param name="Version">The newest version of the user's rows.</param>
/// <param name="TombstoneFloor">Deletions up to this version may have been forgotten.</param>
/// <param name="HasQuarantine">Some row of one of the user's devices was not taken; see <see cref="Quarantine.QuarantinedRows"/>.</param>
internal sealed record LockedCounter(long Version, long TombstoneFloor, bool HasQuarantine);

/// <inheritdoc cref="LockedCounter"/>
internal sealed record Counter(long Version, long TombstoneFloor)
{
    /// <summary>Of a user who never wrote. Not 0, because the client takes a timestamp of 0 for none.</summary>
    public static readonly Counter Start = new(1, 0);
}

/// <summary>
/// The users' counters. A version is close to the time in milliseconds, so that the age of a deletion can be told, but never
/// relies on it: the clock may stand still or go back.
/// </summary>
internal sealed class Versions(Database database, TimeProvider time) : ISyncVersions
{
    /// <summary>The payload is the new version and the user's id; see <see cref="Tell"/>.</summary>
    public const string Signal = "sync.user";

    public async ValueTask<long> Draw(Tx tx, string userId)
    {
        var version = (await Lock(tx, userId)).Version;
        Tell(tx, userId, version);
        return version;
    }

    /// <summary>Raised after shared rows have changed, with their new version.</summary>
    public const string SharedSignal = "sync.shared";

    public async ValueTask<long> DrawShared(Tx tx)
    {
        LastTimestamps.Tell(tx, database, "");
        var version = await tx.First<long>("UPDATE sync_shared SET version = version + 1 WHERE only_row = 1 RETURNING version");
        tx.Signal(SharedSignal, version.ToString(CultureInfo.InvariantCulture));
        return version;
    }

    /// <summary>Whoever listens for this user's changes hears of them after the commit.</summary>
    public static void Tell(Tx tx, string userId, long version) => tx.Signal(Signal, $"{version} {userId}");

    /// <summary>Draws a version and holds the user's row to the commit; the caller tells the listeners.</summary>
    public async ValueTask<LockedCounter> Lock(Tx tx, string userId)
    {
        LastTimestamps.Tell(tx, database, userId);
        var counter = await tx.First<LockedCounter>("""
            INSERT INTO sync_users (user_id, version, tombstone_floor)
            VALUES (@userId, greatest(2, @now), 0)
            ON CONFLICT (user_id) DO UPDATE SET version = greatest(sync_users.version + 1, @now)
            RETURNING version, tombstone_floor,
                EXISTS (SELECT 1 FROM sync_quarantine WHERE sync_quarantine.user_id = @userId) AS has_quarantine
            """, new { userId, now = time.NowMs() });
        return counter!;
    }

    public static async ValueTask<Counter> Read(Tx tx, string userId) =>
        await tx.First<Counter>("SELECT version, tombstone_floor FROM sync_users WHERE user_id = @userId", new { userId }) ?? Counter.Start;
}
