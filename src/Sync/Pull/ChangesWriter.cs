using System.Data.Common;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Pull;

/// <summary>
/// Writes a pull's answer straight from the database's rows. Live rows are always under `updated`: whether a device has a row
/// already is its own knowledge, and a guess that a row is new to it would be wrong after a lost answer.
/// </summary>
internal sealed class ChangesWriter(SyncTables tables, Spool spool, string userId) : IDisposable
{
    private static readonly JsonEncodedText Changes = JsonEncodedText.Encode("changes");
    private static readonly JsonEncodedText Created = JsonEncodedText.Encode("created");
    private static readonly JsonEncodedText Updated = JsonEncodedText.Encode("updated");
    private static readonly JsonEncodedText Deleted = JsonEncodedText.Encode("deleted");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");

    // Validation would cost a tenth of the time, and the structure is fixed. Nothing here is put into HTML.
    private readonly Utf8JsonWriter _json = new(
        spool, new JsonWriterOptions { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    private readonly List<string> _deleted = [];

    /// <summary>The table whose rows are being written, by its place in <see cref="SyncTables.Every"/>.</summary>
    private int _open = -1;

    /// <summary>Reads the last of a snapshot.</summary>
    public async Task Write(Tx tx, PullQuery query, PullPlan plan)
    {
        _json.WriteStartObject();
        _json.WriteStartObject(Changes);
        var reads = tables.Every
            .SelectMany((table, place) => Reads(table, query, plan).Select(read => (place, read.Sql, read.Args)))
            .ToList();
        await tx.ScanEach([.. reads.Select(read => (read.Sql, (object?)read.Args))], (read, row) =>
        {
            MoveTo(reads[read].place);
            WriteRow(tables.Every[_open], row);
        }, isLast: true);
        MoveTo(tables.Every.Count);
        End(plan.UpTo, query.Limit is null ? null : plan.HasMore, plan.Replaces);
    }

    public void Dispose() => _json.Dispose();

    /// <summary>What is read of a table: most often one statement.</summary>
    private IEnumerable<(string Sql, object Args)> Reads(SyncedTable table, PullQuery query, PullPlan plan)
    {
        var args = new { userId, since = plan.Since, upTo = plan.UpTo };
        if (plan.LiveOnly && !plan.HasMore)
        {
            // All of it: without bounds the rows come in the order in which they are stored.
            yield return (table.SelectLive, args);
            yield break;
        }

        if (query.NewTables.Contains(table)) yield return (table.SelectLiveBetween, args with { since = 0 });
        else yield return (plan.LiveOnly ? table.SelectLiveBetween : table.SelectChanged, args);
        if (query.NewColumns.TryGetValue(table, out var columns)) yield return (table.SelectWithValues(columns), args);
    }

    /// <summary>Ends what is open and begins the table at a place. Those in between have no rows, and are there too.</summary>
    private void MoveTo(int place)
    {
        while (_open < place)
        {
            if (_open >= 0) EndTable();
            if (++_open < tables.Every.Count) BeginTable(tables.Every[_open]);
        }
    }

    private void WriteRow(SyncedTable table, DbDataReader row)
    {
        if (row.GetBoolean(1))
        {
            _deleted.Add(row.GetString(0));
            return;
        }

        _json.WriteStartObject();
        _json.WriteString(Id, row.GetString(0));
        var columns = table.PulledColumns;
        for (var i = 0; i < columns.Length; i++)
        {
            var (name, type, nullable) = columns[i];
            if (nullable && row.IsDBNull(i + 2)) _json.WriteNull(name);
            else if (type == SyncType.Text) _json.WriteString(name, row.GetString(i + 2));
            else if (type == SyncType.Number) _json.WriteNumber(name, row.GetInt64(i + 2));
            else _json.WriteBoolean(name, row.GetBoolean(i + 2));
        }

        _json.WriteEndObject();
    }

    private void BeginTable(SyncedTable table)
    {
        _json.WriteStartObject(table.EncodedName);
        _json.WriteStartArray(Created);
        _json.WriteEndArray();
        _json.WriteStartArray(Updated);
    }

    private void EndTable()
    {
        _json.WriteEndArray();
        _json.WriteStartArray(Deleted);
        foreach (var id in _deleted) _json.WriteStringValue(id);
        _deleted.Clear();
        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    private void End(long timestamp, bool? hasMore, bool replaces)
    {
        _json.WriteEndObject();
        _json.WriteNumber("timestamp", timestamp);
        if (hasMore is { } more) _json.WriteBoolean("has_more", more);
        if (replaces) _json.WriteString("experimentalStrategy", "replacement");
        _json.WriteEndObject();
        _json.Flush();
    }
}
