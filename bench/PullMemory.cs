namespace Kontor.Bench;

/// <summary>
/// What a node's own memory comes to while few and many phones pull everything at once, again and again. The pages of the database's file
/// that SQLite looks at where they are count to a process as often as it has opened the file, and are the system's: they are shown apart.
/// </summary>
internal sealed class PullMemory(ServerProcess server, byte[] pull)
{
    private const long GrowthGoalMiB = 128;

    /// <summary>How many at once, and how often each pulls; the second round of the same shows whether it goes on growing.</summary>
    private static readonly (int Phones, int Pulls)[] Rounds = [(4, 5), (4, 5), (32, 2), (32, 2)];

    public async Task Measure(Report report, List<string> failures)
    {
        var before = server.ResidentParts;
        var rows = new List<string[]> { Row("before", before) };
        var most = 0L;
        foreach (var (phones, pulls) in Rounds)
        {
            Report.Progress($"memory with {phones} first pulls at once");
            var peak = await PeakOf(phones, pulls);
            most = Math.Max(most, peak.Own);
            rows.Add(Row($"{phones} phones at once, {pulls} times each", peak));
        }

        report.Table(["resident at most, MiB", "the process's own", "pages of files"], rows);
        if (most - before.Own > GrowthGoalMiB * 1024 * 1024)
            failures.Add($"first pulls took {Report.MiB(most - before.Own)} MiB of memory.");
    }

    private async Task<(long Own, long Files)> PeakOf(int phones, int pulls)
    {
        var all = Task.WhenAll(Enumerable.Range(0, phones).Select(async _ =>
        {
            using var connection = new HttpConnection(server.Port);
            await connection.Open();
            for (var i = 0; i < pulls; i++)
            {
                if (await connection.Exchange(pull) is var status && status != 200) throw new BenchException($"A pull answered {status}.");
            }
        }));
        var (own, files) = server.ResidentParts;
        while (!all.IsCompleted)
        {
            await Task.WhenAny(all, Task.Delay(10));
            var now = server.ResidentParts;
            (own, files) = (Math.Max(own, now.Own), Math.Max(files, now.Files));
        }

        await all;
        return (own, files);
    }

    private static string[] Row(string what, (long Own, long Files) parts) => [what, Report.MiB(parts.Own), Report.MiB(parts.Files)];
}
