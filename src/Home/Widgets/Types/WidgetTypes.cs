using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Home.Widgets.Types;

/// <summary>The types that this installation knows: those of the build, kept in a table so that others can join them.</summary>
internal sealed partial class WidgetTypes(TimeProvider time)
{
    private const int TypesMax = 500;

    // Compiling patterns takes milliseconds; the same text is compiled once.
    private readonly ConcurrentDictionary<string, JsonSchema> _compiled = new(StringComparer.Ordinal);

    private sealed record Row(string Key, long Version, string Schema);

    /// <summary>Writes the build's types. A repaired schema of the same version replaces the earlier one.</summary>
    public async Task Install(Tx tx)
    {
        foreach (var type in Embedded())
        {
            Compile(type.Schema);
            await tx.Execute("""
                INSERT INTO home_types (key, version, schema, created_at, updated_at)
                VALUES (@key, @version, @schema, @now, @now)
                ON CONFLICT (key, version) DO UPDATE
                SET schema = excluded.schema, updated_at = excluded.updated_at
                WHERE home_types.schema <> excluded.schema
                """, new { key = type.Key, version = type.Version, schema = type.Schema, now = time.NowMs() });
        }
    }

    public async Task<List<WidgetType>> All(Tx tx)
    {
        var rows = await tx.Query<Row>($"SELECT key, version, schema FROM home_types ORDER BY key, version LIMIT {TypesMax}");
        return [.. rows.Select(Compiled)];
    }

    /// <summary>Null when there is no such type.</summary>
    public async Task<WidgetType?> Find(Tx tx, TypeName name)
    {
        var row = await tx.First<Row>("""
            SELECT key, version, schema
            FROM home_types
            WHERE key = @key AND version = @version
            """, new { key = name.Key, version = name.Version });
        return row is null ? null : Compiled(row);
    }

    private WidgetType Compiled(Row row) => new(new(row.Key, row.Version), Compile(row.Schema), row.Schema);

    private JsonSchema Compile(string schema) => _compiled.GetOrAdd(schema, JsonSchema.Parse);

    private static IEnumerable<Row> Embedded()
    {
        var assembly = typeof(WidgetTypes).Assembly;
        foreach (var resource in assembly.GetManifestResourceNames())
        {
            var file = FileName().Match(resource);
            if (!file.Success) continue;
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            var version = file.Groups["version"] is { Success: true, Value: var text }
                ? long.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
                : 1;
            yield return new(file.Groups["key"].Value, version, reader.ReadToEnd().ReplaceLineEndings("\n"));
        }
    }

    /// <summary>`hero.schema.json` is the first version of `hero`, `hero@2.schema.json` the second.</summary>
    [GeneratedRegex(@"\.(?<key>[a-z0-9-]+)(@(?<version>[0-9]+))?\.schema\.json$")]
    private static partial Regex FileName();
}
