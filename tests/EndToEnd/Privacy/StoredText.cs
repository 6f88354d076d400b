using System.Text;
using Kontor.Foundation.Data;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.EndToEnd.Tests.Privacy;

/// <summary>Everything that is stored, read through the database's own catalogue: a table that is added later is read too.</summary>
internal static class StoredText
{
    /// <summary>Where one of these texts stands: `table.column: text`, each once.</summary>
    public static async Task<List<string>> Find(KontorApp app, IReadOnlyCollection<string> texts)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var table in await Tables(app))
        {
            await Scan(app, table, (column, value) =>
            {
                foreach (var text in texts.Where(text => value.Contains(text, StringComparison.OrdinalIgnoreCase)))
                    found.Add($"{table}.{column}: {text}");
            });
        }

        return [.. found];
    }

    /// <summary>The tables with a column of one of these names.</summary>
    public static async Task<List<string>> TablesWith(KontorApp app, IReadOnlySet<string> columns)
    {
        var tables = new List<string>();
        foreach (var table in await Tables(app))
        {
            if ((await Columns(app, table)).Exists(columns.Contains)) tables.Add(table);
        }

        return tables;
    }

    /// <summary>The files of the data folder that hold one of these texts, without the database's own.</summary>
    public static List<string> FindInFiles(KontorApp app, IReadOnlyCollection<string> texts) =>
    [
        .. Directory.EnumerateFiles(FolderOf(app), "*", SearchOption.AllDirectories)
            .Where(file => !Path.GetFileName(file).StartsWith("kontor.db", StringComparison.Ordinal))
            .Where(file => Holds(file, texts)),
    ];

    public static string FolderOf(KontorApp app) => app.Services.GetRequiredService<Settings>().DataFolder;

    public static bool Holds(string file, IReadOnlyCollection<string> texts)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return texts.Any(text => bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
    }

    private static Task<List<string>> Tables(KontorApp app) => app.Database.Read(
        tx => tx.Query<string>(TestDatabase.IsPostgres
        ? "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
        : "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").AsTask());

    private static Task<List<string>> Columns(KontorApp app, string table) => app.Database.Read(tx => tx.Query<string>(
        TestDatabase.IsPostgres
        ? "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = @table"
        : "SELECT name FROM pragma_table_info(@table)", new { table }).AsTask());

    private static Task Scan(KontorApp app, string table, Action<string, string> cell) => app.Database.Read(async tx =>
    {
        await tx.Scan($"SELECT * FROM \"{table}\"", null, row =>
        {
            for (var i = 0; i < row.FieldCount; i++)
            {
                if (row.IsDBNull(i)) continue;
                var value = row.GetValue(i);
                cell(row.GetName(i), value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value.ToString()!);
            }
        });
        return true;
    });
}
