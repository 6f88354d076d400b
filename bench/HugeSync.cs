using System.Globalization;

namespace Kontor.Bench;

/// <summary>
/// A phone with 100,000 tasks beside a bare SELECT, a pull with nothing new beside a request that does nothing, a pull of a few changes,
/// and all of it once more when others have a million rows.
/// </summary>
internal sealed class HugeSync(BenchOptions options, Report report, HugeSync.Engine engine)
{
    public const string Name = "huge sync";

    private const int Tasks = 100_000;
    private const int FewTasks = 1000;
    private const int ChangedTasks = 10;
    private const int People = 1000;
    private const int PageRows = 1000;
    private const int Phones = 8;
    private const double FirstGoal = 2;
    private const double EmptyGoal = 1.5;

    private readonly int _pulls = options.Rounds > 1 ? 15 : 7;

    /// <param name="Start">The server, on the same data each time.</param>
    /// <param name="Open">The database beside it.</param>
    internal sealed record Engine(string Name, Func<Task<ServerProcess>> Start, Func<RawPull> Open);

    /// <summary>Processor time of the server.</summary>
    private sealed record Times(First First, TimeSpan Few, TimeSpan Changed, TimeSpan Empty, TimeSpan Nothing);

    /// <summary>Of everything: in one piece and in pages, each beside bare SELECTs of the same rows.</summary>
    /// <param name="Crowd">In pages too, of each of several phones at once.</param>
    private sealed record First(TimeSpan Whole, TimeSpan Select, TimeSpan Pages, TimeSpan Crowd, TimeSpan SelectPages);

    /// <param name="Since">Before its last changes.</param>
    private sealed record Phone(string User, string Token, long Since)
    {
        public byte[] First { get; } = Requests.Get(Target("null"), Token);

        public byte[] Changed { get; } = Requests.Get(Target(Text(Since)), Token);
    }

    public async Task Run(List<string> failures)
    {
        Phone huge, small;
        Times before;
        await using (var server = await engine.Start())
        {
            using var setup = new Setup(server.Port);
            huge = await NewPhone(setup, Tasks);
            small = await NewPhone(setup, FewTasks);
            before = await Measure(server, setup, huge, small);
            ReportFirst(before, failures);
            await new PullMemory(server, huge.First).Measure(report, failures);
            await server.Stop();
        }

        Report.Progress($"{People * FewTasks} rows of others, {engine.Name}");
        List<string> plans;
        using (var raw = await Task.Run(engine.Open))
        {
            raw.AddOthers(People, FewTasks);
            plans = [.. raw.Plans(small.User)];
        }

        await using var again = await engine.Start();
        using var setupAgain = new Setup(again.Port);
        var after = await Measure(again, setupAgain, huge, small);
        ReportOthers(before, after, plans, failures);
    }

    private static async Task<Phone> NewPhone(Setup setup, int tasks)
    {
        var (user, token) = await setup.NewPhone();
        var timestamp = await setup.PushTasks(token, tasks, PageRows);
        await setup.PushTitle(token, "Changed later", timestamp, ChangedTasks);
        return new(user, token, timestamp);
    }

    private async Task<Times> Measure(ServerProcess server, Setup setup, Phone huge, Phone small)
    {
        var first = await MeasureFirst(server, setup, huge);
        using var connection = new HttpConnection(server.Port);
        await connection.Open();
        // So often that the compiler, whose time is the server's too, has come to its end.
        await PerCall(server, connection, small.First, 2000);
        var few = await PerCall(server, connection, small.First, 100 * _pulls);
        await PerCall(server, connection, small.Changed, 1000);
        var changed = await PerCall(server, connection, small.Changed, 200 * _pulls);
        var (empty, nothing) = await MeasureEmpty(server, setup, small);
        return new(first, few, changed, empty, nothing);
    }

