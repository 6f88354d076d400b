using System.Net;
using System.Net.Http.Json;
using Kontor.Accounts.Passwords;
using Kontor.Foundation.Http;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class BusyTests(BusyTests.NarrowApp app) : IClassFixture<BusyTests.NarrowApp>
{
    private static readonly ClientNetwork Here = new("127.0.0.1");

    /// <summary>One hash at a time, and two that wait.</summary>
    public sealed class NarrowApp : KontorApp
    {
        internal HashingGate Gate { get; } = new(width: 1, waitingMax: 2);

        protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

        protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton(Gate);
    }

    [Fact]
    public void Argon2_computes_what_its_specification_says() => Should.NotThrow(Argon2.TestItself);

    [Fact]
    public async Task Beyond_what_the_machine_can_hash_people_are_told_to_come_again()
    {
        using var robin = await app.NewPerson();
        using var release = new ManualResetEventSlim();
        var inside = Enumerable.Range(0, 3)
            .Select(_ => app.Gate.Run(() => Blocked(release), Here, CancellationToken.None)).ToList();
        using var anybody = app.NewClient();

        var answers = new[]
        {
            await anybody.PostAsJsonAsync("/auth/login", new { email = robin.Email, password = robin.Password }),
            await anybody.PostAsJsonAsync("/auth/register", new { email = "new@kontor.example", password = "a long enough phrase" }),
        };
        using var browser = new Browser(app);
        var page = await browser.Submit("/login", "/login", new { email = robin.Email, password = robin.Password });
        release.Set();
        await Task.WhenAll(inside);

        foreach (var answer in answers)
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
            (await answer.Code()).ShouldBe("too-busy");
        }

        page.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        // Those who are signed in did not notice, and nobody is turned away any more.
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        using var again = await app.SignIn(robin.Email, robin.Password);
    }

    [Fact]
    public async Task A_try_that_nobody_could_look_at_is_not_counted()
    {
        using var robin = await app.NewPerson();
        using var release = new ManualResetEventSlim();
        using var client = app.NewClient();
        var inside = app.Gate.Run(() => Blocked(release), ClientNetwork.Own, CancellationToken.None);
        var waiting = Enumerable.Range(0, 2)
            .Select(_ => client.PostAsJsonAsync("/auth/login", new { email = robin.Email, password = "wrong" })).ToList();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!app.Gate.IsFullFor(Here)) await Task.Delay(5, patience.Token);

        // Takes the last place of the longest line.
        var other = app.Gate.Run(() => true, ClientNetwork.Own, CancellationToken.None);
        var refused = await await Task.WhenAny(waiting);
        release.Set();
        await Task.WhenAll(inside, other);

        refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await refused.Code()).ShouldBe("too-busy");
        (await Task.WhenAll(waiting)).Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(1);
        (await app.Database.Read(tx => tx.Query<long>("SELECT tries FROM accounts_attempts LIMIT 10").AsTask())).ShouldBe([1, 1]);
    }

    private static bool Blocked(ManualResetEventSlim release)
    {
        release.Wait();
        return true;
    }
}
