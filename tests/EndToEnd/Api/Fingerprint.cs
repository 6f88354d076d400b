using System.Security.Cryptography;
using System.Text;
using Kontor.Foundation.Data;

namespace Kontor.EndToEnd.Tests.Api;

/// <summary>A hash of everything that is stored, to prove that something changed nothing.</summary>
internal static class Fingerprint
{
    // What the server keeps up by itself: deliveries under way, when a session or a device was last seen, a provider last compared, and
    // what sources said last.
    private static readonly string[] Moving =
    [
        "foundation_deliveries", "accounts_sessions", "sync_devices", "shop_payment_providers", "home_kept",
    ];

    /// <summary>Once carts that an earlier test changed have been told of, which is done a few seconds later.</summary>
    public static async Task<Dictionary<string, string>> OfSettled(Database database)
    {
        while (await database.Read(tx => tx.First<bool>("SELECT EXISTS (SELECT 1 FROM shop_carts WHERE changed_at IS NOT NULL)").AsTask()))
            await Task.Delay(100);
        return await Of(database);
    }

    public static Task<Dictionary<string, string>> Of(Database database) => database.Snapshot(async tx =>
    {
        var tables = await tx.Query<string>(tx.Dialect.Name == "sqlite"
            ? "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            : "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename");
        var hashes = new Dictionary<string, string>();
        foreach (var table in tables.Except(Moving)) hashes[table] = await HashOf(tx, table);
        return hashes;
    });

    private static async Task<string> HashOf(Tx tx, string table)
    {
        var rows = new List<string>();
        await tx.Scan($"SELECT * FROM {table}", null, row =>
        {
            var values = new object[row.FieldCount];
            row.GetValues(values);
            rows.Add(string.Join('|', values));
        });
        rows.Sort(StringComparer.Ordinal);
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows))));
    }
}
