using Kontor.Bench;

// The process beside which Kontor is measured is this program too, so that both have the same runtime and settings.
if (args is ["bare", var port, .. var answers])
{
    await BareServer.Run(int.Parse(port, System.Globalization.CultureInfo.InvariantCulture), answers.FirstOrDefault());
    return 0;
}

try
{
    return await Benchmarks.RunAll(BenchOptions.Read(args), Console.Out);
}
catch (BenchException exception)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return 1;
}
