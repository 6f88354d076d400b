using Kontor.Foundation.Data;
using Kontor.Sync.Shared;
using Kontor.Sync.Status;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Pull;

/// <summary>Which versions one answer carries.</summary>
/// <param name="Since">Rows of later versions than this...</param>
/// <param name="UpTo">...up to this one, which is the answer's timestamp unless the device is ahead.</param>
/// <param name="LiveOnly">The device has nothing that could be deleted.</param>
/// <param name="Replaces">The device must forget what the answer does not name.</param>
/// <param name="HasMore">There is a next page.</param>
internal sealed record PullPlan(long Since, long UpTo, bool LiveOnly, bool Replaces, bool HasMore)
{
    /// <summary>Where the pages of a first sync began, when the next page must know it; see <see cref="Devices.KeepPage"/>.</summary>
    public long? PageStart { get; private init; }

    /// <summary>Its limit ended it before the newest version: the next page needs no look whether there is one.</summary>
    public bool IsCut { get; private init; }

    /// <summary>True when the device has everything, which one read of the counter tells.</summary>
    public static bool IsUpToDate(PullQuery query, Position position, long now) =>
        query.Since >= position.Version && !position.LacksShared
        && !query.Migrates && !IsFromTheFuture(query.Since, position.Version, now);

    /// <summary>
    /// Right after a backup was restored, devices know later versions than the counter. Versions follow the time, so what they
    /// hear of next is later still, and all that is missing is what the backup lost. A timestamp that even the clock has not
    /// reached would hide changes, perhaps for ever.
    /// </summary>
    public static bool IsFromTheFuture(long since, long version, long now) => since > Math.Max(version, now);

    /// <summary>In the pull's snapshot, so that the counter, the page's end and the rows are of one moment.</summary>
    public static async Task<PullPlan> Make(Tx tx, SyncTables tables, PullQuery query, (string UserId, string Device) who, long now)
    {
        var since = query.Since;
        var stand = await Look(tx, tables, query.Limit, who, since);
        var (version, floor) = (stand.Version, stand.TombstoneFloor);
        if (since > 0 && since < stand.ReplaceBelow) return new PullPlan(0, version, LiveOnly: true, Replaces: true, HasMore: false);
        // Such a device gets everything again, deletions too, and keeps what only it knows.
        if (IsFromTheFuture(since, version, now)) (since, stand) = (0, await Look(tx, tables, query.Limit, who, since: 0));
        var start = query.Since == 0 ? version : (long?)null;
        if (since > 0 && since < floor)
        {
            // Deletions that it needs are forgotten, unless it is amidst a first sync which began after they were.
            start = await Devices.PageStart(tx, who.UserId, who.Device, since);
            if (start is null || start < floor)
                return new PullPlan(0, version, LiveOnly: true, Replaces: true, HasMore: false);
        }

        var upTo = Math.Max(Math.Min(stand.Own ?? version, stand.Shared ?? version), since);
        // Marks are written before a pull's snapshot: the next page does that.
        var lacksMarks = stand.HasUnmarked && tables.Shared.Count > 0;
        return new PullPlan(since, upTo, LiveOnly: query.Since == 0, Replaces: false, HasMore: upTo < version || lacksMarks)
        {
            IsCut = upTo < version,
            PageStart = upTo < floor ? start : null,
        };
    }

    private static async ValueTask<Stand> Look(Tx tx, SyncTables tables, int? limit, (string UserId, string Device) who, long since) =>
        (await (limit is { } rows
            ? tx.First<Stand>(tables.SelectPageStand, new { userId = who.UserId, device = who.Device, since, limit = rows })
            : tx.First<Stand>(tables.SelectStand, new { userId = who.UserId, device = who.Device })))!;
}
