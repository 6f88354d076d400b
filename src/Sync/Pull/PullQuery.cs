using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Seams;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Http;

namespace Kontor.Sync.Pull;

/// <summary>What a device says that it has.</summary>
/// <param name="Since">The version up to which it has everything; 0 when it has nothing.</param>
/// <param name="Limit">About how many rows it wants at once; null for all.</param>
/// <param name="NewTables">Tables that it did not know when it pulled up to <paramref name="Since"/>.</param>
/// <param name="NewColumns">Likewise, by table.</param>
internal sealed record PullQuery(
    long Since, int? Limit, IReadOnlySet<SyncedTable> NewTables, IReadOnlyDictionary<SyncedTable, IReadOnlyList<SyncColumn>> NewColumns)
{
    /// <summary>JavaScript's largest safe integer: timestamps pass through its numbers.</summary>
    public const long VersionMax = (1L << 53) - 1;

    private const int LimitMax = 10_000;

    /// <summary>Shorter than what proxies and phones' networks close for silence.</summary>
    private const int WaitSecondsMax = 25;

    private static readonly Problem Invalid = new(400, "invalid-request", "The request could not be read.");

    /// <summary>How long the answer may wait for something new, 0 to <see cref="WaitSecondsMax"/>.</summary>
    public int WaitSeconds { get; private init; }

    public bool Migrates => NewTables.Count + NewColumns.Count > 0;

    public static Outcome<PullQuery> Read(SyncTables tables, IQueryCollection asked) =>
        Read(tables, asked["last_pulled_at"], asked["schema_version"], asked["migration"], asked["limit"], asked["wait"]);

    public static Outcome<PullQuery> Read(
        SyncTables tables, string? lastPulledAt, string? schemaVersion, string? migration, string? limit, string? wait)
    {
        if (!TryReadTimestamp(lastPulledAt, out var since)) return Bad("last_pulled_at", "This is null, or a timestamp that a pull gave.");
        if (!TryReadCount(schemaVersion, out _)) return Bad("schema_version", "This is a whole number from 1.");
        if (!TryReadCount(limit, out var rows)) return Bad("limit", "This is a whole number from 1.");
        if (!TryReadCount(wait, out var seconds)) return Bad("wait", "This is a whole number of seconds from 1.");
        var query = new PullQuery(
            since,
            rows is { } asked ? Math.Min(asked, LimitMax) : null,
            FrozenSet<SyncedTable>.Empty,
            FrozenDictionary<SyncedTable, IReadOnlyList<SyncColumn>>.Empty)
        {
            WaitSeconds = Math.Min(seconds ?? 0, WaitSecondsMax),
        };
        // A device that has nothing gets everything anyway.
        if (!IsGiven(migration) || since == 0) return query;
        return ReadMigration(tables, migration!, query) is { } read
            ? read
            : Bad("migration", "This is null, or what the client's synchronize() passes to pullChanges.");
    }

    /// <summary>Nothing, `null` and 0 are 0, the first sync. False for what no pull ever gave.</summary>
    public static bool TryReadTimestamp(string? text, out long timestamp)
    {
        timestamp = 0;
        return !IsGiven(text)
            || (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out timestamp) && timestamp <= VersionMax);
    }

    public static Problem Bad(string field, string message) =>
        Invalid.With("errors", new Dictionary<string, string[]> { [field] = [message] });

    private static bool TryReadCount(string? text, out int? count)
    {
        count = null;
        if (!IsGiven(text)) return true;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0) return false;
        count = number;
        return true;
    }

    private static bool IsGiven(string? text) => text is not (null or "" or "null");

    /// <summary>Null when it has another structure. Tables and columns that the server does not sync are the device's own.</summary>
    private static PullQuery? ReadMigration(SyncTables tables, string text, PullQuery query)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var newTables = new HashSet<SyncedTable>();
            var newColumns = new Dictionary<SyncedTable, IReadOnlyList<SyncColumn>>();
            foreach (var name in Items(document.RootElement, "tables"))
            {
                if (tables.Find(name.GetString()!) is { } table) newTables.Add(table);
            }

            foreach (var entry in Items(document.RootElement, "columns"))
            {
                if (tables.Find(entry.GetProperty("table").GetString()!) is not { } table || newTables.Contains(table)) continue;
                var names = Items(entry, "columns").Select(name => name.GetString()).ToHashSet(StringComparer.Ordinal);
                var columns = table.Shape.Columns.Where(column => names.Contains(column.Name)).ToList();
                if (columns.Count > 0) newColumns[table] = columns;
            }

            return query with { NewTables = newTables, NewColumns = newColumns };
        }
        catch (Exception exception) when (
            exception is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentNullException)
        {
            // The reader's ways to say that a value is not what was asked for.
            return null;
        }
    }

    private static IEnumerable<JsonElement> Items(JsonElement element, string property) =>
        element.TryGetProperty(property, out var list) && list.ValueKind != JsonValueKind.Null ? list.EnumerateArray() : [];
}
