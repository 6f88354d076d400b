using System.Diagnostics;
using System.Net.Sockets;

namespace Kontor.Bench;

/// <summary>One piece of work over a connection, for instance a request, or adding to a cart and then ordering.</summary>
/// <returns>200, or the first status that was not a success.</returns>
internal delegate ValueTask<int> Caller(HttpConnection connection);

/// <summary>What came of one measurement.</summary>
/// <param name="PerSecond">Pieces of work that succeeded.</param>
/// <param name="Errors">How often each status came that is not a success; 0 stands for a lost connection.</param>
/// <param name="ServerMicroseconds">Processor time that the server used for each piece of work.</param>
internal sealed record Measurement(double PerSecond, Latencies Latencies, SortedDictionary<int, long> Errors, double ServerMicroseconds);

/// <summary>
/// Drives a server as hard as it answers: each caller sends its next request when it has the answer to the last (a closed loop, so
/// latencies are those at full load).
/// </summary>
internal sealed class Load(ServerProcess server, TimeSpan warmUp, TimeSpan measured)
{
    private sealed class Tally
    {
        public Latencies Latencies { get; } = new();

        public SortedDictionary<int, long> Errors { get; } = [];
    }

    public async Task<Measurement> Run(IReadOnlyList<Caller> callers)
    {
        var begin = Stopwatch.GetTimestamp() + (long)(warmUp.TotalSeconds * Stopwatch.Frequency);
        var end = begin + (long)(measured.TotalSeconds * Stopwatch.Frequency);
        var running = callers.Select(caller => Task.Run(() => Drive(caller, begin, end))).ToList();

        await Task.Delay(warmUp);
        var (from, used) = (Stopwatch.GetTimestamp(), server.ProcessorTime);
        await Task.Delay(measured - TimeSpan.FromMilliseconds(50));
        used = server.ProcessorTime - used;
        var share = Stopwatch.GetElapsedTime(from) / measured;

        var latencies = new Latencies();
        var errors = new SortedDictionary<int, long>();
        foreach (var tally in await Task.WhenAll(running))
        {
            latencies.Add(tally.Latencies);
            foreach (var (status, count) in tally.Errors) errors[status] = errors.GetValueOrDefault(status) + count;
        }

        var done = latencies.Count + errors.Values.Sum();
        return new(latencies.Count / measured.TotalSeconds, latencies, errors, used.TotalMicroseconds / Math.Max(1, done * share));
    }

    private async Task<Tally> Drive(Caller caller, long begin, long end)
    {
        var tally = new Tally();
        using var connection = new HttpConnection(server.Port);
        await connection.Open();
        for (var before = Stopwatch.GetTimestamp(); before < end;)
        {
            int status;
            try
            {
                status = await caller(connection);
            }
            catch (SocketException)
            {
                status = 0;
                await connection.Open();
            }

            var after = Stopwatch.GetTimestamp();
            if (after >= begin && after < end)
            {
                if (status is >= 200 and < 300) tally.Latencies.Add(Stopwatch.GetElapsedTime(before, after));
                else tally.Errors[status] = tally.Errors.GetValueOrDefault(status) + 1;
            }

            before = after;
        }

        return tally;
    }
}
