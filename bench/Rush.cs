using System.Diagnostics;

namespace Kontor.Bench;

/// <summary>Everybody wants the last pieces at the same moment: each adds one and orders it.</summary>
internal static class Rush
{
    private const int Buyers = 200;
    private const int Pieces = 50;
    private const int Rounds = 5;

    /// <summary>From the first request to the last answer.</summary>
    private const string Goal = "at most 100 ms";

    /// <param name="Refused">Answers 409.</param>
    /// <param name="Others">Anything that is neither an order nor a refusal; there should be none.</param>
    private sealed record Result(int Orders, int Refused, int Others, TimeSpan Time)
    {
        public string[] Row(string name) => [name, $"{Orders}", $"{Refused}", $"{Others}", Report.Ms(Time), Goal];
    }

    public static async Task Measure(int port, Report report, List<string> failures)
    {
        Report.Progress($"{Buyers} buyers for {Pieces} pieces");
        try
        {
            using var setup = new Setup(port);
            var admin = await setup.SignInAsAdmin();
            var results = new List<Result>();
            for (var i = 0; i < Rounds; i++)
                results.Add(await Run(port, await setup.CreateProduct(admin, $"Last pieces {i}", Pieces)));
            report.Table(
                [$"{Buyers} buyers at once for {Pieces} pieces", "orders", "refused", "other answers", "ms", "goal"],
                results.Select((result, i) => result.Row($"round {i + 1}")));
            if (results.Any(result => result.Orders != Pieces || result.Others > 0))
                failures.Add("the rush did not sell exactly every piece.");
        }
        catch (BenchException exception)
        {
            failures.Add($"rush: {exception.Message}");
        }
    }

    private static async Task<Result> Run(int port, string productId)
    {
        var connections = new List<HttpConnection>();
        for (var i = 0; i < Buyers; i++)
        {
            var connection = new HttpConnection(port);
            await connection.Open();
            connections.Add(connection);
        }

        var begun = Stopwatch.GetTimestamp();
        var answers = await Task.WhenAll(connections.Select(connection => Task.Run(() => Guest.Buying(productId)(connection).AsTask())));
        var time = Stopwatch.GetElapsedTime(begun);
        foreach (var connection in connections) connection.Dispose();
        var (orders, refused) = (answers.Count(status => status == 201), answers.Count(status => status == 409));
        return new(orders, refused, Buyers - orders - refused, time);
    }
}
