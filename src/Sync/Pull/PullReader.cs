using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Sync.Shared;
using Kontor.Sync.Status;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Pull;

/// <summary>Reads what a pull answers. Most pulls find nothing, and cost one read of one row, or none at all.</summary>
internal sealed class PullReader(
    Database database, SyncTables tables, Marks marks, Positions positions, LastTimestamps lasts, Devices devices, TimeProvider time)
{
    /// <summary>True when there is nothing new, also of what the products work out by themselves.</summary>
    public async ValueTask<bool> IsUpToDate(PullQuery query, CurrentUser user, CancellationToken ct)
    {
        foreach (var table in tables.All) await table.Product.Refresh(user, ct);
        // There was more then, and versions only grow. Whoever wants all of it at once needs marks first, as there is no next page.
        if (query.Limit is not null && devices.IsAmidstPages(user.Id, user.SessionId, query.Since)) return false;
        if (query.Migrates || !lasts.Has(user.Id, query.Since))
        {
            var stamp = lasts.StampOf(user.Id);
            var position = await positions.Of(user.Id, query.Since);
            if (!PullPlan.IsUpToDate(query, position, time.NowMs()))
            {
                if (position.Marked < position.Shared) await database.Write(tx => marks.Add(tx, user.Id), ct);
                return false;
            }

            // One that is ahead of the versions is looked at each time, because the clock has a say in it.
            if (query.Since == position.Version) lasts.Keep(user.Id, query.Since, stamp);
        }

        devices.Pulled(user.Id, user.SessionId, query.Since);
        return true;
    }

    public async Task<PullAnswer> Changes(PullQuery query, CurrentUser user, CancellationToken ct)
    {
        var spool = new Spool();
        try
        {
            var plan = await Write(query, spool, user, ct);
            devices.Pulled(user.Id, user.SessionId, plan.UpTo, plan.IsCut);
            return new PullAnswer(spool);
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private async Task<PullPlan> Write(PullQuery query, Spool spool, CurrentUser user, CancellationToken ct)
    {
        using var writer = new ChangesWriter(tables, spool, user.Id);
        var plan = await database.Snapshot(async tx =>
        {
            var made = await PullPlan.Make(tx, tables, query, (user.Id, user.SessionId), time.NowMs());
            await writer.Write(tx, query, made);
            return made;
        }, ct);
        if (plan.PageStart is { } start)
            await database.Write(tx => Devices.KeepPage(tx, user.Id, user.SessionId, start, plan.UpTo).AsTask(), ct);
        return plan;
    }
}
