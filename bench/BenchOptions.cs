using System.Globalization;

namespace Kontor.Bench;

/// <summary>Something that keeps a measurement from being made, in words for the person at the terminal.</summary>
internal sealed class BenchException(string message) : Exception(message);

/// <summary>What the command line says.</summary>
internal sealed record BenchOptions
{
    /// <summary>The published `Kontor.dll`.</summary>
    public required string Server { get; init; }

    /// <summary>Callers at once, each with a connection of its own.</summary>
    public int Connections { get; init; } = 100;

    /// <summary>How long each measurement lasts, after a warm-up of as long again, at most three seconds.</summary>
    public int Seconds { get; init; } = 4;

    /// <summary>Kontor and the bare server are measured in turn this often; the middle one of the results counts.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Only workloads whose name contains this.</summary>
    public string Only { get; init; } = "";

    /// <summary>An empty database for what needs two nodes; null leaves that out.</summary>
    public string? Postgres { get; init; }

    /// <summary>Keeps the report in `bench/results`.</summary>
    public bool Save { get; init; }

    public TimeSpan Measured => TimeSpan.FromSeconds(Seconds);

    public TimeSpan WarmUp => TimeSpan.FromSeconds(Math.Min(3, Seconds));

    public static BenchOptions Read(string[] args)
    {
        var options = new BenchOptions { Server = "artifacts/app/Kontor.dll" };
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--quick" => options with { Seconds = 2, Rounds = 1 },
                "--save" => options with { Save = true },
                "--server" => options with { Server = Value(args, ref i) },
                "--only" => options with { Only = Value(args, ref i) },
                "--postgres" => options with { Postgres = Value(args, ref i) },
                "--connections" => options with { Connections = Number(args, ref i) },
                "--seconds" => options with { Seconds = Number(args, ref i) },
                "--rounds" => options with { Rounds = Number(args, ref i) },
                var unknown => throw new BenchException(
                    $"There is no option {unknown}. There are --quick, --save, --only NAME, --postgres URL, --connections N, --seconds N "
                    + "and --rounds N."),
            };
        }

        return File.Exists(options.Server) ? options : throw new BenchException($"There is no {options.Server}; use ./kontor bench.");
    }

    private static string Value(string[] args, ref int i) =>
        ++i < args.Length ? args[i] : throw new BenchException($"{args[i - 1]} needs a value.");

    private static int Number(string[] args, ref int i) =>
        int.TryParse(Value(args, ref i), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new BenchException($"{args[i - 1]} needs a number above zero.");
}
