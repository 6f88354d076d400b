using System.Text;
using System.Text.RegularExpressions;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Sync.Shared;

namespace Kontor.Sync.Tables;

/// <summary>Where a user is.</summary>
/// <param name="Version">The newest version of their rows.</param>
/// <param name="TombstoneFloor">Deletions up to this version may have been forgotten.</param>
/// <param name="ReplaceBelow">From below this version the device gets everything again.</param>
/// <param name="Own">The version of the last row of a page over the user's tables; null when fewer rows are left.</param>
/// <param name="Shared">The version at which a device has a page of shared rows; null likewise.</param>
/// <param name="HasUnmarked">There are shared changes without a mark.</param>
internal sealed record Stand(long Version, long TombstoneFloor, long ReplaceBelow, long? Own, long? Shared, bool HasUnmarked);

/// <summary>What the products sync, parents before children. Read once; a shape that cannot work stops the start.</summary>
internal sealed partial class SyncTables
{
    /// <summary>
    /// The names that the phone's schema gives to what only the server writes: a push with rows for one of them is told so, instead of that
    /// the table is unknown.
    /// </summary>
    private static readonly IReadOnlySet<string> ReadOnly = new HashSet<string>(["products", "orders", "order_items", "home_widgets"]);

    private readonly Dictionary<string, SyncedTable> _byName;

    public SyncTables(IEnumerable<ISyncTable> products, Database database)
    {
        var shapes = products.ToDictionary(product => product.Shape.Name, StringComparer.Ordinal);
        foreach (var product in shapes.Values) Check(product.Shape, shapes);
        _byName = shapes.ToDictionary(
            pair => pair.Key,
            pair => new SyncedTable(pair.Value, database.Dialect, ParentOf(pair.Value.Shape, shapes)),
            StringComparer.Ordinal);
        Every = [.. _byName.Values.OrderBy(table => Depth(table.Shape, shapes)).ThenBy(table => table.Name, StringComparer.Ordinal)];
        All = [.. Every.Where(table => !table.IsShared)];
        Shared = [.. Every.Where(table => table.IsShared)];
        const string Empty = """{"created":[],"updated":[],"deleted":[]}""";
        Nothing = Encoding.UTF8.GetBytes(
            $$"""{"changes":{{{string.Join(',', Every.Select(table => $"\"{table.Name}\":{Empty}"))}}},"timestamp":""");
        SelectStand = StandWith("CAST(NULL AS bigint) AS own, CAST(NULL AS bigint) AS shared, false AS has_unmarked");
        SelectPageStand = StandWith($"""
            ({EndOf(All, "@since")}) AS own, (
                SELECT MIN(p.version) FROM sync_marks p
                WHERE p.user_id = @userId AND p.version > @since AND p.shared_version >= (
                    {EndOf(Shared, Marks.Place("@since"))})) AS shared, {Marks.HasUnmarked} AS has_unmarked
            """);
        SelectSharedEnd = EndOf(Shared, "@since");
    }

    /// <summary>Those whose rows are a user's.</summary>
    public IReadOnlyList<SyncedTable> All { get; }

    /// <summary>Those whose rows everybody has.</summary>
    public IReadOnlyList<SyncedTable> Shared { get; }

    /// <summary>All of both.</summary>
    public IReadOnlyList<SyncedTable> Every { get; }

    /// <summary>The bytes of a pull's answer that has nothing, up to its timestamp.</summary>
    public byte[] Nothing { get; }

    /// <summary>Where a user is, and what `device` was told by <see cref="Status.Devices.Replace"/>: a <see cref="Stand"/>.</summary>
    public string SelectStand { get; }

    /// <summary>Likewise, with where a page of `limit` rows after the timestamp `since` ends.</summary>
    public string SelectPageStand { get; }

    /// <summary>The shared version of the `limit`th change after the shared version `since`; nothing when there are fewer.</summary>
    public string SelectSharedEnd { get; }

    /// <summary>Only the server writes it, whether a product brings it here or not.</summary>
    public bool IsReadOnly(string name) => Find(name) is { } table ? table.Shape.Kind != SyncKind.TwoWay : ReadOnly.Contains(name);

    public SyncedTable? Find(string name) => _byName.GetValueOrDefault(name);

    private static string StandWith(string ends) => $"""
        SELECT COALESCE(u.version, {Counter.Start.Version}) AS version, COALESCE(u.tombstone_floor, 0) AS tombstone_floor,
            COALESCE((SELECT d.replace_below FROM sync_devices d WHERE d.user_id = @userId AND d.device = @device), 0) AS replace_below,
            {ends}
        FROM sync_shared s LEFT JOIN sync_users u ON u.user_id = @userId
        WHERE s.only_row = 1
        """;

    private static string EndOf(IReadOnlyList<SyncedTable> tables, string since) => tables.Count == 0
        ? "SELECT CAST(NULL AS bigint)"
        : $"""
        {string.Join("\nUNION ALL\n", tables.Select(table => table.SelectVersions(since)))}
        ORDER BY version
        LIMIT 1 OFFSET @limit - 1
        """;

    private static void Check(SyncTable shape, Dictionary<string, ISyncTable> shapes)
    {
        string[] names = [shape.Name, shape.SqlTable, .. shape.Columns.Select(column => column.Name)];
        foreach (var name in names)
        {
            // Names stand in SQL texts as they are.
            if (!Identifier().IsMatch(name))
                throw new InvalidOperationException($"'{name}' of sync table {shape.Name} is not a plain name.");
        }

        if (shape.Columns.Count is 0 or > SyncedTable.ColumnsMax)
            throw new InvalidOperationException($"Sync table {shape.Name} has no column, or more than {SyncedTable.ColumnsMax}.");
        if (shape.Parent is not { } parent) return;
        if (!shapes.ContainsKey(parent.Table))
            throw new InvalidOperationException($"{shape.Name}'s parent {parent.Table} is not a sync table.");
        if (!shape.Columns.Any(column => column.Name == parent.Column && column.Type == SyncType.Text))
            throw new InvalidOperationException($"{shape.Name} has no text column {parent.Column}, which is to name its parent.");
    }

    private static string? ParentOf(SyncTable shape, Dictionary<string, ISyncTable> shapes) =>
        shape.Parent is { } parent ? shapes[parent.Table].Shape.SqlTable : null;

    private static int Depth(SyncTable shape, Dictionary<string, ISyncTable> shapes)
    {
        var depth = 0;
        for (var above = shape.Parent; above is not null; above = shapes[above.Table].Shape.Parent)
        {
            if (++depth > shapes.Count) throw new InvalidOperationException($"{shape.Name} is its own ancestor.");
        }

        return depth;
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,62}$")]
    private static partial Regex Identifier();
}
