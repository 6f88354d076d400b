using System.Net;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public class OutboxTests(ThingsApp app) : IClassFixture<ThingsApp>
{
    [Fact]
    public async Task Every_handler_hears_of_an_event_once()
    {
        var id = await app.Thing(pieces: 10);
        await app.Take(id, 3);

        await ThingsApp.Eventually(async () => await Pending() == 0);
        app.Heard.Messages.Where(message => message.Contains(id)).Order().ShouldBe([$"test.first {id} 3", $"test.second {id} 3"]);
    }

    [Fact]
    public async Task A_refused_or_failed_sender_tells_nobody()
    {
        var id = await app.Thing(pieces: 2);
        (await app.Take(id, 3)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var outbox = app.Services.GetRequiredService<Outbox>();
        await Should.ThrowAsync<InvalidOperationException>(app.Database.Write(async tx =>
        {
            await outbox.Add(tx, new Taken(id, 1));
            throw new InvalidOperationException();
        }));

        (await EventsOf(id)).ShouldBe(0);
    }

    [Fact]
    public async Task A_handler_that_fails_is_asked_again_and_does_not_hold_up_the_other()
    {
        app.Heard.FailuresLeft["test.first"] = 1;
        var id = await app.Thing(pieces: 10);
        await app.Take(id, 3);

        await ThingsApp.Eventually(() => Task.FromResult(app.Heard.Messages.Contains($"test.second {id} 3")));
        await ThingsApp.Eventually(() => Task.FromResult(app.Heard.Messages.Contains($"test.first {id} 3")));
        await ThingsApp.Eventually(async () => await Pending() == 0);
        app.Heard.Messages.Count(message => message.Contains(id)).ShouldBe(2);
    }

    [Fact]
    public async Task After_ten_attempts_it_is_a_dead_letter_until_an_admin_has_it_tried_again()
    {
        app.Heard.FailuresLeft["test.second"] = 10;
        var id = await app.Thing(pieces: 10);
        await app.Take(id, 3);
        var letters = app.Services.GetRequiredService<DeadLetters>();
        await ThingsApp.Eventually(async () =>
        {
            // The pauses grow to minutes; the test's clock has them pass.
            app.Clock.Advance(TimeSpan.FromMinutes(10));
            return (await letters.List(default)).Count == 1;
        });
        var letter = (await letters.List(default)).ShouldHaveSingleItem();
        letter.LastError!.ShouldContain("not now");
        letter.Handler.ShouldBe("test.second");
        app.Heard.Messages.ShouldNotContain($"test.second {id} 3");

        (await letters.Retry(letter.EventId, letter.Handler, default)).ShouldBeTrue();
        await ThingsApp.Eventually(() => Task.FromResult(app.Heard.Messages.Contains($"test.second {id} 3")));
        (await letters.Retry(letter.EventId, letter.Handler, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task What_was_sent_before_a_restart_is_delivered_after_it()
    {
        var id = await app.Thing(pieces: 10);
        app.Heard.FailuresLeft["test.first"] = int.MaxValue;
        await app.Take(id, 3);
        await app.Restart();
        app.Clock.Advance(TimeSpan.FromMinutes(10));

        await ThingsApp.Eventually(() => Task.FromResult(app.Heard.Messages.Contains($"test.first {id} 3")));
    }

    private Task<long> Pending() => app.Database.Read(
        tx => tx.First<long>("SELECT COUNT(*) FROM foundation_deliveries WHERE is_dead = false").AsTask());

    private Task<long> EventsOf(string id) => app.Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM foundation_events WHERE payload LIKE @pattern", new { pattern = $"%{id}%" }).AsTask());
}
