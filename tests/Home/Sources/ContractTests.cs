using System.Diagnostics;
using System.Net.Http.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Sources;

/// <summary>"The quote became a contract": one team's event changes one person's home page wherever they look, and Home knows of
/// neither.</summary>
public class ContractTests(HomeApp app) : IClassFixture<HomeApp>
{
    /// <summary>A busy machine may lose a second now and then.</summary>
    private const int Tries = 5;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task An_event_changes_what_a_person_sees_on_two_devices_and_two_nodes_within_a_second()
    {
        using var team = await SourceTeam.New(app, with => with["personal"] = true);
        // On SQLite there is one node; its two devices are two clients of it.
        await using var second = TestDatabase.IsPostgres ? (HomeApp)await app.AnotherNode() : null;
        using var phone = app.As("ada", "customer");
        using var laptop = (second ?? app).As("ada", "customer");
        using var bob = (second ?? app).As("bob", "customer");
        await team.Push(1, "Talk to us about a loan.");
        await team.Push(1, "Your quote is ready.", new { userId = "ada" });
        await Eventually(async () => await laptop.Says(team.Widget) == "Your quote is ready.");
        (await phone.Says(team.Widget)).ShouldBe("Your quote is ready.");
        await Eventually(async () => await bob.Says(team.Widget) == "Talk to us about a loan.");

        var quickest = TimeSpan.MaxValue;
        for (var version = 2; version < 2 + Tries && quickest >= Soon; version++)
        {
            // What was outdated is shown to nobody from that moment on.
            var withdrawn = await Took(async () =>
            {
                await team.Tell("ada");
                await BothSay("Talk to us about a loan.");
            });
            var pushed = await Took(async () =>
            {
                await team.Push(version, "Your contract begins on Monday.", new { userId = "ada" });
                await BothSay("Your contract begins on Monday.");
            });
            quickest = withdrawn > pushed ? withdrawn : pushed;
        }

        quickest.ShouldBeLessThan(Soon);
        (await bob.Says(team.Widget)).ShouldBe("Talk to us about a loan.");

        async Task BothSay(string text)
        {
            (await phone.Says(team.Widget)).ShouldBe(text);
            await Eventually(async () => await laptop.Says(team.Widget) == text);
        }
    }

    [Fact]
    public async Task A_product_of_this_server_does_it_with_one_line_in_its_own_transaction()
    {
        await using var second = TestDatabase.IsPostgres ? (HomeApp)await app.AnotherNode() : null;
        var contracts = 0;
        app.Source.Answer = (_, user, _) => TestSource.Says(contracts > 0 ? $"contract {contracts} of {user}" : $"quote for {user}");
        using var phone = app.As("eve", "customer");
        using var laptop = (second ?? app).As("eve", "customer");
        (await phone.Says(TestSource.Yours)).ShouldBe("quote for eve");
        (await laptop.Says(TestSource.Yours)).ShouldBe("quote for eve");

        var quickest = TimeSpan.MaxValue;
        for (var i = 0; i < Tries && quickest >= Soon; i++)
        {
            contracts++;
            quickest = await Took(async () =>
            {
                await app.Database.Write(tx =>
                {
                    new Foundation.Seams.WidgetStale("test", "yours", "eve").Tell(tx);
                    return Task.CompletedTask;
                });
                (await phone.Says(TestSource.Yours)).ShouldBe($"contract {contracts} of eve");
                await Eventually(async () => await laptop.Says(TestSource.Yours) == $"contract {contracts} of eve");
            });
        }

        quickest.ShouldBeLessThan(Soon);
    }

    private static async Task<TimeSpan> Took(Func<Task> change)
    {
        var began = Stopwatch.GetTimestamp();
        await change();
        return Stopwatch.GetElapsedTime(began);
    }
}
