using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>How long an answer takes tells nobody who has an account.</summary>
public class TimingTests(VerifyFirstTests.VerifyFirstApp app) : IClassFixture<VerifyFirstTests.VerifyFirstApp>
{
    /// <summary>And as many unknown ones, which is 400 requests.</summary>
    private const int Known = 200;

    /// <summary>A machine that is busy with something else may mislead one measurement, and hardly three.</summary>
    private const int Tries = 3;

    [Fact]
    public Task Forgetting_a_password_takes_as_long_for_an_address_that_nobody_has() =>
        TakesAsLong("/auth/password/forgot", email => new { email });

    [Fact]
    public Task Registering_takes_as_long_for_an_address_that_has_an_account() =>
        TakesAsLong("/auth/register", email => new { email, password = Given.Password });

    private async Task TakesAsLong(string path, Func<string, object> body)
    {
        var known = await NewAccounts();
        var ratio = 0.0;
        for (var i = 0; i < Tries && ratio is < 0.9 or > 1.1; i++) ratio = await RatioOf(path, body, known);
        ratio.ShouldBeInRange(0.9, 1.1);
    }

    /// <summary>
    /// The median for known addresses by the median for unknown ones. In an order by chance, because what a request leaves to be done
    /// behind it slows down the next, of whatever kind that is.
    /// </summary>
    private async Task<double> RatioOf(string path, Func<string, object> body, List<string> known)
    {
        using var client = app.NewClient();
        await Measure(client, path, body(known[0]));
        var asked = known.Select(email => (Email: email, IsKnown: true)).Concat(known.Select(_ => (Given.NewEmail(), false))).ToArray();
        Random.Shared.Shuffle(asked);
        var times = new List<(bool IsKnown, long Ticks)>();
        foreach (var (email, isKnown) in asked) times.Add((isKnown, await Measure(client, path, body(email))));
        return MedianOf(times, isKnown: true) / MedianOf(times, isKnown: false);
    }

    private static async Task<long> Measure(HttpClient client, string path, object body)
    {
        var begun = Stopwatch.GetTimestamp();
        using var answer = await client.PostAsJsonAsync(path, body);
        var ticks = Stopwatch.GetTimestamp() - begun;
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return ticks;
    }

    private static double MedianOf(List<(bool IsKnown, long Ticks)> times, bool isKnown) =>
        times.Where(time => time.IsKnown == isKnown).Select(time => time.Ticks).Order().ElementAt(Known / 2);

    private async Task<List<string>> NewAccounts()
    {
        var (hash, _) = await app.Services.GetRequiredService<PasswordHasher>().Hash(Given.Password, ClientNetwork.Own, default);
        var users = app.Services.GetRequiredService<IUsers>();
        var emails = Enumerable.Range(0, Known).Select(_ => Given.NewEmail()).ToList();
        foreach (var email in emails)
            await users.Register(new(Ids.New(), EmailAddress.Parse(email)!, "", hash!, [], EmailVerified: true), Actor.Command, default);
        return emails;
    }
}
