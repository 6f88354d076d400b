using System.Globalization;

namespace Kontor.Bench;

/// <summary>
/// A phone with 100,000 tasks beside a bare SELECT, a pull with nothing new beside a request that does nothing, and both once more when
/// others have a million rows.
/// </summary>
internal sealed class HugeSync(BenchOptions options, Report report, string data, Func<string, Task<ServerProcess>> start)
{
    public const string Name = "huge sync";

    private const int Tasks = 100_000;
    private const int FewTasks = 1000;
    private const int People = 1000;
    private const int PageRows = 1000;
    private const int AtOnce = 4;
    private const double FirstGoal = 2;
    private const double EmptyGoal = 1.5;

    private readonly int _pulls = options.Rounds > 1 ? 15 : 7;

    /// <summary>Processor time of the server.</summary>
    private sealed record Times(TimeSpan Select, TimeSpan Whole, TimeSpan Pages, TimeSpan Few, TimeSpan Empty, TimeSpan Nothing);

    /// <param name="UpToDate">A request that finds nothing new.</param>
    private sealed record Phone(string User, string Token, byte[] UpToDate);

    public async Task Run(List<string> failures)
    {
        Phone huge, small;
        Times before;
        var folder = Path.Combine(data, "kontor.db");
        await using (var server = await start(data))
        {
            using var setup = new Setup(server.Port);
            huge = await NewPhone(setup, Tasks);
            small = await NewPhone(setup, FewTasks);
            before = await Measure(server, setup, huge, small, folder);
            ReportFirst(before, await MeasureMemory(server, huge), failures);
            await server.Stop();
        }

        Report.Progress($"{People * FewTasks} rows of others");
        List<string> plans;
        using (var raw = new RawPull(folder))
        {
            raw.AddOthers(People, FewTasks);
            plans = [.. raw.Plans()];
        }

        await using var again = await start(data);
        using var setupAgain = new Setup(again.Port);
        var after = await Measure(again, setupAgain, huge, small, folder);
        ReportOthers(before, after, plans, failures);
    }

    private static async Task<Phone> NewPhone(Setup setup, int tasks)
    {
        var (user, token) = await setup.NewPhone();
        var timestamp = await setup.PushTasks(token, tasks, PageRows);
        return new(user, token, Requests.Get(Target(timestamp.ToString(CultureInfo.InvariantCulture)), token));
    }

    private async Task<Times> Measure(ServerProcess server, Setup setup, Phone huge, Phone small, string database)
    {
        var (whole, select) = await MeasureFirst(server, huge, database);
        await Pages(setup, huge.Token);
        var used = server.ProcessorTime;
        await Pages(setup, huge.Token);
        var pages = server.ProcessorTime - used;
        var few = Requests.Get(Target("null"), small.Token);
        using var connection = new HttpConnection(server.Port);
        await connection.Open();
        await PerCall(server, connection, few, 500);
        var fewTime = await PerCall(server, connection, few, 100 * _pulls);
        var (empty, nothing) = await MeasureEmpty(server, small);
        return new(select, whole, pages, fewTime, empty, nothing);
    }

    /// <summary>In turn, so that whatever else the machine does bothers both; the middle one of each.</summary>
    private async Task<(TimeSpan Whole, TimeSpan Select)> MeasureFirst(ServerProcess server, Phone phone, string database)
    {
        Report.Progress($"first pulls of {Tasks} tasks, and bare SELECTs");
        var request = Requests.Get(Target("null"), phone.Token);
        using var connection = new HttpConnection(server.Port);
        await connection.Open();
        using var raw = new RawPull(database);
        await PerCall(server, connection, request, 10);
        raw.Measure(phone.User, 10);
        var (pulls, selects) = (new List<TimeSpan>(), new List<TimeSpan>());
        for (var i = 0; i < _pulls; i++)
        {
            pulls.Add(await PerCall(server, connection, request, 2));
            var (time, rows) = raw.Measure(phone.User, 2);
            if (rows != Tasks) throw new BenchException($"The bare SELECT found {rows} tasks.");
            selects.Add(time);
        }

        return (Middle(pulls), Middle(selects));
    }

    private static TimeSpan Middle(List<TimeSpan> times) => times.Order().ElementAt(times.Count / 2);

