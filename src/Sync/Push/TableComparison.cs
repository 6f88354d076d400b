using Kontor.Foundation.Data;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Push;

/// <summary>What a push would do to one table, told before anything is done.</summary>
internal sealed class TableComparison
{
    private const string Merged = "merged";
    private const string Gone = "deleted";

    private readonly Dictionary<string, StoredRow> _stored = new(StringComparer.Ordinal);
    private readonly int _parentColumn;

    private sealed record StoredRow(long Version, bool IsDeleted, object?[] Values);

    private readonly bool _merges;

    private TableComparison(SyncedTable table, bool merges)
    {
        (Table, _merges) = (table, merges);
        _parentColumn = table.Shape.Columns.ToList().FindIndex(column => column.Name == table.Shape.Parent?.Column);
    }

    public SyncedTable Table { get; }

    /// <summary>Rows that the device changed without having seen what they are now.</summary>
    public List<RowConflict> Conflicts { get; } = [];

    /// <summary>They stand in the way of the whole push.</summary>
    public bool Refuses => Conflicts.Exists(conflict => conflict.Outcome is null);

    /// <summary>The versions of deletions among the conflicts that the device was told of earlier and did not keep.</summary>
    public List<long> OldDeletions { get; } = [];

    public List<PushedRow> Changed { get; } = [];

    public List<string> Deleted { get; } = [];

    public bool Writes => Changed.Count + Deleted.Count > 0;

    /// <param name="device">Up to which version it has seen everything, and whether conflicts are decided column by column instead of
    /// refusing the push.</param>
    public static async ValueTask<TableComparison> Make(
        Tx tx, string userId, PushedTable pushed, (long Known, bool Merges) device, long tombstoneFloor)
    {
        var (known, merges) = device;
        var comparison = new TableComparison(pushed.Table, merges);
        await comparison.ReadStored(tx, userId, [.. pushed.Rows.Select(row => row.Id), .. pushed.Deleted]);
        foreach (var row in pushed.Rows) comparison.Compare(row, known, tombstoneFloor);
        foreach (var id in pushed.Deleted) comparison.CompareDeletion(id, known);
        return comparison;
    }

    /// <summary>The rows that will be written and are there already.</summary>
    public string[] Replaced => [.. Changed.Select(row => row.Id).Where(_stored.ContainsKey), .. Deleted];

    /// <summary>The parent that the row has once it is written; null when its table has none.</summary>
    public string? ParentOf(PushedRow row)
    {
        if (_parentColumn < 0) return null;
        if (SyncedTable.Has(row.Present, _parentColumn)) return (string?)row.Values[_parentColumn];
        return _stored.GetValueOrDefault(row.Id) is { IsDeleted: false } stored ? (string?)stored.Values[_parentColumn] : null;
    }

    private void Compare(PushedRow row, long known, long tombstoneFloor)
    {
        if (_stored.GetValueOrDefault(row.Id) is not { } stored)
        {
            // It may have been deleted so long ago that the server forgot; a device that was away all the time must look before
            // it brings the row back.
            if (!row.IsCreated && known < tombstoneFloor) Conflicts.Add(new(Table.Name, row.Id));
            else Changed.Add(row);
        }
        else if (IsEqual(row, stored))
        {
            // Pushed before, and only the answer was lost.
        }
        else if (stored.Version > known)
        {
            if (_merges && !stored.IsDeleted) Merge(row, stored);
            else Conflicts.Add(new(Table.Name, row.Id, _merges ? Gone : null));
        }
        else if (stored.IsDeleted && !row.IsCreated)
        {
            Conflicts.Add(new(Table.Name, row.Id, _merges ? Gone : null));
            OldDeletions.Add(stored.Version);
        }
        else
        {
            Changed.Add(row);
        }
    }

    private void CompareDeletion(string id, long known)
    {
        // Unknown or deleted already: it is as the device wants it.
        if (_stored.GetValueOrDefault(id) is not { IsDeleted: false } stored) return;
        if (stored.Version > known) Conflicts.Add(new(Table.Name, id, _merges ? Gone : null));
        if (stored.Version <= known || _merges) Deleted.Add(id);
    }

    /// <summary>As the client itself would after a pull: what was changed on it wins, column by column.</summary>
    private void Merge(PushedRow row, StoredRow stored)
    {
        var (written, kept) = (new List<string>(), new List<string>());
        for (var i = 0; i < row.Values.Length; i++)
        {
            if (!SyncedTable.Has(row.Present, i) || Equals(row.Values[i], stored.Values[i])) continue;
            (SyncedTable.Has(row.Own, i) ? written : kept).Add(Table.Shape.Columns[i].Name);
        }

        Conflicts.Add(new(Table.Name, row.Id, Merged, written, kept));
        if (written.Count > 0) Changed.Add(row with { Present = row.Own });
    }

    private static bool IsEqual(PushedRow row, StoredRow stored)
    {
        if (stored.IsDeleted) return false;
        for (var i = 0; i < row.Values.Length; i++)
        {
            if (SyncedTable.Has(row.Present, i) && !Equals(row.Values[i], stored.Values[i])) return false;
        }

        return true;
    }

    private ValueTask ReadStored(Tx tx, string userId, string[] ids) => ids.Length == 0
        ? ValueTask.CompletedTask
        : tx.Scan(Table.SelectById, new { userId, ids }, row =>
        {
            var values = new object?[Table.Shape.Columns.Count];
            for (var i = 0; i < values.Length; i++) values[i] = Table.Read(row, i);
            _stored[row.GetString(0)] = new StoredRow(row.GetInt64(values.Length + 2), row.GetBoolean(1), values);
        });
}
