using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Sync.Shared;
using Kontor.Sync.Status;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Pull;

/// <summary>Reads what a pull answers. Most pulls find nothing, and cost one read of one row.</summary>
internal sealed class PullReader(Database database, SyncTables tables, Marks marks, Devices devices, TimeProvider time)
{
    /// <summary>Null when there is something new.</summary>
    public async Task<PullAnswer?> Nothing(PullQuery query, CurrentUser user, CancellationToken ct)
    {
        var position = await database.Read(tx => marks.Look(tx, user.Id, query.Since).AsTask(), ct);
        if (PullPlan.IsUpToDate(query, position, time.NowMs()))
        {
            devices.Pulled(user.Id, user.SessionId, query.Since);
            return PullAnswer.Nothing(tables, query.Since, query.Limit is not null);
        }

        if (position.Marked < position.Shared) await database.Write(tx => marks.Add(tx, user.Id), ct);
        return null;
    }

    public async Task<PullAnswer> Changes(PullQuery query, CurrentUser user, CancellationToken ct)
    {
        var spool = new Spool();
        try
        {
            var timestamp = await Write(query, spool, user, ct);
            devices.Pulled(user.Id, user.SessionId, timestamp);
            return new PullAnswer(spool);
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private async Task<long> Write(PullQuery query, Spool spool, CurrentUser user, CancellationToken ct)
    {
        using var writer = new ChangesWriter(spool, user.Id);
        var plan = await database.Snapshot(async tx =>
        {
            var made = await PullPlan.Make(tx, tables, query, (user.Id, user.SessionId), time.NowMs());
            await writer.Write(tx, tables, query, made);
            return made;
        }, ct);
        if (plan.PageStart is { } start)
            await database.Write(tx => Devices.KeepPage(tx, user.Id, user.SessionId, start, plan.UpTo).AsTask(), ct);
        return plan.UpTo;
    }
}