    /// <summary>In turn, so that whatever else the machine does bothers both; the middle one of each.</summary>
    private async Task<First> MeasureFirst(ServerProcess server, Setup setup, Phone phone)
    {
        Report.Progress($"first pulls of {Tasks} tasks, and bare SELECTs, {engine.Name}");
        using var connection = new HttpConnection(server.Port);
        await connection.Open();
        // Not where answers arrive: it waits for the database, which others keep busy.
        using var raw = await Task.Run(engine.Open);
        await PerCall(server, connection, phone.First, 10);
        await Task.Run(() => raw.Measure(phone.User, 10));
        for (var i = 0; i < 10; i++) await Pages(server, setup, phone.Token);
        var times = new List<First>();
        for (var i = 0; i < _pulls; i++)
        {
            var pull = await PerCall(server, connection, phone.First, 2);
            var pages = await Pages(server, setup, phone.Token);
            var crowd = await Crowd(server, setup, phone.Token);
            var select = await Task.Run(() => raw.Measure(phone.User, 2));
            var selects = await Task.Run(() => raw.MeasurePages(phone.User));
            if ((select.Rows, selects.Rows) != (Tasks, Tasks))
                throw new BenchException($"The bare SELECT found {select.Rows} tasks, in pages {selects.Rows}.");
            times.Add(new(pull, select.Time, pages, crowd, selects.Time));
        }

        return new(Middle(times, one => one.Whole), Middle(times, one => one.Select), Middle(times, one => one.Pages),
            Middle(times, one => one.Crowd), Middle(times, one => one.SelectPages));
    }

    private static TimeSpan Middle(List<First> times, Func<First, TimeSpan> of) => Middle([.. times.Select(of)]);

