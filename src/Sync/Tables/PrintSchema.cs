using Kontor.Foundation.Seams;

namespace Kontor.Sync.Tables;

/// <summary>Prints what an app with WatermelonDB needs to know of the tables, as one TypeScript file.</summary>
internal sealed class PrintSchema(SyncTables tables) : ICommand
{
    public string Name => "sync schema";

    public string Usage => "> schema.ts";

    public async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        if (args.Length > 0)
        {
            await output.WriteLineAsync("This takes no arguments: ./kontor sync schema > schema.ts");
            return 2;
        }

        await output.WriteAsync(new ClientSchema([.. tables.Every.Select(table => table.Shape)]).Write());
        return 0;
    }
}
