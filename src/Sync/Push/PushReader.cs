using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Foundation;
using Kontor.Foundation.Seams;
using Kontor.Sync.Pull;
using Kontor.Sync.Quarantine;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Push;

/// <summary>
/// Reads a push's body, `{changes, lastPulledAt}` or the changes alone. Structure is refused when it is wrong; a value of the
/// wrong type is repaired as the client's own sanitizer does (<see cref="Repair"/>); a row that is neither, because the client
/// may well hold it and the server will not, is rejected by itself.
/// </summary>
internal sealed partial class PushReader(SyncTables tables)
{
    /// <summary>
    /// Characters in one text of a row. A phone may have pasted a whole book; its other rows must not wait for that one, so
    /// such a row is rejected, not the push.
    /// </summary>
    public const int TextMax = 1_000_000;

    private const int IdMax = 64;

    private static readonly Problem Invalid = new(422, "sync-invalid", "The pushed changes do not have the form of WatermelonDB's.");
    private static readonly Problem ReadOnlyTable = new(403, "read-only-table", "Only the server writes this table.");

    public Outcome<PushedChanges> Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) return Wrong("The body is not an object.");
        long? lastPulledAt = null;
        var changes = body;
        if (body.TryGetProperty("changes", out var wrapped))
        {
            if (!TryReadTimestamp(body, out lastPulledAt))
                return PullQuery.Bad("lastPulledAt", "This is null, or a timestamp that a pull gave.");
            changes = wrapped;
        }

        if (changes.ValueKind != JsonValueKind.Object) return Wrong("The changes are not an object.");
        var pushed = new Dictionary<SyncedTable, PushedTable>();
        var rejected = new List<RejectedRow>();
        string? unknown = null;
        foreach (var property in changes.EnumerateObject())
        {
            if (tables.IsReadOnly(property.Name))
            {
                // The client names all its tables, also those in which it changed nothing.
                if (!IsEmpty(property.Value)) return ReadOnlyTable.With("table", property.Name);
                continue;
            }

            if (tables.Find(property.Name) is not { } table)
            {
                // Likewise: an app that is ahead of the server must be able to push what is in the tables that both know.
                unknown ??= property.Name;
                if (IsEmpty(property.Value)) continue;
                return NoSuchTable(property.Name);
            }

            var (read, problem) = ReadTable(table, property.Value, rejected);
            if (problem is not null) return problem;
            pushed[table] = read!;
        }

        if (unknown is not null && pushed.Count == 0) return NoSuchTable(unknown);
        return new PushedChanges(lastPulledAt, [.. tables.All.Where(pushed.ContainsKey).Select(table => pushed[table])], rejected);
    }

    private static Outcome<PushedTable> ReadTable(SyncedTable table, JsonElement changes, List<RejectedRow> rejected)
    {
        if (changes.ValueKind != JsonValueKind.Object) return Wrong("A table's changes are an object.", table.Name);
        var rows = new List<PushedRow>();
        var deleted = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var list in changes.EnumerateObject())
        {
            if (list.Name is not ("created" or "updated" or "deleted"))
                return Wrong("There are created, updated and deleted, and nothing else.", table.Name);
            if (list.Value.ValueKind != JsonValueKind.Array) return Wrong($"What was {list.Name} is a list.", table.Name);
            var index = -1;
            foreach (var item in list.Value.EnumerateArray())
            {
                index++;
                var place = $"{list.Name}[{index}]";
                if (list.Name != "deleted" && item.ValueKind != JsonValueKind.Object)
                    return Wrong("A row is an object.", table.Name, place);
                if (!TryReadId(list.Name == "deleted" ? item : IdOf(item), out var id))
                    return Wrong("An id has 1 to 64 letters, digits, dots, dashes and underscores.", table.Name, place, "id");
                if (!seen.Add(id)) return Wrong("A row is pushed once.", table.Name, id, "id");
                if (list.Name == "deleted")
                {
                    deleted.Add(id);
                    continue;
                }

                var row = ReadRow(table, item, id, isCreated: list.Name == "created");
                if (Objection(table, row) is { } rejection) rejected.Add(rejection);
                else rows.Add(row);
            }
        }

        return new PushedTable(table, rows, deleted);
    }

    /// <summary>Columns that the table does not have are the device's own.</summary>
    private static PushedRow ReadRow(SyncedTable table, JsonElement row, string id, bool isCreated)
    {
        var columns = table.Shape.Columns;
        var values = new object?[columns.Count];
        var present = 0UL;
        for (var i = 0; i < columns.Count; i++)
        {
            if (!row.TryGetProperty(columns[i].Name, out var value)) continue;
            present |= 1UL << i;
            values[i] = Repair.Value(value, columns[i]);
        }

        return new PushedRow(id, isCreated, present, present & Own(columns, row), values);
    }

    /// <summary>The client's list of the columns that were changed on it: their names with commas between.</summary>
    private static ulong Own(IReadOnlyList<SyncColumn> columns, JsonElement row)
    {
        if (!row.TryGetProperty("_changed", out var changed) || changed.ValueKind != JsonValueKind.String) return 0;
        var names = changed.GetString()!.Split(',').ToHashSet(StringComparer.Ordinal);
        var own = 0UL;
        for (var i = 0; i < columns.Count; i++)
        {
            if (names.Contains(columns[i].Name)) own |= 1UL << i;
        }

        return own;
    }

    /// <summary>
    /// Null for a row that can be taken. What names a parent is in an index, which on PostgreSQL takes no long text, and no id is longer.
    /// </summary>
    private static RejectedRow? Objection(SyncedTable table, PushedRow row)
    {
        for (var i = 0; i < row.Values.Length; i++)
        {
            if (row.Values[i] is not string text) continue;
            var column = table.Shape.Columns[i].Name;
            if (text.Length > TextMax) return new RejectedRow(table, row, column, QuarantineReason.TextTooLong);
            if (text.Length > IdMax && table.Shape.Parent?.Column == column)
                return new RejectedRow(table, row, column, QuarantineReason.ParentTooLong);
        }

        return null;
    }

    private static bool TryReadId(JsonElement? value, out string id)
    {
        id = value is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
        return Id().IsMatch(id);
    }

    private static JsonElement? IdOf(JsonElement row) => row.TryGetProperty("id", out var id) ? id : null;

    private static bool TryReadTimestamp(JsonElement body, out long? timestamp)
    {
        timestamp = null;
        if (!body.TryGetProperty("lastPulledAt", out var value) || value.ValueKind == JsonValueKind.Null) return true;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number)) return false;
        if (number is < 0 or > PullQuery.VersionMax) return false;
        timestamp = number;
        return true;
    }

    private static bool IsEmpty(JsonElement changes) => changes.ValueKind == JsonValueKind.Object
        && changes.EnumerateObject().All(list => list.Value.ValueKind == JsonValueKind.Array && list.Value.GetArrayLength() == 0);

    private static Problem NoSuchTable(string name) => Wrong("There is no such table.", name);

    /// <summary>Names the table, the row (its id, or its place in the list) and the column, as far as they are known.</summary>
    private static Problem Wrong(string why, string? table = null, string? row = null, string? column = null)
    {
        var path = string.Join('.', new[] { "changes", table, row, column }.Where(part => part is not null));
        return Invalid.Because($"{path}: {why}").With("table", table).With("row", row).With("column", column)
            .With("errors", new Dictionary<string, string[]> { [path] = [why] });
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,64}\\z")]
    private static partial Regex Id();
}
