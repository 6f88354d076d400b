namespace Kontor.Bench;

/// <summary>
/// What knowing the caller costs: the same requests to an endpoint that does next to nothing, from people and from strangers in turn.
/// </summary>
internal sealed class VerifiedTokens(BenchOptions options, ServerProcess kontor)
{
    private const string Name = "token";

    private const string Target = "/health/live";
    private const string Goal = "0.85 of strangers";

    public async Task Measure(Report report, List<string> failures)
    {
        if (!Name.Contains(options.Only, StringComparison.OrdinalIgnoreCase)) return;
        Report.Progress("verified tokens");
        using var setup = new Setup(kontor.Port);
        var people = new List<Caller>();
        for (var i = 0; i < options.Connections; i++) people.Add(Asking(await setup.Register()));
        var strangers = Enumerable.Repeat(Asking(accessToken: null), options.Connections).ToList();
        var (without, with) = (new List<Measurement>(), new List<Measurement>());
        for (var round = 0; round < options.Rounds; round++)
        {
            without.Add(await Drive(strangers));
            with.Add(await Drive(people));
        }

        if (without.Concat(with).Any(one => one.Errors.Count > 0)) failures.Add("verified tokens: not every answer was 200.");
        report.Table(
            [$"GET {Target}", "per s", "server time µs", "of strangers", "server time of strangers", "goal"],
            [
                ["without a token", Speed(without), Cost(without), "", "", ""],
                [
                    "with a verified token", Speed(with), Cost(with),
                    Report.Number(Middle(with.Zip(without, (person, stranger) => person.PerSecond / stranger.PerSecond))),
                    Report.Number(Middle(with.Zip(without, (person, stranger) => stranger.ServerMicroseconds / person.ServerMicroseconds))),
                    Goal,
                ],
            ]);
    }

    private Task<Measurement> Drive(List<Caller> callers) => new Load(kontor, options.WarmUp, options.Measured).Run(callers);

    private static Caller Asking(string? accessToken)
    {
        var request = Requests.Get(Target, accessToken);
        return connection => connection.Exchange(request);
    }

    private static string Speed(List<Measurement> found) => Report.Number(Middle(found.Select(one => one.PerSecond)));

    private static string Cost(List<Measurement> found) => Report.Number(Middle(found.Select(one => one.ServerMicroseconds)));

    private static double Middle(IEnumerable<double> numbers)
    {
        var all = numbers.Order().ToList();
        return all[all.Count / 2];
    }
}
