using System.Diagnostics;

namespace Kontor.Bench;

/// <summary>Everybody wants the last pieces at the same moment: each adds one and orders it.</summary>
internal static class Rush
{
    public const int Buyers = 200;
    public const int Pieces = 50;

    /// <param name="Refused">Answers 409.</param>
    /// <param name="Others">Anything that is neither an order nor a refusal; there should be none.</param>
    internal sealed record Result(int Orders, int Refused, int Others, TimeSpan Time)
    {
        public string[] Row(string name) => [name, $"{Orders}", $"{Refused}", $"{Others}", Report.Ms(Time)];
    }

    public static async Task<Result> Run(int port, string productId)
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
