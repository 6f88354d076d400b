using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Kontor.Sync.Tombstones;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests;

/// <summary>
/// The genuine `@nozbe/watermelondb` client in Node, with its own `synchronize()`, on each of its storage engines that run there. The
/// scenarios are in `watermelon/scenarios.mjs`, which prints a line for each, and asks here for what no phone can do.
/// </summary>
public class WatermelonTests(WatermelonTests.Nodes app) : IClassFixture<WatermelonTests.Nodes>
{
    private const int ScenariosMin = 44;

    /// <summary>Turbo is native code on top of SQLite, and needs a C++ compiler here.</summary>
    private const string Turbo = "turbo";

    private static readonly string Folder = Path.Combine(Repository.Root, "tests", "EndToEnd", "watermelon");

    [Theory]
    [InlineData("lokijs")]
    [InlineData("sqlite")]
    public async Task Devices_agree_whatever_they_did(string engine) => await Run(engine, app.Address.ToString());

    [Theory]
    [InlineData("lokijs")]
    [InlineData("sqlite")]
    public async Task Devices_agree_when_each_talks_to_another_node_on_one_database(string engine)
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "Several nodes need PostgreSQL: set KONTOR_TEST_DATABASE.");
        await using var other = await app.AnotherNode();

        await Run(engine, $"{app.Address},{other.Address}");
    }

    private async Task Run(string engine, string nodes)
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(Folder, "node_modules")),
            "The client is not installed: run `npm ci` in tests/EndToEnd/watermelon.");
        var lines = await Scenarios(nodes, $"{engine}: ");
        if (lines.FirstOrDefault(line => line.StartsWith($"skip {engine}:", StringComparison.Ordinal) && lines.Count == 1) is { } reason)
            Assert.Skip(reason);

        foreach (var line in lines) TestContext.Current.TestOutputHelper?.WriteLine(line);
        var failed = lines.Where(line => !IsOk(line) && !(line.StartsWith("skip ", StringComparison.Ordinal) && line.Contains(Turbo)));
        failed.ShouldBeEmpty();
        lines.Count(IsOk).ShouldBeGreaterThanOrEqualTo(ScenariosMin);
    }

    private static bool IsOk(string line) => line.StartsWith("ok ", StringComparison.Ordinal);

    private async Task<List<string>> Scenarios(string nodes, string names)
    {
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("node", ["scenarios.mjs", nodes, names])
            {
                WorkingDirectory = Folder,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var lines = new List<string>();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (!line.StartsWith("ask ", StringComparison.Ordinal))
            {
                lines.Add(line);
                continue;
            }

            await Do(JsonSerializer.Deserialize<Request>(line["ask ".Length..], JsonSerializerOptions.Web)!);
            await process.StandardInput.WriteLineAsync("done");
        }

        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        // A script that broke off has no line for it.
        if (process.ExitCode != 0 && lines.All(line => !line.StartsWith("not ok", StringComparison.Ordinal)))
            throw new InvalidOperationException($"node ended with {process.ExitCode}: {await errors}");
        return lines;
    }

    /// <summary>Months pass here from one moment to the next, in which nodes cannot tell each other of new keys.</summary>
    public sealed class Nodes : KontorApp
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Accounts:SigningKeyDays"] = "0";
    }

    private sealed record Request(string What, int Days, string Email, string Password, string Table, string Id);

    private async Task Do(Request request)
    {
        switch (request.What)
        {
            case "later":
                app.Clock.Advance(TimeSpan.FromDays(request.Days));
                await app.Services.GetRequiredService<TombstonePurge>().Run(TestContext.Current.CancellationToken);
                break;
            case "bring-back":
                using (var browser = app.NewBrowser())
                {
                    await browser.Open("/login?returnUrl=/planner/deleted");
                    await browser.Submit("/login", ("email", request.Email), ("password", request.Password));
                    await browser.Submit($"/planner/deleted/{request.Table}/{request.Id}/restore");
                    browser.Status.ShouldBe(HttpStatusCode.OK);
                }

                break;
            default:
                throw new InvalidOperationException($"Nobody here can do '{request.What}'.");
        }
    }
}
