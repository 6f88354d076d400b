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
[Trait("Speed", "slow")]
public class TimingTests(VerifyFirstTests.VerifyFirstApp app) : IClassFixture<VerifyFirstTests.VerifyFirstApp>
{
    /// <summary>And as many unknown ones, which is 400 requests.</summary>
    private const int Known = 200;

    private const int Fewer = 60;

    /// <summary>After each of these it is asked whether enough was seen.</summary>
    private const int Batch = 20;

    /// <summary>On a machine that is busy with something else it takes more to see clearly; all that was seen counts.</summary>
    private const int RoundsMax = 8;

    [Fact]
    public async Task Forgetting_a_password_takes_as_long_for_an_address_that_nobody_has() =>
        await TakesAsLong("/auth/password/forgot", email => new { email }, HttpStatusCode.Accepted, await NewAccounts(), Unknown());

    [Fact]
    public async Task Registering_takes_as_long_for_an_address_that_has_an_account() =>
        await TakesAsLong("/auth/register", Filled, HttpStatusCode.Accepted, await NewAccounts(), Unknown());

    [Fact]
    public async Task A_wrong_password_takes_as_long_for_an_address_that_nobody_has() =>
        await TakesAsLong("/auth/login", Filled, HttpStatusCode.Unauthorized, await NewAccounts(), Unknown());

    [Fact]
    public async Task A_wrong_password_takes_as_long_for_an_account_that_is_locked()
    {
        var locked = await NewAccounts(Fewer);
        await app.Database.Write(tx => tx.Execute(
            $"UPDATE accounts_users SET locked_at = 1 WHERE email_key {tx.Dialect.In("keys")}", new { keys = locked.ToArray() }).AsTask());

        await TakesAsLong("/auth/login", Filled, HttpStatusCode.Unauthorized, locked, Unknown(Fewer));
    }

    [Fact]
    public async Task A_wrong_password_takes_as_long_for_an_account_that_was_imported()
    {
        var imported = await NewAccounts(Fewer, ForeignHash.OfKind("bcrypt-8")!.ToStored());
        await app.Services.GetRequiredService<Decoys>().WarmUp(default);

        await TakesAsLong("/auth/login", Filled, HttpStatusCode.Unauthorized, imported, Unknown(Fewer, "bcrypt-8"));
    }

    private static object Filled(string email) => new { email, password = "quite another sentence" };

    /// <summary>Addresses that nobody has, and that stand for hashes of ours or of a foreign kind: as many of a hundred as of a hundred
    /// accounts.</summary>
    private List<string> Unknown(int count = Known, string? kind = null)
    {
        var decoys = app.Services.GetRequiredService<Decoys>();
        var emails = Enumerable.Range(0, 100_000).Select(_ => Given.NewEmail());
        return [.. emails.Where(email => decoys.Of(email)?.PepperId == kind).Take(count)];
    }

    private async Task TakesAsLong(
        string path, Func<string, object> body, HttpStatusCode status, List<string> known, List<string> unknown)
    {
        using var client = app.NewClient();
        await Measure(client, path, body(known[0]), status);
        var ratios = new List<double>();
        for (var round = 0; round < RoundsMax && MiddleOf(ratios) is < 0.9 or > 1.1 or double.NaN; round++)
        {
            foreach (var (one, other) in known.Zip(unknown))
            {
                ratios.Add(await RatioOf(client, path, body(one), body(other), status));
                if (ratios.Count % Batch == 0 && IsCertain(ratios)) return;
            }
        }

        MiddleOf(ratios).ShouldBeInRange(0.9, 1.1);
    }

    /// <summary>
    /// Whether the middle of all ratios that could be drawn is in range but for one case in ten thousand, by the ranks of those that were:
    /// each lies on either side of that middle as a coin falls. More requests would only say so again.
    /// </summary>
    private static bool IsCertain(List<double> ratios)
    {
        var reach = (int)Math.Ceiling(3.9 * Math.Sqrt(ratios.Count) / 2);
        var (low, high) = ((ratios.Count / 2) - reach, (ratios.Count / 2) + reach);
        var ordered = ratios.Order().ToList();
        return low >= 0 && high < ordered.Count && ordered[low] >= 0.9 && ordered[high] <= 1.1;
    }

    /// <summary>
    /// A known address by an unknown one, right after each other, so that what else the machine does meanwhile weighs on both. Which comes
    /// first is drawn by lot, because what a request leaves to be done behind it slows down the next, of whatever kind that is.
    /// </summary>
    private static async Task<double> RatioOf(HttpClient client, string path, object known, object unknown, HttpStatusCode status)
    {
        var isKnownFirst = Random.Shared.Next(2) == 0;
        var first = await Measure(client, path, isKnownFirst ? known : unknown, status);
        var second = await Measure(client, path, isKnownFirst ? unknown : known, status);
        return isKnownFirst ? (double)first / second : (double)second / first;
    }

    private static async Task<long> Measure(HttpClient client, string path, object body, HttpStatusCode status)
    {
        var begun = Stopwatch.GetTimestamp();
        using var answer = await client.PostAsJsonAsync(path, body);
        var ticks = Stopwatch.GetTimestamp() - begun;
        answer.StatusCode.ShouldBe(status);
        return ticks;
    }

    private static double MiddleOf(List<double> ratios) =>
        ratios.Count == 0 ? double.NaN : ratios.Order().ElementAt(ratios.Count / 2);

    private async Task<List<string>> NewAccounts(int count = Known, StoredPassword? hash = null)
    {
        if (hash is null)
            (hash, _) = await app.Services.GetRequiredService<PasswordHasher>().Hash(Given.Password, ClientNetwork.Own, default);
        var users = app.Services.GetRequiredService<IUsers>();
        var emails = Enumerable.Range(0, count).Select(_ => Given.NewEmail()).ToList();
        foreach (var email in emails)
            await users.Register(new(Ids.New(), EmailAddress.Parse(email)!, "", hash!, [], EmailVerified: true), Actor.Command, default);
        return emails;
    }
}
