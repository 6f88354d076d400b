using Kontor.Foundation.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public class SlowHandlerTests(SlowHandlerTests.ImpatientApp app) : IClassFixture<SlowHandlerTests.ImpatientApp>
{
    public sealed class ImpatientApp : ThingsApp
    {
        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.Configure<OutboxOptions>(outbox => outbox.HandlerSeconds = 1);
    }

    [Fact]
    public async Task A_handler_that_never_ends_has_failed_and_holds_up_nobody()
    {
        var (endless, other) = (await app.Thing(pieces: 10), await app.Thing(pieces: 10));
        app.Heard.Endless = endless;
        await app.Take(endless, 1);
        await ThingsApp.Eventually(() => Task.FromResult(app.Heard.Messages.Contains($"test.first {endless} 1")));
        await app.Take(other, 1);

        await ThingsApp.Eventually(() => Task.FromResult(app.Heard.Messages.Contains($"test.second {other} 1")));
        await ThingsApp.Eventually(async () => await app.Database.Read(tx => tx.First<string>(
            "SELECT last_error FROM foundation_deliveries WHERE handler = 'test.second'").AsTask()) is not null);
        app.Heard.Endless = null;
        app.Clock.Advance(TimeSpan.FromMinutes(10));
        await ThingsApp.Eventually(() => Task.FromResult(app.Heard.Messages.Contains($"test.second {endless} 1")));
    }
}
