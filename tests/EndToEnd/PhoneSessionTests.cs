using System.Diagnostics;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests;

/// <summary>The example in `docs/accounts.md` keeps an app signed in, whatever the network does. Its scenarios are in
/// `phone/session.mjs`.</summary>
public sealed class PhoneSessionTests(KontorApp app) : IClassFixture<KontorApp>, IDisposable
{
    private static readonly string TypeScript = Path.Combine(Repository.Root, "tests", "EndToEnd", "watermelon");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kontor-phone-");

    [Fact]
    public async Task An_answer_that_was_lost_is_repeated_hours_later_after_a_restart_of_the_app()
    {
        using var robin = await app.NewPerson();
        var file = Keep(robin);
        await Run("lose", file);

        app.Clock.Advance(TimeSpan.FromHours(5));

        await Run("resume", file);
    }

    [Theory]
    [InlineData("parallel")]
    [InlineData("others")]
    [InlineData("ended")]
    public async Task An_app_does_what_an_answer_asks_of_it(string scenario)
    {
        using var robin = await app.NewPerson();
        await Run(scenario, Keep(robin));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string Keep(Person person)
    {
        var file = Path.Combine(_folder.FullName, "tokens.json");
        var tokens = new { accessToken = person.Tokens.AccessToken, refreshToken = person.Tokens.RefreshToken };
        File.WriteAllText(file, JsonSerializer.Serialize(tokens));
        return file;
    }

    private async Task Run(string scenario, string file)
    {
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(TypeScript, "node_modules", "typescript")),
            "TypeScript is not installed: run `npm ci` in tests/EndToEnd/watermelon.");
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("node", ["../phone/session.mjs", scenario, app.Address.ToString().TrimEnd('/'), file])
            {
                WorkingDirectory = TypeScript,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        process.Start();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        output.Trim().ShouldBe($"ok {scenario}", await errors);
    }
}
