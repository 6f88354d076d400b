using System.Collections.Concurrent;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Sync.Status;

/// <summary>
/// What each device did last. Pushes are noted in their own transaction; pulls are noted in memory and written together by <see
/// cref="DeviceNotes"/>, because a pull that finds nothing must not cost a write.
/// </summary>
internal sealed class Devices(TimeProvider time)
{
    private sealed record Pull(long At, long Version, bool IsCut);

    private readonly ConcurrentDictionary<(string UserId, string Device), Pull> _pulled = new();

    public void Pulled(string userId, string device, long version, bool isCut = false) =>
        _pulled[(userId, device)] = new(time.NowMs(), version, isCut);

    /// <summary>True when the device's last page was cut here by its limit. It costs nothing to ask, and false says nothing.</summary>
    public bool IsAmidstPages(string userId, string device, long version) =>
        _pulled.TryGetValue((userId, device), out var pull) && pull.IsCut && pull.Version == version;

    public async ValueTask Pushed(Tx tx, string userId, string device, long version) => await tx.Execute("""
        INSERT INTO sync_devices (user_id, device, pushed_at, pushed_version)
        VALUES (@userId, @device, @now, @version)
        ON CONFLICT (user_id, device) DO UPDATE SET pushed_at = excluded.pushed_at, pushed_version = excluded.pushed_version
        """, new { userId, device, now = time.NowMs(), version });

    /// <summary>
    /// Remembers that the device's next page, of a first sync that began at version <paramref name="start"/>, follows on
    /// <paramref name="end"/>. Without it a page that ends below the tombstone floor would look like a device that was away too
    /// long.
    /// </summary>
    public static async ValueTask KeepPage(Tx tx, string userId, string device, long start, long end) => await tx.Execute("""
        INSERT INTO sync_devices (user_id, device, page_start, page_end)
        VALUES (@userId, @device, @start, @end)
        ON CONFLICT (user_id, device) DO UPDATE SET page_start = excluded.page_start, page_end = excluded.page_end
        """, new { userId, device, start, end });

    /// <summary>Where the first sync began whose last page ended at <paramref name="end"/>; null when there is none.</summary>
    public static async ValueTask<long?> PageStart(Tx tx, string userId, string device, long end) => await tx.First<long?>("""
        SELECT page_start FROM sync_devices
        WHERE user_id = @userId AND device = @device AND page_end = @end
        """, new { userId, device, end });

    /// <summary>
    /// The device is told to forget what it has and gets everything anew. It is told with every pull from below the version that is drawn
    /// here, so a lost answer is made up for, and the answer's timestamp ends it.
    /// </summary>
    public static async ValueTask Replace(Tx tx, Versions versions, string userId, string device)
    {
        var version = await versions.Draw(tx, userId);
        await tx.Execute("""
            INSERT INTO sync_devices (user_id, device, replace_below)
            VALUES (@userId, @device, @version)
            ON CONFLICT (user_id, device) DO UPDATE SET replace_below = excluded.replace_below
            """, new { userId, device, version });
    }

    /// <summary>Writes the noted pulls. Nothing is lost when it fails: they are noted again.</summary>
    public async Task Flush(Database database, CancellationToken ct)
    {
        foreach (var notes in Take().Chunk(500))
        {
            try
            {
                await database.Write(tx => Write(tx, notes), ct);
            }
            catch
            {
                foreach (var (who, what) in notes) _pulled.TryAdd(who, what);
                throw;
            }
        }
    }

    /// <summary>Drops what is noted and not yet written about a user's devices.</summary>
    public void Forget(string userId)
    {
        foreach (var who in _pulled.Keys.Where(who => who.UserId == userId)) _pulled.TryRemove(who, out _);
    }

    private IEnumerable<KeyValuePair<(string UserId, string Device), Pull>> Take()
    {
        foreach (var who in _pulled.Keys.Order())
        {
            // Sorted, so that two nodes which write the same devices wait for each other instead of for ever.
            if (_pulled.TryRemove(who, out var what)) yield return new(who, what);
        }
    }

    /// <summary>
    /// Only of people whose counter is there, and stays to the commit: somebody may have been erased since the pull was noted, perhaps on
    /// another node.
    /// </summary>
    private static async Task Write(Tx tx, KeyValuePair<(string UserId, string Device), Pull>[] notes)
    {
        var rows = notes.Select(
            note => new { person = note.Key.UserId, device = note.Key.Device, at = note.Value.At, version = note.Value.Version });
        await tx.Execute($"""
            INSERT INTO sync_devices (user_id, device, pulled_at, pulled_version)
            SELECT n.person, n.device, n.at, n.version
            FROM {tx.Dialect.Rows("rows", "person text", "device text", "at bigint", "version bigint")} n
            JOIN sync_users u ON u.user_id = n.person
            ORDER BY n.person, n.device
            {tx.Dialect.ForKeyShare}
            ON CONFLICT (user_id, device) DO UPDATE SET pulled_at = excluded.pulled_at, pulled_version = excluded.pulled_version
            """, new { rows = JsonSerializer.Serialize(rows) });
    }
}
