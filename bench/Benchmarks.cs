using System.Globalization;
using System.Text.Json;

namespace Kontor.Bench;

/// <summary>The whole run: the machine, start and memory, each workload beside its limit, the rush, and the lines of code.</summary>
internal sealed class Benchmarks : IDisposable
{
    private readonly BenchOptions _options;
    private readonly Report _report;

    // On the project's own disk: a temporary folder may be in memory, where a sync costs nothing.
    private readonly DirectoryInfo _folder = Directory.CreateDirectory(Path.Combine("artifacts", $"bench-{Guid.NewGuid():N}"));

    /// <summary>One start of a server and its end.</summary>
    private sealed record Run(TimeSpan Start, double Memory, TimeSpan Stop, int Code);

    private Benchmarks(BenchOptions options, TextWriter output) => (_options, _report) = (options, new(output));

    /// <returns>0, or 1 when something could not be measured or answered wrongly.</returns>
    public static async Task<int> RunAll(BenchOptions options, TextWriter output)
    {
        using var benchmarks = new Benchmarks(options, output);
        var machine = benchmarks.DescribeMachine();
        if (options.Only.Length == 0) await benchmarks.MeasureStart();
        await benchmarks.MeasureWorkloads();
        await benchmarks.MeasureSync();
        if (options.Only.Length == 0) benchmarks.CountLines();
        if (options.Save) benchmarks.Save(machine);
        return benchmarks._report.Failed ? 1 : 0;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private Machine DescribeMachine()
    {
        var machine = Machine.Describe(_folder.FullName);
        _report.Line($"# Kontor on {machine.Cores} cores, {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}");
        _report.Line();
        _report.Table(["machine", ""], machine.Rows, textColumns: 2);
        return machine;
    }

    private async Task MeasureStart()
    {
        Report.Progress("start and memory");
        var bare = await Starts(() => StartBare(null));
        var firstData = Path.Combine(_folder.FullName, "first");
        TimeSpan first;
        await using (var server = await StartKontor(firstData)) first = server.StartTime;
        var kontor = await Starts(() => StartKontor(firstData));

        _report.Table(["start and memory", "bare", "Kontor", "ratio"],
        [
            ["start to first right answer, ms", Report.Ms(bare.Start), Report.Ms(kontor.Start), Ratio(kontor.Start, bare.Start)],
            ["the same with an empty data folder, ms", "", Report.Ms(first), Ratio(first, bare.Start)],
            ["resident memory when idle, MiB", Report.MiB(bare.Memory), Report.MiB(kontor.Memory), Ratio(kontor.Memory, bare.Memory)],
            ["SIGTERM to exit, ms", Report.Ms(bare.Stop), Report.Ms(kontor.Stop), ""],
        ]);
        if (kontor.Code != 0) _report.Failure($"after SIGTERM the server ended with code {kontor.Code}, not 0.");
    }

    /// <summary>The middle of several starts of the same server.</summary>
    private async Task<Run> Starts(Func<Task<ServerProcess>> start)
    {
        var found = new List<Run>();
        for (var i = 0; i < (_options.Rounds > 1 ? 5 : 3); i++)
        {
            await using var server = await start();
            await Task.Delay(TimeSpan.FromSeconds(2));
            var memory = server.ResidentBytes;
            var (code, time) = await server.Stop();
            found.Add(new Run(server.StartTime, memory, time, code));
        }

        return new Run(
            Middle(found, run => run.Start).Start,
            Middle(found, run => run.Memory).Memory,
            Middle(found, run => run.Stop).Stop,
            found.Max(run => run.Code));
    }

    private static string Ratio(TimeSpan time, TimeSpan limit) => Report.Number(time / limit);

    private static string Ratio(double value, double limit) => Report.Number(value / limit);

    private async Task MeasureWorkloads()
    {
        var data = Path.Combine(_folder.FullName, "load");
        await using var kontor = await StartKontor(data);
        using var workloads = new Workloads(new Setup(kontor.Port), data, _options.Connections);
        var failures = new List<string>();
        var chosen = workloads.All.Where(one => one.Name.Contains(_options.Only, StringComparison.OrdinalIgnoreCase)).ToList();
        if (chosen.Count > 0) await Measure(chosen, kontor, failures);
        if ("rush".Contains(_options.Only, StringComparison.OrdinalIgnoreCase)) await Rush.Measure(kontor.Port, _report, failures);
        await new VerifiedTokens(_options, kontor).Measure(_report, failures);
        if ("sign-in".Contains(_options.Only, StringComparison.OrdinalIgnoreCase)) await MeasureSignIns(kontor, failures);
        foreach (var failure in failures) _report.Failure(failure);
    }

    private async Task Measure(
        IReadOnlyList<(string Name, Func<Task<Workload>> Prepare)> workloads, ServerProcess kontor, List<string> failures)
    {
        using var raw = new RawSqlite(_folder.FullName);
        Report.Progress("raw SQLite");
        raw.Measure(64, TimeSpan.FromSeconds(1));
        var (single, grouped) = (raw.Measure(1, _options.Measured), raw.Measure(64, _options.Measured));
        var rows = new List<string[]>();
        foreach (var (name, prepare) in workloads)
        {
            try
            {
                Report.Progress(name);
                rows.AddRange(await Measure(await prepare(), kontor, raw, failures));
            }
            catch (BenchException exception)
            {
                failures.Add($"{name}: {exception.Message}");
            }
        }

        _report.Line($"{_options.Connections} connections, {_options.Rounds} x {_options.Seconds} s, median.");
        _report.Line("Server time is the processor time that the server spends on one piece of work.");
        _report.Line();
        _report.Table(
            ["workload", "server", "per s", "p50 ms", "p95 ms", "p99 ms", "errors", "server time µs", "of bare", "of raw SQLite", "goal"],
            rows,
            textColumns: 2);
        _report.Line(
            $"Raw SQLite, one writer, sales/s: {Report.Number(single)} one to a commit, {Report.Number(grouped)} in groups of 64.");
        _report.Line($"Resident memory of Kontor after all of this: {Report.MiB(kontor.ResidentBytes)} MiB.");
        _report.Line();
    }

    /// <summary>The rows of the table for one workload: bare, Kontor, and for writes Kontor with a single caller.</summary>
    private async Task<List<string[]>> Measure(Workload workload, ServerProcess kontor, RawSqlite raw, List<string> failures)
    {
        await using var bare = await StartBare(workload);
        var (limits, found, sales) = (new List<Measurement>(), new List<Measurement>(), new List<double>());
        for (var round = 0; round < _options.Rounds; round++)
        {
            limits.Add(await Drive(bare, workload, _options.Connections));
            found.Add(await Drive(kontor, workload, _options.Connections));
            if (workload.Writes) sales.Add(raw.Measure(64, _options.Measured));
        }

        var limit = Middle(limits, one => one.PerSecond);
        var result = Middle(found, one => one.PerSecond);
        var wrong = found.SelectMany(one => one.Errors).Select(error => $"{error.Value} answers {error.Key}").ToList();
        if (wrong.Count > 0) failures.Add($"{workload.Name}: {string.Join(", ", wrong)}");

        var rawSales = workload.Writes ? Middle(sales, rate => rate) : 0;
        var ofRaw = workload.Writes ? Report.Number(result.PerSecond / rawSales) : "";
        List<string[]> rows =
        [
            [workload.Name, "bare", .. Cells(limit), "", "", ""],
            ["", "Kontor", .. Cells(result), Report.Number(result.PerSecond / limit.PerSecond), ofRaw, workload.Goal],
        ];
        if (!workload.Writes) return rows;

        // With nobody to share a commit with, each write waits for the disk alone: the difference is what grouping gives.
        var alone = await Drive(kontor, workload, connections: 1);
        rows.Add(["", "Kontor, 1 connection", .. Cells(alone), "", Report.Number(alone.PerSecond / rawSales), ""]);
        return rows;
    }

    private Task<Measurement> Drive(ServerProcess server, Workload workload, int connections) =>
        new Load(server, _options.WarmUp, _options.Measured).Run([.. Enumerable.Range(0, connections).Select(workload.CallerOf)]);

    private async Task MeasureSignIns(ServerProcess kontor, List<string> failures)
    {
        Report.Progress("sign-in");
        using var signIns = new SignIns(_options, kontor);
        var (hashes, found) = (new List<double>(), new List<Measurement>());
        for (var round = 0; round < _options.Rounds; round++)
        {
            hashes.Add(RawArgon2.Measure(_options.Measured));
            found.Add(await signIns.Measure());
        }

        var (hash, result) = (Middle(hashes, rate => rate), Middle(found, one => one.PerSecond));
        if (found.Any(one => one.Errors.Count > 0)) failures.Add("sign-in: not every answer was 200.");
        string[] columns = ["per s", "p50 ms", "p95 ms", "p99 ms", "errors", "server time µs", "of the hash", "goal"];
        _report.Table(
            [$"{SignIns.Usual} sign-ins at once", .. columns],
            [
                ["Argon2id alone, on every core", Report.Number(hash), "", "", "", "", "", "", ""],
                ["Kontor", .. Cells(result), Report.Number(result.PerSecond / hash), SignIns.Goal],
            ]);

        Report.Progress($"{SignIns.Storm} sign-ins at once");
        var storm = await signIns.MeasureStorm();
        if (storm.IsWrong) failures.Add($"the storm of sign-ins had {storm.Others} wrong answers, and the home feed {storm.Failed}.");
        _report.Table(
            ["the home feed, signed in", "visits", "p50 ms", "p95 ms", "p99 ms", "goal"],
            [
                ["while nobody signs in", $"{storm.Calm.Count}", .. Percentiles(storm.Calm), ""],
                [$"while {SignIns.Storm} sign in at once", $"{storm.Feed.Count}", .. Percentiles(storm.Feed), SignIns.StormGoal],
            ]);
        _report.Line($"{storm.Storms} times {SignIns.Storm} at once: {storm.SignedIn} answers 200, {storm.TooBusy} answers 503, "
            + $"{storm.Others} others; the last of each came after {Report.Ms(storm.Longest)} ms at most. "
            + $"Resident memory: {Report.MiB(storm.ResidentBytes)} MiB.");
        _report.Line();
    }

    private async Task MeasureSync()
    {
        var failures = new List<string>();
        var folder = Path.Combine(_folder.FullName, "phones");
        try
        {
            if (LiveSync.Name.Contains(_options.Only, StringComparison.OrdinalIgnoreCase))
                await new LiveSync(_report, folder, _options.Postgres, StartKontor).Run(failures);
            if (HugeSync.Name.Contains(_options.Only, StringComparison.OrdinalIgnoreCase)) await MeasureHuge(folder, failures);
        }
        catch (BenchException exception)
        {
            failures.Add($"sync: {exception.Message}");
        }

        foreach (var failure in failures) _report.Failure(failure);
    }

    private async Task MeasureHuge(string folder, List<string> failures)
    {
        var file = new HugeSync.Engine(
            "SQLite", () => StartKontor(folder + "-huge"), () => RawPull.OfFile(Path.Combine(folder + "-huge", "kontor.db")));
        await new HugeSync(_options, _report, file).Run(failures);
        if (_options.Postgres is not { } url) return;
        // The keys in the folder belong to the accounts in the database.
        var postgres = new HugeSync.Engine(
            "PostgreSQL", () => StartKontor(folder + LiveSync.NodesFolder, url), () => RawPull.OfPostgres(url));
        await new HugeSync(_options, _report, postgres).Run(failures);
    }

    private void CountLines()
    {
        var projects = LinesOfCode.Count(Directory.GetCurrentDirectory()).ToList();
        var source = projects.Where(project => project.Project.StartsWith("src", StringComparison.Ordinal)).ToList();
        _report.Table(
            ["lines of code, not empty (.cs .razor .css .js)", "files", "lines"],
            projects.Append(("all of src", source.Sum(project => project.Files), source.Sum(project => project.Lines)))
                .Select(project => (string[])[project.Item1, $"{project.Item2}", $"{project.Item3}"]));
    }

    private void Save(Machine machine)
    {
        var folder = Directory.CreateDirectory(Path.Combine("bench", "results")).FullName;
        // A part does not take the place of the whole.
        var part = _options.Only.Length == 0 ? "" : $"-{_options.Only.Replace(' ', '-')}";
        var day = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var file = Path.Combine(folder, $"{day}-{machine.Slug}{part}.md");
        File.WriteAllText(file, _report.Text.TrimEnd('\n') + '\n');
        Report.Progress($"kept in {Path.GetRelativePath(Directory.GetCurrentDirectory(), file)}");
    }

    private Task<ServerProcess> StartKontor(string data, string? database = null) => ServerProcess.Start(
        [_options.Server, "--port", "{port}"],
        new Dictionary<string, string> { ["KONTOR_DATA"] = data, ["KONTOR_LIMITS"] = "off", ["KONTOR_DATABASE"] = database ?? "sqlite" },
        "/api/products");

    private async Task<ServerProcess> StartBare(Workload? workload)
    {
        var program = typeof(Benchmarks).Assembly.Location;
        var none = new Dictionary<string, string>();
        if (workload is null) return await ServerProcess.Start([program, "bare", "{port}"], none, "/");
        var file = Path.Combine(_folder.FullName, "answers.json");
        // `/` is what the start waits for.
        var answers = workload.Answers.Append(new RecordedAnswer("/", 200, [], [], true));
        await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(answers));
        return await ServerProcess.Start([program, "bare", "{port}", file], none, "/");
    }

    private static string[] Cells(Measurement one) =>
    [
        Report.Number(one.PerSecond),
        .. Percentiles(one.Latencies),
        one.Errors.Values.Sum().ToString(CultureInfo.InvariantCulture),
        Report.Number(one.ServerMicroseconds),
    ];

    private static string[] Percentiles(Latencies latencies) =>
        [Report.Ms(latencies.Percentile(0.50)), Report.Ms(latencies.Percentile(0.95)), Report.Ms(latencies.Percentile(0.99))];

    private static T Middle<T, TKey>(List<T> all, Func<T, TKey> key) => all.OrderBy(key).ElementAt(all.Count / 2);
}
