using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Kontor.Bench;

/// <summary>Phones that listen: how soon one hears, on another node, of an edit; and what ten thousand silent ones cost a node.</summary>
internal sealed class LiveSync(Report report, string data, string? postgres, Func<string, string?, Task<ServerProcess>> start)
{
    public const string Name = "live sync";

    public const string NodesFolder = "-nodes";

    private const int People = 20;
    private const int EditsOfEach = 50;
    private const int Idle = 10_000;
    private const int IdleOfEach = 20;
    private const double GoalMs = 200;

    public async Task Run(List<string> failures)
    {
        if (postgres is null) report.Line("Edits on another node were not measured: that needs `--postgres URL`, an empty database.");
        else await MeasureNodes(postgres, failures);
        report.Line();
        await MeasureIdle();
    }

    private async Task MeasureNodes(string url, List<string> failures)
    {
        Report.Progress("edits on one node, phones on another");
        // Nodes share the folder with the keys, too.
        var folder = data + NodesFolder;
        await using var first = await start(folder, url);
        await using var second = await start(folder, url);
        var (heard, pulled) = (new Latencies(), new Latencies());
        using (var setup = new Setup(first.Port))
        {
            var tokens = new List<string>();
            for (var i = 0; i < People; i++) tokens.Add((await setup.NewPhone()).Token);
            await Task.WhenAll(tokens.Select(token => Task.Run(() => Edit(setup, second, token, heard, pulled))));
        }

        report.Table(
            [$"{People} people edit on one node, their other phones are on another", "edits", "p50 ms", "p95 ms", "p99 ms", "goal"],
            [
                ["from sending the push to hearing of it", .. Cells(heard), "p99 under 200 ms"],
                ["from sending the push to having pulled it", .. Cells(pulled), "p99 under 200 ms"],
            ]);
        if (pulled.Percentile(0.99).TotalMilliseconds > GoalMs) failures.Add("an edit reaches another node's phone too late.");
    }

    private static async Task Edit(Setup writer, ServerProcess node, string token, Latencies heard, Latencies pulled)
    {
        var since = await writer.PushTasks(token, 1);
        using var reader = new Setup(node.Port);
        using var listener = await Listener.Open(node.Port, token);
        for (var i = 0; i <= EditsOfEach; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            var push = writer.PushTitle(token, $"Edit {i}", since);
            await listener.Hear();
            var toHear = Stopwatch.GetElapsedTime(begun);
            var target = $"/sync/pull?last_pulled_at={since.ToString(CultureInfo.InvariantCulture)}&schema_version=1&migration=null";
            (var rows, since, _) = await reader.PullTasks(target, token);
            var toHave = Stopwatch.GetElapsedTime(begun);
            await push;
            if (rows != 1) throw new BenchException($"A phone heard of an edit, and pulled {rows} tasks.");
            await Task.Delay(50);
            // The first of each finds a node that was just started: neither compiled nor connected to the database.
            if (i == 0) continue;
            lock (heard)
            {
                heard.Add(toHear);
                pulled.Add(toHave);
            }
        }
    }

    private async Task MeasureIdle()
    {
        Report.Progress($"{Idle} idle listeners");
        await using var server = await start(data, null);
        using var setup = new Setup(server.Port);
        var tokens = new List<string>();
        foreach (var _ in Enumerable.Range(0, Idle / IdleOfEach)) tokens.Add((await setup.NewPhone()).Token);
        var before = server.ResidentBytes;
        var listeners = new List<Listener>();
        foreach (var token in tokens)
            listeners.AddRange(await Task.WhenAll(Enumerable.Range(0, IdleOfEach).Select(_ => Listener.Open(server.Port, token))));
        await Task.Delay(TimeSpan.FromSeconds(5));
        var after = server.ResidentBytes;
        var used = server.ProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(30));
        used = server.ProcessorTime - used;
        await setup.PushTasks(tokens[0], 1);
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(listeners.Take(IdleOfEach).Select(listener => listener.Hear()));
        report.Table(
            ["idle listeners", "MiB before", "MiB with them", "KiB each", "processor time in 30 s, ms", "20 hear of an edit, ms"],
            [
                [
                    $"{listeners.Count:#,0}", Report.MiB(before), Report.MiB(after),
                    Report.Number((after - before) / 1024.0 / listeners.Count), Report.Ms(used), Report.Ms(Stopwatch.GetElapsedTime(begun)),
                ],
            ]);
        foreach (var listener in listeners) listener.Dispose();
    }

    private static string[] Cells(Latencies latencies) =>
    [
        latencies.Count.ToString(CultureInfo.InvariantCulture),
        .. ((double[])[0.50, 0.95, 0.99]).Select(share => Report.Ms(latencies.Percentile(share))),
    ];

    /// <summary>A connection to `/sync/live` with a buffer for one event, because there are ten thousand of them.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        public static async Task<Listener> Open(int port, string token)
        {
            var listener = new Listener();
            await listener._socket.ConnectAsync(IPAddress.Loopback, port);
            await listener._socket.SendAsync(Requests.Get("/sync/live", token));
            await listener.ReadUntil(": listening");
            return listener;
        }

        public Task Hear() => ReadUntil("event: changed");

        public void Dispose() => _socket.Dispose();

        private async Task ReadUntil(string expected)
        {
            var text = "";
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var buffer = new byte[1024];
            try
            {
                while (!text.Contains(expected, StringComparison.Ordinal))
                {
                    var read = await _socket.ReceiveAsync(buffer, patience.Token);
                    if (read == 0) break;
                    text += Encoding.UTF8.GetString(buffer, 0, read);
                }
            }
            catch (OperationCanceledException)
            {
                // What came instead is said below.
            }

            if (!text.Contains(expected, StringComparison.Ordinal)) throw new BenchException($"A listener was answered: {text}");
        }
    }
}
