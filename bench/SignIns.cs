using System.Diagnostics;
using System.Text.Json;

namespace Kontor.Bench;

/// <summary>People sign in: as many as a busy shop has, beside the hash's own speed; and far too many at once, while others look at the
/// home feed.</summary>
internal sealed class SignIns(BenchOptions options, ServerProcess kontor) : IDisposable
{
    public const int Usual = 32;
    public const int Storm = 500;
    public const string Goal = "0.90 of the hash";
    public const string StormGoal = "p99 under 100 ms";

    private const int Visitors = 10;
    private const string Target = "/auth/login";

    private readonly Setup _setup = new(kontor.Port);

    /// <summary>What came of the storms.</summary>
    /// <param name="Calm">Visits to the home feed before.</param>
    /// <param name="Feed">Visits meanwhile.</param>
    /// <param name="Failed">Visits that were not answered 200.</param>
    /// <param name="Others">Sign-ins that were answered neither 200 nor 503; there should be none.</param>
    /// <param name="Longest">Until the last of a storm had an answer.</param>
    internal sealed record StormResult(
        Latencies Calm, Latencies Feed, int Failed, int Storms, int SignedIn, int TooBusy, int Others, TimeSpan Longest, long ResidentBytes)
    {
        public bool IsWrong => Others > 0 || SignedIn == 0 || Failed > 0;
    }

    public async Task<Measurement> Measure()
    {
        var callers = new List<Caller>();
        for (var i = 0; i < Usual; i++) callers.Add(SigningIn(await _setup.NewAccount()));
        return await new Load(kontor, options.WarmUp, options.Measured).Run(callers);
    }

    public async Task<StormResult> MeasureStorm()
    {
        var visitors = new List<byte[]>();
        for (var i = 0; i < Visitors; i++) visitors.Add(Requests.Get("/api/home", await _setup.Register()));
        var email = await _setup.NewAccount();
        var (calm, failedBefore) = await Visit(visitors);
        var visits = Visit(visitors);
        var (answers, storms, longest) = (new List<int>(), 0, TimeSpan.Zero);
        while (!visits.IsCompleted)
        {
            var begun = Stopwatch.GetTimestamp();
            answers.AddRange(await Task.WhenAll(Enumerable.Range(0, Storm).Select(_ => Task.Run(() => SignIn(email)))));
            storms++;
            if (Stopwatch.GetElapsedTime(begun) is var time && time > longest) longest = time;
        }

        var (feed, failed) = await visits;
        var (signedIn, tooBusy) = (answers.Count(status => status == 200), answers.Count(status => status == 503));
        var others = answers.Count - signedIn - tooBusy;
        return new(calm, feed, failedBefore + failed, storms, signedIn, tooBusy, others, longest, kontor.ResidentBytes);
    }

    /// <summary>Each visitor looks at the feed a hundred times a second, which leaves the machine to the sign-ins.</summary>
    private async Task<(Latencies Latencies, int Failed)> Visit(List<byte[]> visitors)
    {
        var end = Stopwatch.GetTimestamp() + (long)(options.Measured.TotalSeconds * Stopwatch.Frequency);
        var (all, failed) = (new Latencies(), 0);
        await Task.WhenAll(visitors.Select(request => Task.Run(async () =>
        {
            using var connection = new HttpConnection(kontor.Port);
            await connection.Open();
            while (Stopwatch.GetTimestamp() < end)
            {
                var begun = Stopwatch.GetTimestamp();
                var status = await connection.Exchange(request);
                var time = Stopwatch.GetElapsedTime(begun);
                lock (all)
                {
                    all.Add(time);
                    if (status != 200) failed++;
                }

                await Task.Delay(10);
            }
        })));
        return (all, failed);
    }

    public void Dispose() => _setup.Dispose();

    private async Task<int> SignIn(string email)
    {
        using var connection = new HttpConnection(kontor.Port);
        await connection.Open();
        return await SigningIn(email)(connection);
    }

    private static Caller SigningIn(string email)
    {
        var request = Requests.Post(Target, JsonSerializer.Serialize(new { email, password = Setup.Password }));
        return connection => connection.Exchange(request);
    }
}
