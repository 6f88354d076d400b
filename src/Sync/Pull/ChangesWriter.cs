using System.Data.Common;
using System.Text.Encodings.Web;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Sync.Shared;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Pull;

/// <summary>
/// Writes a pull's answer straight from the database's rows. Live rows are always under `updated`: whether a device has a row
/// already is its own knowledge, and a guess that a row is new to it would be wrong after a lost answer.
/// </summary>
internal sealed class ChangesWriter(Spool spool, string userId) : IDisposable
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

    public async Task Write(Tx tx, SyncTables tables, PullQuery query, PullPlan plan)
    {
        _json.WriteStartObject();
        _json.WriteStartObject(Changes);
        var shared = tables.Shared.Count == 0 ? plan : plan with
        {
            Since = await Marks.PlaceOf(tx, userId, plan.Since),
            UpTo = await Marks.PlaceOf(tx, userId, plan.UpTo),
        };
        foreach (var table in tables.Every)
        {
            BeginTable(table);
            await WriteRows(tx, table, query, table.Shape.Kind == SyncKind.Shared ? shared : plan);
            EndTable();
        }

        End(plan.UpTo, query.Limit is null ? null : plan.HasMore, plan.Replaces);
    }

    public void Dispose() => _json.Dispose();

    private async Task WriteRows(Tx tx, SyncedTable table, PullQuery query, PullPlan plan)
    {
        var args = new { userId, since = plan.Since, upTo = plan.UpTo };
        if (plan.LiveOnly && !plan.HasMore)
        {
            // All of it: without bounds the rows come in the order in which they are stored.
            await tx.Scan(table.SelectLive, new { userId }, row => WriteRow(table, row));
            return;
        }

        if (query.NewTables.Contains(table)) await tx.Scan(table.SelectLiveBetween, args with { since = 0 }, row => WriteRow(table, row));
        else await tx.Scan(plan.LiveOnly ? table.SelectLiveBetween : table.SelectChanged, args, row => WriteRow(table, row));
        if (query.NewColumns.TryGetValue(table, out var columns))
            await tx.Scan(table.SelectWithValues(columns), new { userId, since = plan.Since }, row => WriteRow(table, row));
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
