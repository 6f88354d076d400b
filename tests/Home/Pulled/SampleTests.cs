using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Pulled;

/// <summary>The samples are run as another team would run them.</summary>
public class SampleTests(PullingApp app) : IClassFixture<PullingApp>
{
    internal const string Push = "samples/push-source/push.mjs";

    [Fact]
    public async Task The_service_that_is_pulled_fills_its_widget()
    {
        const string secret = "a-secret-of-both-sides";
        using var service = Start("python3", ["samples/pull-source/serve.py"], ("PORT", "0"), ("PULL_SECRET", secret));
        try
        {
            var line = await service.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
            var address = new Uri(line!.Split(' ')[^1]);
            var (source, widget) = await Given();
            using var stranger = new HttpClient();
            (await stranger.GetAsync(address)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

            var declared = await app.Admin.PatchAsJsonAsync(
                $"/api/admin/sources/{source}",
                new { pull = new { url = new Uri(address, "/feed"), auth = "signed", secret, callsPerMinute = 600, intervalSeconds = 1 } });

            declared.StatusCode.ShouldBe(HttpStatusCode.OK, await declared.Content.ReadAsStringAsync());
            await Eventually(async () => (await app.Anonymous.Keys()).Contains(widget));
            (await app.Anonymous.Feed()).GetRawText().ShouldContain("3.9 % until Sunday");
            // The second call is answered 304, and renews.
            await Eventually(async () => await app.Database.Read(tx => tx.First<long>(
                "SELECT COUNT(*) FROM home_pull_calls WHERE source = @source AND outcome = 'unchanged'", new { source }).AsTask()) > 0);
            await app.Admin.DeleteAsync($"/api/admin/sources/{source}");
        }
        finally
        {
            service.Kill(entireProcessTree: true);
        }
    }

    [Fact]
    public async Task The_service_that_pushes_fills_its_widget_for_all_and_for_one()
    {
        var (source, widget) = await Given();
        var key = await SourceTeam.NewKey(app, source);
        using var service = Start(
            "node", [Push, "ada"], ("HOME_URL", app.Address.ToString().TrimEnd('/')), ("SOURCE_KEY", key));

        await service.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));

        service.ExitCode.ShouldBe(0, await service.StandardError.ReadToEndAsync());
        (await app.Anonymous.Keys()).ShouldContain(widget);
        (await app.As("ada").Feed()).GetRawText().ShouldContain("Your quote is ready");
        (await app.As("bob").Feed()).GetRawText().ShouldNotContain("Your quote is ready");
    }

    [Fact]
    public async Task One_source_pushes_and_is_pulled_in_whatever_order()
    {
        var (source, widget) = await Given();
        var key = await SourceTeam.NewKey(app, source);
        await Push();
        using var service = Start("python3", ["samples/pull-source/serve.py"], ("PORT", "0"), ("PULL_SECRET", ""));
        try
        {
            var line = await service.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30));
            var url = new Uri(new Uri(line!.Split(' ')[^1]), "/feed");
            await app.Admin.PatchAsJsonAsync(
                $"/api/admin/sources/{source}", new { pull = new { url, callsPerMinute = 600, intervalSeconds = 3600 } });
            await Taken(1);
            await Push();
            // Asks for all of it again.
            using var team = SourceTeam.ClientWith(app, key);
            await team.PostAsJsonAsync($"/api/home/sources/{source}/events", new { events = new[] { new { key = "offer" } } });
            await Taken(2);

            (await app.Anonymous.Keys()).ShouldContain(widget);
            var report = await team.PostAsJsonAsync("/api/home/types/card-list/verify", new { pull = true });
            (await report.Content.ReadAsStringAsync()).ShouldContain("\"passed\":true");
        }
        finally
        {
            service.Kill(entireProcessTree: true);
            await app.Admin.DeleteAsync($"/api/admin/sources/{source}");
        }

        async Task Push()
        {
            using var sample = Start(
                "node", [SampleTests.Push, "ada"], ("HOME_URL", app.Address.ToString().TrimEnd('/')), ("SOURCE_KEY", key));
            await sample.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
            sample.ExitCode.ShouldBe(0, await sample.StandardError.ReadToEndAsync());
        }

        Task Taken(long calls) => Eventually(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return await app.Database.Read(tx => tx.First<long>(
                "SELECT COUNT(*) FROM home_pull_calls WHERE source = @source AND outcome = '1 taken'", new { source }).AsTask()) == calls;
        });
    }

    private async Task<(string Source, string Widget)> Given()
    {
        var source = $"sample-{Guid.NewGuid():n}"[..16];
        await app.Admin.PostAsJsonAsync("/api/admin/sources", new { key = source, team = "lending" });
        var made = await app.Admin.PostAsJsonAsync("/api/admin/widgets", new
        {
            source,
            key = "offer",
            type = "card-list",
            titles = new { en = "Loans" },
            personal = true,
            state = "published",
        });
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        return (source, $"{source}.offer");
    }

    internal static Process Start(
        string program, IReadOnlyList<string> arguments, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
