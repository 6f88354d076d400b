using System.Globalization;
using System.Text;
using Kontor.Foundation.Seams;

namespace Kontor.Sync.Tables;

/// <summary>
/// What an app with WatermelonDB needs to know of the tables, as TypeScript: its schema, its migrations from each earlier version, and
/// a model for each table. So the shape of a table is said once, on the server.
/// </summary>
internal sealed class ClientSchema(IReadOnlyList<SyncTable> tables)
{
    private readonly StringBuilder _text = new();

    /// <summary>The newest of all tables' and columns' versions.</summary>
    private int Version =>
        tables.SelectMany(table => table.Columns.Select(column => column.Since).Append(table.Since)).DefaultIfEmpty(1).Max();

    public string Write()
    {
        _text.Append("""
            // Made by `./kontor sync schema` from the server's tables. Make it anew instead of changing it.
            import { Model, appSchema, tableSchema } from '@nozbe/watermelondb'
            import { date, field, readonly } from '@nozbe/watermelondb/decorators'
            import { addColumns, createTable, schemaMigrations } from '@nozbe/watermelondb/Schema/migrations'

            """);
        WriteSchema();
        WriteMigrations();
        foreach (var table in tables) WriteModel(table);
        Line($"export const modelClasses = [{string.Join(", ", tables.Select(table => ModelName(table.Name)))}]");
        return _text.ToString();
    }

    private void WriteSchema()
    {
        Line("");
        Line("export const schema = appSchema({");
        Line($"  version: {Version.ToString(CultureInfo.InvariantCulture)},");
        Line("  tables: [");
        foreach (var table in tables) WriteTable("    ", "tableSchema", table, table.Columns);
        Line("  ],");
        Line("})");
    }

    private void WriteMigrations()
    {
        Line("");
        Line("export const migrations = schemaMigrations({");
        Line("  migrations: [");
        for (var version = 2; version <= Version; version++)
        {
            Line("    {");
            Line($"      toVersion: {version.ToString(CultureInfo.InvariantCulture)},");
            Line("      steps: [");
            foreach (var table in tables) WriteStep(table, version);
            Line("      ],");
            Line("    },");
        }

        Line("  ],");
        Line("})");
    }

    private void WriteStep(SyncTable table, int version)
    {
        var isNew = table.Since == version;
        // A table that comes now has the columns of now; those that came later have steps of their own.
        var columns = table.Columns
            .Where(column => isNew ? column.Since <= version : column.Since == version && table.Since < version)
            .ToList();
        if (columns.Count == 0) return;
        if (isNew) WriteTable("        ", "createTable", table, columns);
        else WriteTable("        ", "addColumns", table, columns, nameIs: "table");
    }

    private void WriteTable(string indent, string function, SyncTable table, IReadOnlyList<SyncColumn> columns, string nameIs = "name")
    {
        Line($"{indent}{function}({{");
        Line($"{indent}  {nameIs}: '{table.Name}',");
        Line($"{indent}  columns: [");
        foreach (var column in columns)
        {
            var optional = column.Nullable ? ", isOptional: true" : "";
            var indexed = table.Parent?.Column == column.Name ? ", isIndexed: true" : "";
            Line($"{indent}    {{ name: '{column.Name}', type: '{TypeOf(column)}'{optional}{indexed} }},");
        }

        Line($"{indent}  ],");
        Line($"{indent}}}),");
    }

    private void WriteModel(SyncTable table)
    {
        Line("");
        Line($"export class {ModelName(table.Name)} extends Model {{");
        Line($"  static table = '{table.Name}'");
        WriteAssociations(table);
        foreach (var column in table.Columns)
        {
            var isTime = IsTime(column);
            // The client sets these two itself when a row is made or changed; of some tables it sets nothing.
            var setByClient = column.Name is "created_at" or "updated_at" || table.Kind != SyncKind.TwoWay ? "@readonly " : "";
            var type = isTime ? "Date" : column.Type switch { SyncType.Flag => "boolean", SyncType.Number => "number", _ => "string" };
            var decorator = $"{setByClient}{(isTime ? "@date" : "@field")}('{column.Name}')";
            Line($"  {decorator} {Camel(column.Name)}!: {type}{(column.Nullable ? " | null" : "")}");
        }

        Line("}");
    }

    private void WriteAssociations(SyncTable table)
    {
        var children = tables.Where(child => child.Parent?.Table == table.Name).ToList();
        if (table.Parent is null && children.Count == 0) return;
        Line("  static associations = {");
        if (table.Parent is { } parent) Line($"    {parent.Table}: {{ type: 'belongs_to', key: '{parent.Column}' }},");
        foreach (var child in children) Line($"    {child.Name}: {{ type: 'has_many', foreignKey: '{child.Parent!.Column}' }},");
        Line("  } as const");
    }

    private static string TypeOf(SyncColumn column) => column.Type switch
    {
        SyncType.Number => "number",
        SyncType.Flag => "boolean",
        _ => "string",
    };

    private static bool IsTime(SyncColumn column) =>
        column.Type == SyncType.Number && column.Name.EndsWith("_at", StringComparison.Ordinal);

    /// <summary>`order_items` becomes `OrderItem`.</summary>
    private static string ModelName(string table)
    {
        var name = Camel(table);
        if (name.EndsWith("ies", StringComparison.Ordinal)) name = name[..^3] + "y";
        else if (name.EndsWith('s')) name = name[..^1];
        return char.ToUpperInvariant(name[0]) + name[1..];
    }

    private static string Camel(string name)
    {
        var parts = name.Split('_', StringSplitOptions.RemoveEmptyEntries);
        return parts[0] + string.Concat(parts.Skip(1).Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
    }

    private void Line(string text) => _text.Append(text).Append('\n');
}
