using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Kontor.Accounts.Attempts;
using Kontor.Foundation.Http;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Guessing gets slower and slower, and whose account it is does not notice.</summary>
public class AttemptTests(AttemptTests.LimitedApp app) : IClassFixture<AttemptTests.LimitedApp>
{
    private const string Attacker = "127.0.0.66";
    private const string Home = "127.0.0.2";

    public sealed class LimitedApp : KontorApp
    {
        protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

        protected override void Configure(WebApplicationBuilder builder) => builder.Services.PostConfigure<LimitOptions>(
            limits => (limits.AuthPerFiveMinutes, limits.RequestsPerMinute) = (1_000_000, 1_000_000));

        public LimitedApp() => Clock.Hold();
    }

    [Fact]
    public async Task The_sixth_try_waits_a_second_and_each_after_it_twice_as_long()
    {
        using var robin = await app.NewPerson();
        await GuessFreely(robin.Email);

        var waits = new List<int>();
        for (var i = 0; i < 12; i++)
        {
            waits.Add(await Refused(robin.Email));
            app.Clock.Advance(TimeSpan.FromSeconds(waits[^1]));
            (await SignIn(robin.Email, "a wrong guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        // The wider tally of the account begins to count at its tenth try, and asks for less than this network's.
        waits.ShouldBe([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
    }

    [Fact]
    public async Task An_address_that_nobody_has_is_guessed_at_as_slowly()
    {
        foreach (var nobody in new[] { $"{Guid.NewGuid():N}@kontor.example", "no address at all" })
        {
            await GuessFreely(nobody);
            for (var wait = 1; wait <= 8; wait *= 2)
            {
                (await Refused(nobody)).ShouldBe(wait);
                app.Clock.Advance(TimeSpan.FromSeconds(wait));
                (await SignIn(nobody, "a wrong guess")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            }
        }
    }

    [Fact]
    public async Task While_it_waits_not_even_the_right_password_is_looked_at_and_afterwards_it_ends_the_delays()
    {
        using var robin = await app.NewPerson();
        await GuessFreely(robin.Email);

        var refused = await SignIn(robin.Email, robin.Password);
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var taken = await SignIn(robin.Email, robin.Password);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await refused.Code()).ShouldBe("too-many-requests");
        taken.StatusCode.ShouldBe(HttpStatusCode.OK);
        await GuessFreely(robin.Email);
        (await Refused(robin.Email)).ShouldBe(1);
    }

    [Fact]
    public async Task Of_many_guesses_at_once_no_more_are_looked_at_than_of_many_in_turn()
    {
        using var robin = await app.NewPerson();
        await using var other = TestDatabase.IsPostgres ? await app.AnotherNode() : null;

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(
            i => SignIn(robin.Email, $"a wrong guess {i}", on: i % 2 == 0 ? app : other ?? app)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(5);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(35);
    }

    [Fact]
    public async Task Whoever_hammers_an_account_keeps_its_owner_out_neither_at_home_nor_in_a_session()
    {
        using var robin = await app.NewPerson();
        await GuessFreely(robin.Email);
        (await Refused(robin.Email)).ShouldBe(1);

        (await SignIn(robin.Email, robin.Password, from: Home)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await robin.Client.PostAsJsonAsync("/auth/refresh", new { refreshToken = robin.Tokens.RefreshToken }))
            .StatusCode.ShouldBe(HttpStatusCode.OK);
        (await robin.Client.PostAsJsonAsync("/auth/step-up", new { password = robin.Password }))
            .StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_device_that_was_signed_in_before_is_let_in_when_many_networks_guess()
    {
        using var robin = await app.NewPerson();
        using var rowan = await app.NewPerson();
        var device = DeviceOf(await SignIn(robin.Email, robin.Password, from: Home));
        for (var i = 0; i < 10; i++)
            (await SignIn(robin.Email, "a wrong guess", from: $"127.0.1.{i + 1}")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        (await SignIn(robin.Email, robin.Password, from: "127.0.2.1")).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await SignIn(robin.Email, robin.Password, from: Home)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var taken = await SignIn(robin.Email, robin.Password, from: Attacker, device: device);
        taken.StatusCode.ShouldBe(HttpStatusCode.OK);

        // Its success is no success of strangers, its failures are slowed too, and the cookie is good for this account only.
        (await SignIn(robin.Email, robin.Password, from: Home)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        await GuessFreely(robin.Email, device);
        (await Refused(robin.Email, device)).ShouldBe(1);
        await GuessFreely(rowan.Email, device);
        (await SignIn(rowan.Email, rowan.Password, from: Attacker)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task Whoever_has_the_letter_is_let_in_however_many_guess()
    {
        using var robin = await app.NewPerson();
        for (var i = 0; i < 10; i++) await SignIn(robin.Email, "a wrong guess", from: $"127.0.1.{i + 1}");
        (await SignIn(robin.Email, robin.Password, from: Home)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);

        await app.Post("/auth/password/forgot", new { email = robin.Email });
        var letter = await app.MailTo(robin.Email, "Choose a new password");
        var reset = await app.Post("/auth/password/reset", new { token = letter.Token, newPassword = Given.NewPassword });

        reset.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await SignIn(robin.Email, Given.NewPassword, from: Home, device: DeviceOf(reset))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("x.y.z")]
    [InlineData("...")]
    public async Task A_made_up_device_is_none(string cookie)
    {
        using var robin = await app.NewPerson();
        await GuessFreely(robin.Email);

        (await Refused(robin.Email, cookie)).ShouldBe(1);
        var own = DeviceOf(await SignIn(robin.Email, robin.Password, from: Home));
        (await Refused(robin.Email, own[..^4] + "AAAA")).ShouldBe(1);
    }

    [Fact]
    public async Task Somebody_who_is_signed_in_guesses_as_slowly()
    {
        using var robin = await app.NewPerson();
        for (var i = 0; i < 5; i++)
        {
            (await robin.Client.PostAsJsonAsync("/auth/step-up", new { password = "wrong" }))
                .StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        var refused = await robin.Client.PostAsJsonAsync("/auth/step-up", new { password = robin.Password });

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_restart_forgives_nothing()
    {
        using var robin = await app.NewPerson();
        await GuessFreely(robin.Email);

        await app.Restart();

        (await Refused(robin.Email)).ShouldBe(1);
    }

    [Fact]
    public async Task After_an_hour_of_quiet_tries_are_forgotten_and_removed()
    {
        using var robin = await app.NewPerson();
        await GuessFreely(robin.Email);
        (await Refused(robin.Email)).ShouldBe(1);

        app.Clock.Advance(TimeSpan.FromMinutes(61));
        await GuessFreely(robin.Email);
        (await Refused(robin.Email)).ShouldBe(1);

        app.Clock.Advance(TimeSpan.FromMinutes(61));
        var attempts = app.Services.GetRequiredService<IAttempts>();
        (await attempts.Tidy(1, default)).ShouldBe(1);
        while (await attempts.Tidy(1000, default) > 0) { }
        (await Rows()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_clock_that_is_set_back_makes_nobody_wait_longer()
    {
        using var robin = await app.NewPerson();
        await GuessFreely(robin.Email);

        app.Clock.Advance(TimeSpan.FromDays(-3));

        (await Refused(robin.Email)).ShouldBe(1);
        app.Clock.Advance(TimeSpan.FromDays(3));
    }

    [Fact]
    public async Task What_is_stored_does_not_say_who_was_tried()
    {
        using var robin = await app.NewPerson();

        await GuessFreely(robin.Email);

        var rows = await Rows();
        rows.ShouldNotBeEmpty();
        // A hash as text: neither an address of a person nor one of a machine, which have signs that it has not.
        rows.ShouldAllBe(key => key.Length == 22 && key.All(sign => char.IsAsciiLetterOrDigit(sign) || sign == '-' || sign == '_'));
    }

    [Fact]
    public async Task The_page_says_when_to_try_again()
    {
        using var robin = await app.NewPerson();
        using var browser = app.NewBrowser("de");
        for (var i = 0; i < 7; i++)
        {
            await browser.Open("/login");
            await browser.Submit("/login", ("email", robin.Email), ("password", "a wrong guess"));
        }

        browser.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        WebUtility.HtmlDecode(browser.Html).ShouldContain("Versuchen Sie es in 1 s noch einmal.");
    }

    private async Task GuessFreely(string email, string? device = null)
    {
        for (var i = 0; i < 5; i++)
            (await SignIn(email, "a wrong guess", device: device)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    /// <returns>The seconds that it has to wait.</returns>
    private async Task<int> Refused(string email, string? device = null)
    {
        var answer = await SignIn(email, "a wrong guess", device: device);
        answer.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        return (int)answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
    }

    private async Task<HttpResponseMessage> SignIn(
        string email, string password, string from = Attacker, string? device = null, KontorApp? on = null)
    {
        using var client = ClientFrom(from, on ?? app);
        using var content = JsonContent.Create(new { email, password });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/auth/login") { Content = content };
        if (device is not null) request.Headers.Add("Cookie", $"{KnownDevices.Cookie}={device}");
        return await client.SendAsync(request);
    }

    /// <summary>All of 127.0.0.0/8 is this machine, so callers may come from several networks.</summary>
    private static HttpClient ClientFrom(string network, KontorApp app) => new(new SocketsHttpHandler
    {
        UseCookies = false,
        ConnectCallback = async (context, ct) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(network), 0));
            await socket.ConnectAsync(context.DnsEndPoint, ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = app.Address,
    };

    private static string DeviceOf(HttpResponseMessage answer) => answer.Headers.GetValues("Set-Cookie")
        .Single(cookie => cookie.StartsWith($"{KnownDevices.Cookie}=", StringComparison.Ordinal)).Split('=', ';')[1];

    private Task<List<string>> Rows() =>
        app.Database.Read(tx => tx.Query<string>("SELECT key FROM accounts_attempts LIMIT 1000").AsTask());
}
