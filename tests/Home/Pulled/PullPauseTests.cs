using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Pulled;

/// <summary>A source that fails is left alone by all nodes, whichever of them saw it fail, until somebody mends what it declared.</summary>
public sealed class PullPauseTests : IAsyncLifetime
{
    private readonly PullingApp _app = new();

    public async ValueTask InitializeAsync() => await _app.InitializeAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Failures_in_a_row_that_no_node_saw_alone_open_the_breaker()
    {
        await using var source = await OutsideSource.New(_app);
        source.Answer = Fail;
        await source.Pull(interval: 10, rate: 600);

        for (var i = 1; i <= 3; i++)
        {
            await Failures(source, i);
            // The next call is made by a node that has seen none of it.
            await _app.Restart();
            if (i < 3) _app.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        (await source.Health()).GetProperty("breaker").GetString().ShouldBe("open");
    }

    [Fact]
    public async Task What_was_mended_is_asked_without_waiting_for_the_end_of_the_pause()
    {
        await using var source = await OutsideSource.New(_app);
        source.Answer = Fail;
        await source.Pull(interval: 60, rate: 600);
        for (var i = 1; i <= 3; i++)
        {
            await Failures(source, i);
            if (i < 3) _app.Clock.Advance(TimeSpan.FromSeconds(60));
        }

        (await source.Health()).GetProperty("breaker").GetString().ShouldBe("open");
        source.Says(1, "Mended.");
        _app.Clock.Advance(TimeSpan.FromSeconds(1));
        await source.Pull(interval: 60, rate: 600, path: "/mended");

        await Eventually(async () => await _app.Anonymous.Says(source.Widget) == "Mended.");
    }

    private static Task Fail(HttpContext http)
    {
        http.Response.StatusCode = 503;
        return Task.CompletedTask;
    }

    private static Task Failures(OutsideSource source, int count) =>
        Eventually(async () => (await source.Health()).GetProperty("failures").GetInt64() >= count);
}