    /// <summary>Likewise.</summary>
    private async Task<(TimeSpan Empty, TimeSpan Nothing)> MeasureEmpty(ServerProcess server, Phone phone)
    {
        Report.Progress("pulls with nothing new");
        // It reads and checks the access token like any other, and then has nothing to do.
        var nothing = Requests.Get("/health/live", phone.Token);
        var (pulls, others) = (new List<TimeSpan>(), new List<TimeSpan>());
        var load = new Load(server, options.WarmUp, options.Measured);
        for (var round = 0; round < Math.Max(3, options.Rounds); round++)
        {
            others.Add(await Drive(load, nothing));
            pulls.Add(await Drive(load, phone.UpToDate));
        }

        return (Middle(pulls), Middle(others));
    }

    private async Task<TimeSpan> Drive(Load load, byte[] request)
    {
        Caller caller = connection => connection.Exchange(request);
        var found = await load.Run([.. Enumerable.Repeat(caller, options.Connections)]);
        if (found.Errors.Count > 0) throw new BenchException("A request that does nothing failed.");
        return TimeSpan.FromMicroseconds(found.ServerMicroseconds);
    }

    /// <summary>The peak of the resident memory while several phones pull everything at once, and before.</summary>
    private static async Task<(long Before, long Peak)> MeasureMemory(ServerProcess server, Phone phone)
    {
        Report.Progress($"memory with {AtOnce} first pulls at once");
        var request = Requests.Get(Target("null"), phone.Token);
        var before = server.ForgetPeak();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            using var connection = new HttpConnection(server.Port);
            await connection.Open();
            for (var i = 0; i < 5; i++) await connection.Exchange(request);
        }));
        return (before, server.PeakResidentBytes);
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

    private static async Task Pages(Setup setup, string token)
    {
        var (since, rows) = ("null", 0);
        while (true)
        {
            var (page, timestamp, hasMore) = await setup.PullTasks($"{Target(since)}&limit={PageRows}", token);
            rows += page;
            since = timestamp.ToString(CultureInfo.InvariantCulture);
            if (hasMore) continue;
            if (rows != Tasks) throw new BenchException($"The pages had {rows} tasks.");
            return;
        }
    }

    private void ReportFirst(Times times, (long Before, long Peak) memory, List<string> failures)
    {
        var ratio = times.Whole / times.Select;
        report.Table(
            [$"first pull of {Tasks:#,0} tasks", "processor time ms", "of the bare SELECT", "goal"],
            [
                ["bare SELECT and Utf8JsonWriter, no HTTP", Report.Ms(times.Select), "", ""],
                ["in one piece", Report.Ms(times.Whole), Report.Number(ratio), "2 at most"],
                [$"in pages of {PageRows}", Report.Ms(times.Pages), Report.Number(times.Pages / times.Select), ""],
            ]);
        report.Line($"Resident memory: {Report.MiB(memory.Before)} MiB before, {Report.MiB(memory.Peak)} MiB at most while {AtOnce} phones "
            + "pull all of it, five times each.");
        report.Line();
        if (ratio > FirstGoal) failures.Add($"a first pull takes {Report.Number(ratio)} times as long as a bare SELECT.");
    }

    private void ReportOthers(Times before, Times after, List<string> plans, List<string> failures)
    {
        report.Table(
            ["processor time of the server, µs", "alone", $"beside {People * FewTasks:#,0} rows of others", "goal"],
            [
                ["an authenticated request that does nothing", Us(before.Nothing), Us(after.Nothing), ""],
                ["a pull with nothing new", Us(before.Empty), Us(after.Empty), ""],
                ["the same, of the request that does nothing", Ratio(before), Ratio(after), "1.50 at most"],
                [$"a first pull of {FewTasks:#,0} tasks", Us(before.Few), Us(after.Few), "the same"],
                [$"a first pull of {Tasks:#,0} tasks", Us(before.Whole), Us(after.Whole), "the same"],
            ]);
        foreach (var plan in plans) report.Line($"- {plan}");
        report.Line();
        foreach (var times in (Times[])[before, after])
        {
            if (times.Empty / times.Nothing is var ratio && ratio > EmptyGoal)
                failures.Add($"a pull with nothing new takes {Report.Number(ratio)} times as long as a request that does nothing.");
        }
    }

    private static string Us(TimeSpan time) => Report.Number(time.TotalMicroseconds);

    private static string Ratio(Times times) => Report.Number(times.Empty / times.Nothing);

    private static string Target(string lastPulledAt) => $"/sync/pull?last_pulled_at={lastPulledAt}&schema_version=1&migration=null";
}
