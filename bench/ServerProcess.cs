using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Kontor.Bench;

/// <summary>A server in a process of its own, on a free port of 127.0.0.1.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeMax = TimeSpan.FromSeconds(20);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ServerProcess(Process process, int port)
    {
        (_process, Port) = (process, port);
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    /// <summary>From the start of the process to the first right answer.</summary>
    public TimeSpan StartTime { get; private set; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>What of it is the process's own, and what are pages of files, which the system takes back when it needs them.</summary>
    public (long Own, long Files) ResidentParts
    {
        get
        {
            var lines = File.ReadAllLines($"/proc/{_process.Id}/status");
            return (Kibibytes(lines, "RssAnon:") * 1024, Kibibytes(lines, "RssFile:") * 1024);
        }
    }

    /// <param name="words">What follows `dotnet`; `{port}` stands for the port.</param>
    /// <param name="environment">Added to this process's.</param>
    /// <param name="target">What is asked for until the answer is 200.</param>
    public static async Task<ServerProcess> Start(
        IEnumerable<string> words, IReadOnlyDictionary<string, string> environment, string target)
    {
        var port = FreePort();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        var portText = port.ToString(CultureInfo.InvariantCulture);
        foreach (var word in words) start.ArgumentList.Add(word == "{port}" ? portText : word);
        // The driver's own settings are not the server's.
        foreach (var name in start.Environment.Keys.Where(IsOfTheDriver).ToList()) start.Environment.Remove(name);
        foreach (var (name, value) in environment) start.Environment[name] = value;

        var begun = Stopwatch.GetTimestamp();
        var server = new ServerProcess(Process.Start(start)!, port);
        await server.WaitUntilRight(target, begun);
        server.StartTime = Stopwatch.GetElapsedTime(begun);
        return server;
    }

    /// <summary>Ends it with SIGTERM, as a process manager does.</summary>
    /// <returns>The exit code and how long it took.</returns>
    public async Task<(int Code, TimeSpan Time)> Stop()
    {
        var begun = Stopwatch.GetTimestamp();
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var patience = new CancellationTokenSource(StopTimeMax);
        await _process.WaitForExitAsync(patience.Token);
        return (_process.ExitCode, Stopwatch.GetElapsedTime(begun));
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static long Kibibytes(string[] lines, string name)
    {
        var line = lines.First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private static bool IsOfTheDriver(string name) =>
        name.StartsWith("DOTNET_SYSTEM_NET_SOCKETS", StringComparison.Ordinal)
        || name.StartsWith("KONTOR_", StringComparison.Ordinal)
        || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)
        || name == "PORT";

    private async Task WaitUntilRight(string target, long begun)
    {
        var request = Requests.Get(target);
        while (true)
        {
            if (_process.HasExited || Stopwatch.GetElapsedTime(begun) > StartTimeMax)
                throw new BenchException($"The server did not answer GET {target}. It said:\n{string.Join('\n', _output)}");
            try
            {
                using var connection = new HttpConnection(Port);
                await connection.Open();
                if (await connection.Exchange(request) == 200) return;
            }
            catch (SocketException)
            {
                // It does not listen yet.
            }

            await Task.Delay(1);
        }
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        _output.Enqueue(line);
        if (_output.Count > 50) _output.TryDequeue(out _);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
