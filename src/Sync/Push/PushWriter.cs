using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Sync.History;
using Kontor.Sync.Quarantine;
using Kontor.Sync.Status;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Push;

/// <summary>
/// The push's transaction: the user's counter is drawn and held, everything is compared, and only then written. Other writers
/// of this user wait meanwhile, so what was compared is still so when it is written, and versions become visible in their
/// order.
/// </summary>
internal sealed class PushWriter(Database database, SyncTables tables, Versions versions, Devices devices, TimeProvider time)
{
    internal static readonly Problem Conflict = new(409, "sync-conflict", "Rows changed since the last pull. Pull, then push again.");

    private static readonly JsonWriterOptions JsonOptions = new()
    {
        SkipValidation = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private sealed record Verdict(Problem? Problem, IReadOnlyList<TableComparison> Compared) : IOutcome
    {
        public IReadOnlyList<RowConflict> Conflicts => [.. Compared.SelectMany(table => table.Conflicts)];

        public IReadOnlyList<RowConflict> Refused => [.. Conflicts.Where(conflict => conflict.Outcome is null)];
    }

    /// <param name="pusher">Whose push it is, from which device, and whether conflicts are merged.</param>
    /// <returns>The conflicts that were merged.</returns>
    public async Task<Outcome<IReadOnlyList<RowConflict>>> Write(
        (string UserId, string Device, bool Merges) pusher, PushedChanges push, long lastPulledAt, CancellationToken ct)
    {
        var verdict = await database.Write(tx => Write(tx, pusher, push, lastPulledAt), ct);
        if (verdict.Problem is null) return new(verdict.Conflicts, null);
        var (userId, device, _) = pusher;
        await database.Write(
            async tx =>
            {
                // The device pulled past these deletions and still has the rows: without a newer version it would push and be refused for
                // ever.
                if (verdict.Compared.Any(table => table.OldDeletions.Count > 0))
                    await Resend(tx, userId, (await versions.Lock(tx, userId)).Version, verdict.Compared);
                var refused = verdict.Refused.Select(conflict => conflict with { Outcome = "refused" });
                await ConflictLog.Add(tx, userId, device, refused, time.NowMs());
            }, ct);
        return verdict.Problem;
    }

    private async Task<Verdict> Write(
        Tx tx, (string UserId, string Device, bool Merges) pusher, PushedChanges push, long lastPulledAt)
    {
        var (userId, device, merges) = pusher;
        var counter = await versions.Lock(tx, userId);
        // A device that knows the future is taken to know nothing: it must not overwrite what it has not seen.
        var known = lastPulledAt <= counter.Version ? lastPulledAt : 0;
        var compared = new List<TableComparison>();
        foreach (var table in push.Tables)
            compared.Add(await TableComparison.Make(tx, userId, table, (known, merges), counter.TombstoneFloor));
        var verdict = new Verdict(null, compared);
        if (compared.Any(table => table.Refuses)) return verdict with { Problem = Conflict.With("conflicts", verdict.Refused) };
        await devices.Pushed(tx, userId, device, counter.Version);
        if (counter.HasQuarantine)
        {
            foreach (var table in push.Tables) await QuarantinedRows.Release(tx, userId, table);
        }

        await QuarantinedRows.Add(tx, userId, device, push.Rejected, time.NowMs());
        await ConflictLog.Add(tx, userId, device, verdict.Conflicts, time.NowMs());
        if (compared.Any(table => table.Writes)) await Apply(tx, (userId, device), compared, counter.Version);
        if (compared.Any(table => table.OldDeletions.Count > 0)) await Resend(tx, userId, counter.Version, compared);
        return verdict;
    }

    /// <summary>
    /// Parents first: a row whose parent this push deletes is deleted with it, whether it is older or pushed together with that.
    /// </summary>
    private async Task Apply(Tx tx, (string UserId, string Device) by, List<TableComparison> compared, long version)
    {
        var userId = by.UserId;
        var deletedIn = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var table in tables.All)
        {
            var comparison = compared.Find(one => one.Table == table);
            var orphaned = table.Shape.Parent is { } parent ? deletedIn[parent.Table] : [];
            var deleted = deletedIn[table.Name] = new HashSet<string>(StringComparer.Ordinal);
            await RowHistory.Keep(tx, table, by, comparison?.Replaced ?? [], version);
            await RowHistory.KeepChildren(tx, table, by, [.. orphaned], version);
            foreach (var group in comparison?.Changed.GroupBy(row => row.Present) ?? [])
            {
                var rows = Json(table, group, row => comparison!.ParentOf(row) is { } id && orphaned.Contains(id), deleted);
                await tx.Execute(table.Upsert(group.Key), new { userId, version, rows });
            }

            var ids = comparison?.Deleted.ToArray() ?? [];
            if (ids.Length > 0) deleted.UnionWith(await tx.Query<string>(table.Delete, new { userId, version, ids }));
            ids = [.. orphaned];
            if (ids.Length > 0) deleted.UnionWith(await tx.Query<string>(table.DeleteChildren, new { userId, version, ids }));
            if (comparison?.Changed.Count > 0 || deleted.Count > 0) await table.Product.Changed(tx, userId);
        }

        Versions.Tell(tx, userId, version);
    }

    /// <summary>
    /// These deletions travel again. What was deleted together shares a version, by which it also comes back together, so all of it moves,
    /// and each deletion to a version of its own, later than the drawn one.
    /// </summary>
    private async Task Resend(Tx tx, string userId, long version, IReadOnlyList<TableComparison> compared)
    {
        var moves = compared.SelectMany(table => table.OldDeletions).Distinct().Order()
            .Select((deleted, i) => new { deleted, moved = version + 1 + i }).ToList();
        var args = new { userId, moves = JsonSerializer.Serialize(moves) };
        foreach (var table in tables.All.Where(table => table.Shape.Kind == SyncKind.TwoWay))
        {
            string[] ids = [.. await tx.Query<string>(table.Resend, args)];
            if (ids.Length > 0) await tx.Execute(table.History.MoveDeletions, new { args.userId, args.moves, ids });
        }

        var last = moves[^1].moved;
        await tx.Execute("UPDATE sync_users SET version = @last WHERE user_id = @userId", new { userId, last });
        Versions.Tell(tx, userId, last);
    }

    private static string Json(SyncedTable table, IGrouping<ulong, PushedRow> rows, Func<PushedRow, bool> isOrphan, HashSet<string> deleted)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonOptions))
        {
            json.WriteStartArray();
            foreach (var row in rows)
            {
                var orphan = isOrphan(row);
                if (orphan) deleted.Add(row.Id);
                json.WriteStartObject();
                json.WriteString("id", row.Id);
                json.WriteBoolean("is_deleted", orphan);
                for (var i = 0; i < row.Values.Length; i++)
                {
                    if (SyncedTable.Has(rows.Key, i)) Write(json, table.EncodedColumns[i], row.Values[i]);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void Write(Utf8JsonWriter json, JsonEncodedText name, object? value)
    {
        switch (value)
        {
            case string text:
                json.WriteString(name, text);
                break;
            case long number:
                json.WriteNumber(name, number);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            default:
                json.WriteNull(name);
                break;
        }
    }
}