    private static TimeSpan Middle(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>Likewise. A round in which something new came, of the catalogue perhaps, is done again.</summary>
    private async Task<(TimeSpan Empty, TimeSpan Nothing)> MeasureEmpty(ServerProcess server, Setup setup, Phone phone)
    {
        Report.Progress($"pulls with nothing new, {engine.Name}");
        // It reads and checks the access token like any other, and then has nothing to do.
        var nothing = Requests.Get("/health/live", phone.Token);
        var (pulls, others) = (new List<TimeSpan>(), new List<TimeSpan>());
        var load = new Load(server, options.WarmUp, options.Measured);
        var rounds = Math.Max(3, options.Rounds);
        for (var round = 0; pulls.Count < rounds; round++)
        {
            if (round == 5 * rounds) throw new BenchException("There was something new to pull in every round.");
            var newest = await Newest(setup, phone.Token);
            var (other, pull) = (await Drive(load, nothing), await Drive(load, Requests.Get(Target(Text(newest)), phone.Token)));
            if ((await setup.PullTasks(Target(Text(newest)), phone.Token)).Timestamp != newest) continue;
            others.Add(other);
            pulls.Add(pull);
        }

        return (Middle(pulls), Middle(others));
    }

    /// <returns>The timestamp from which a pull finds nothing.</returns>
    private static async Task<long> Newest(Setup setup, string token)
    {
        var newest = (await setup.PullTasks(Target("null"), token)).Timestamp;
        while (true)
        {
            var (_, next, _) = await setup.PullTasks(Target(Text(newest)), token);
            if (next == newest) return newest;
            newest = next;
        }
    }

    private async Task<TimeSpan> Drive(Load load, byte[] request)
    {
        Caller caller = connection => connection.Exchange(request);
        var found = await load.Run([.. Enumerable.Repeat(caller, options.Connections)]);
        if (found.Errors.Count > 0) throw new BenchException("A request that does nothing failed.");
        return TimeSpan.FromMicroseconds(found.ServerMicroseconds);
    }

    private static async Task<TimeSpan> PerCall(ServerProcess server, HttpConnection connection, byte[] request, int times)
    {
        var used = server.ProcessorTime;
        for (var i = 0; i < times; i++)
        {
            if (await connection.Exchange(request) is var status && status != 200) throw new BenchException($"A pull answered {status}.");
        }

        return (server.ProcessorTime - used) / times;
    }

    private static async Task<TimeSpan> Pages(ServerProcess server, Setup setup, string token)
    {
        var used = server.ProcessorTime;
        var (since, rows) = ("null", 0);
        while (true)
        {
            var (page, timestamp, hasMore) = await setup.PullTasks($"{Target(since)}&limit={PageRows}", token);
            rows += page;
            since = Text(timestamp);
            if (hasMore) continue;
            if (rows != Tasks) throw new BenchException($"The pages had {rows} tasks.");
            return server.ProcessorTime - used;
        }
    }

    /// <summary>One phone alone finds the server asleep at each step, and waking it is a good part of a page; a crowd does not.</summary>
    private static async Task<TimeSpan> Crowd(ServerProcess server, Setup setup, string token)
    {
        var used = server.ProcessorTime;
        await Task.WhenAll(Enumerable.Range(0, Phones).Select(_ => Pages(server, setup, token)));
        return (server.ProcessorTime - used) / Phones;
    }

    private void ReportFirst(Times times, List<string> failures)
    {
        var first = times.First;
        var (whole, pages) = (first.Whole / first.Select, first.Pages / first.SelectPages);
        report.Table(
            [$"{engine.Name}: first pull of {Tasks:#,0} tasks", "processor time ms", "of the bare SELECT", "goal"],
            [
                ["bare SELECT and Utf8JsonWriter, no HTTP", Report.Ms(first.Select), "", ""],
                ["in one piece", Report.Ms(first.Whole), Report.Number(whole), "2 at most"],
                [$"bare SELECTs of {PageRows} rows", Report.Ms(first.SelectPages), Report.Number(first.SelectPages / first.Select), ""],
                [$"in pages of {PageRows}", Report.Ms(first.Pages), Report.Number(first.Pages / first.Select), ""],
                ["the same, of the bare SELECTs", "", Report.Number(pages), "2 at most"],
                [$"in pages, {Phones} phones at once, each", Report.Ms(first.Crowd), Report.Number(first.Crowd / first.Select), ""],
            ]);
        foreach (var (how, ratio) in new[] { ("in one piece", whole), ("in pages", pages) })
        {
            if (ratio > FirstGoal)
                failures.Add($"{engine.Name}: a first pull {how} takes {Report.Number(ratio)} times as long as bare SELECTs of its rows.");
        }
    }

    private void ReportOthers(Times before, Times after, List<string> plans, List<string> failures)
    {
        string[] Row(string what, Func<Times, TimeSpan> time, string goal) =>
            [what, Us(time(before)), Us(time(after)), Report.Number(time(after) / time(before)), goal];

        report.Table(
            [
                $"{engine.Name}: processor time of the server, µs", "alone", $"beside {People * FewTasks:#,0} rows of others", "ratio",
                "goal",
            ],
            [
                Row("an authenticated request that does nothing", times => times.Nothing, ""),
                Row("a pull with nothing new", times => times.Empty, "1"),
                ["the same, of the request that does nothing", Ratio(before), Ratio(after), "", "1.50 at most"],
                Row($"a pull of {ChangedTasks} changed tasks", times => times.Changed, "1"),
                Row($"a first pull of {FewTasks:#,0} tasks", times => times.Few, "1"),
                Row($"a first pull of {Tasks:#,0} tasks", times => times.First.Whole, "1"),
            ]);
        foreach (var plan in plans) report.Line($"- {plan}");
        report.Line();
        foreach (var times in (Times[])[before, after])
        {
            if (times.Empty / times.Nothing is var ratio && ratio > EmptyGoal)
                failures.Add($"{engine.Name}: a pull with nothing new takes {Report.Number(ratio)} times as long as one without work.");
        }
    }

    private static string Us(TimeSpan time) => Report.Number(time.TotalMicroseconds);

    private static string Ratio(Times times) => Report.Number(times.Empty / times.Nothing);

    private static string Text(long timestamp) => timestamp.ToString(CultureInfo.InvariantCulture);

    private static string Target(string lastPulledAt) => $"/sync/pull?last_pulled_at={lastPulledAt}&schema_version=1&migration=null";
}
