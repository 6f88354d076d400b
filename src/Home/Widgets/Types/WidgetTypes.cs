using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Home.Widgets.Types;

/// <summary>The types that this installation knows: those of the build, kept in a table so that others can join them.</summary>
internal sealed partial class WidgetTypes(TimeProvider time)
{
    public const int TypesMax = 500;

    private const string Columns = "key, version, schema, contract, is_built_in";

    // Compiling patterns takes milliseconds; the same text is compiled once.
    private readonly ConcurrentDictionary<string, JsonSchema> _compiled = new(StringComparer.Ordinal);

    private sealed record Row(string Key, long Version, string Schema, string Contract, bool IsBuiltIn);

    /// <summary>
    /// Writes the build's types. A repaired schema of the same version replaces the earlier one; limits, examples and fallback are an
    /// admin's, once there are any.
    /// </summary>
    public async Task Install(Tx tx)
    {
        foreach (var type in Embedded())
        {
            Compile(type.Schema);
            await tx.Execute("""
                INSERT INTO home_types (key, version, schema, contract, is_built_in, created_at, updated_at)
                VALUES (@key, @version, @schema, @contract, true, @now, @now)
                ON CONFLICT (key, version) DO UPDATE
                SET schema = excluded.schema, updated_at = excluded.updated_at,
                    contract = CASE WHEN home_types.contract = '{}' THEN excluded.contract ELSE home_types.contract END
                WHERE home_types.is_built_in = true
                  AND (home_types.schema <> excluded.schema OR (home_types.contract = '{}' AND excluded.contract <> '{}'))
                """, new { key = type.Key, version = type.Version, schema = type.Schema, contract = type.Contract, now = time.NowMs() });
        }
    }

    public async Task<List<WidgetType>> All(Tx tx)
    {
        var rows = await tx.Query<Row>($"SELECT {Columns} FROM home_types ORDER BY key, version LIMIT {TypesMax}");
        return [.. rows.Select(Compiled)];
    }

    /// <summary>Null when there is no such type.</summary>
    public async Task<WidgetType?> Find(Tx tx, TypeName name)
    {
        var row = await tx.First<Row>($"""
            SELECT {Columns}
            FROM home_types
            WHERE key = @key AND version = @version
            """, new { key = name.Key, version = name.Version });
        return row is null ? null : Compiled(row);
    }

    /// <returns>False when there is a type of this name and version.</returns>
    public async Task<bool> Add(Tx tx, TypeName name, string schema, TypeContract contract) => await tx.Execute("""
        INSERT INTO home_types (key, version, schema, contract, is_built_in, created_at, updated_at)
        VALUES (@key, @version, @schema, @contract, false, @now, @now)
        ON CONFLICT (key, version) DO NOTHING
        """, new { key = name.Key, version = name.Version, schema, contract = Json(contract), now = time.NowMs() }) > 0;

    public ValueTask<int> Change(Tx tx, TypeName name, string schema, TypeContract contract) => tx.Execute("""
        UPDATE home_types SET schema = @schema, contract = @contract, updated_at = @now
        WHERE key = @key AND version = @version
        """, new { key = name.Key, version = name.Version, schema, contract = Json(contract), now = time.NowMs() });

    public static ValueTask<int> Remove(Tx tx, TypeName name) => tx.Execute(
        "DELETE FROM home_types WHERE key = @key AND version = @version", new { key = name.Key, version = name.Version });

    /// <summary>The keys of widgets of this type, archived ones too: they can come back.</summary>
    public static ValueTask<List<string>> Users(Tx tx, TypeName name, int limit) => tx.Query<string>("""
        SELECT key FROM home_widgets
        WHERE type = @key AND type_version = @version
        ORDER BY key
        LIMIT @limit
        """, new { key = name.Key, version = name.Version, limit = (long)limit });

    private WidgetType Compiled(Row row) => new(
        new(row.Key, row.Version), Compile(row.Schema), row.Schema,
        JsonSerializer.Deserialize<TypeContract>(row.Contract, TypeContract.Json)!, row.IsBuiltIn);

    private JsonSchema Compile(string schema)
    {
        // Those that were tried and thrown away are not kept for ever.
        if (_compiled.Count > 2 * TypesMax) _compiled.Clear();
        return _compiled.GetOrAdd(schema, JsonSchema.Parse);
    }

    private static string Json(TypeContract contract) => JsonSerializer.Serialize(contract, TypeContract.Json);

    private static IEnumerable<Row> Embedded()
    {
        var assembly = typeof(WidgetTypes).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            var file = FileName().Match(resource);
            if (!file.Success) continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            using var besides = assembly.GetManifestResourceStream(
                resource.Replace(".schema.json", ".contract.json", StringComparison.Ordinal));
            using var contract = besides is null ? null : new StreamReader(besides);
            var version = file.Groups["version"] is { Success: true, Value: var text }
                ? long.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
                : 1;
            yield return new(
                file.Groups["key"].Value, version, reader.ReadToEnd().ReplaceLineEndings("\n"), contract?.ReadToEnd() ?? "{}", true);
        }
    }

    /// <summary>`hero.schema.json` is the first version of `hero`, `hero@2.schema.json` the second.</summary>
    [GeneratedRegex(@"\.(?<key>[a-z0-9-]+)(@(?<version>[0-9]+))?\.schema\.json$")]
    private static partial Regex FileName();
}
