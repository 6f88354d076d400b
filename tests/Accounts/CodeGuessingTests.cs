using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class CodeGuessingTests : IClassFixture<FactorsApp>
{
    private readonly FactorsApp _app;

    public CodeGuessingTests(FactorsApp app)
    {
        // Waits of a second are not to pass while the machine is busy.
        app.Clock.Hold();
        _app = app;
    }

    [Fact]
    public async Task Guessing_is_slowed_more_and_more_and_a_restart_does_not_help()
    {
        using var robin = await _app.NewProtectedPerson();
        using var other = await _app.NewProtectedPerson();
        for (var i = 0; i < 3; i++) (await Guess(robin)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        foreach (var seconds in new[] { 1, 2, 4, 8 })
        {
            var early = await _app.Login(robin.Person, _app.CodeOf(robin.Secret));
            early.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            (await early.Code()).ShouldBe("too-many-requests");
            early.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(seconds));
            if (seconds == 4) await _app.Restart();
            _app.Clock.Advance(TimeSpan.FromSeconds(seconds));
            (await Guess(robin)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await _app.Login(other.Person, other.RecoveryCodes[0])).StatusCode.ShouldBe(HttpStatusCode.OK);
        _app.Clock.Advance(TimeSpan.FromSeconds(16));
        (await _app.Login(robin.Person, robin.RecoveryCodes[0])).StatusCode.ShouldBe(HttpStatusCode.OK);
        // The right one ends it.
        (await Guess(robin)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await _app.Login(robin.Person, robin.RecoveryCodes[1])).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nobody_waits_longer_than_an_hour()
    {
        using var robin = await _app.NewProtectedPerson();
        for (var i = 0; i < 20; i++)
        {
            (await Guess(robin)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            _app.Clock.Advance(TimeSpan.FromHours(1));
        }

        (await _app.Login(robin.Person, robin.RecoveryCodes[0])).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Many_guesses_at_once_are_no_more_than_a_few_in_a_row()
    {
        using var robin = await _app.NewProtectedPerson();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Guess(robin)));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized).ShouldBe(3);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(17);
    }

    [Fact]
    public async Task Whoever_does_not_know_the_password_cannot_slow_anybody_down()
    {
        using var robin = await _app.NewProtectedPerson();
        for (var i = 0; i < 6; i++)
            (await (await _app.Login(robin.Person.Email, "not the right phrase", "000000")).Code()).ShouldBe("invalid-credentials");

        (await _app.Login(robin.Person, robin.RecoveryCodes[0])).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_clock_that_is_set_back_keeps_nobody_out_for_longer()
    {
        using var robin = await _app.NewProtectedPerson();
        for (var i = 0; i < 3; i++) await Guess(robin);
        _app.Clock.Advance(TimeSpan.FromDays(-1));
        try
        {
            (await _app.Login(robin.Person, robin.RecoveryCodes[0])).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            _app.Clock.Advance(TimeSpan.FromDays(1));
        }
    }

    private Task<HttpResponseMessage> Guess(FactorsApp.Protected robin) => _app.Login(robin.Person, _app.CodeOf(robin.Secret, 1));
}
