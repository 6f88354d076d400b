using System.Diagnostics;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests;

/// <summary>
/// The genuine `@nozbe/watermelondb` client in Node, with its own `synchronize()`, on each of its storage engines that run there. The
/// scenarios are in `watermelon/scenarios.mjs`, which prints a line for each.
/// </summary>
public class WatermelonTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const int ScenariosMin = 20;

    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "EndToEnd", "watermelon");

    [Theory]
    [InlineData("lokijs")]
    [InlineData("sqlite")]
    public async Task Devices_agree_whatever_they_did(string engine) => await Run(engine, app.Address.ToString());

    [Fact]
    public async Task Devices_agree_when_each_talks_to_another_node_on_one_database()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "Several nodes need PostgreSQL: set KONTOR_TEST_DATABASE.");
        await using var other = new SecondNode(app.Services.GetRequiredService<Settings>());
        await other.InitializeAsync();

        await Run("lokijs", $"{app.Address},{other.Address}");
    }

    private static async Task Run(string engine, string nodes)
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules")),
            "The client is not installed: run `npm ci` in tests/EndToEnd/watermelon.");
        var lines = await Scenarios(nodes, $"{engine}: ");
        if (lines.FirstOrDefault(line => line.StartsWith($"skip {engine}:", StringComparison.Ordinal) && lines.Count == 1) is { } reason)
            Assert.Skip(reason);

        foreach (var line in lines) TestContext.Current.TestOutputHelper?.WriteLine(line);
        lines.ShouldAllBe(line => line.StartsWith("ok ", StringComparison.Ordinal) || line.StartsWith("skip ", StringComparison.Ordinal));
        lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(ScenariosMin);
    }

    private static async Task<List<string>> Scenarios(string nodes, string names)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("node", ["scenarios.mjs", nodes, names])
            {
                WorkingDirectory = Folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        // A script that broke off has no line for it.
        if (process.ExitCode != 0 && lines.All(line => !line.StartsWith("not ok", StringComparison.Ordinal)))
            throw new InvalidOperationException($"node ended with {process.ExitCode}: {await errors}");
        return lines;
    }

    /// <summary>Shares the first node's database, and its folder with the keys.</summary>
    private sealed class SecondNode(Settings first) : KontorApp
    {
        protected override Settings Configure(Settings settings) =>
            settings with { Postgres = first.Postgres, DataFolder = first.DataFolder };
    }
}
