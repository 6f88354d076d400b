using System.Net;
using System.Net.Http.Json;
using Kontor.Accounts.Sessions;
using Kontor.Foundation.Security;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Access tokens that are refused although their time is not over, on every node.</summary>
public class RevocationTests(KontorApp app) : IClassFixture<KontorApp>
{
    private ISessions Sessions => app.Services.GetRequiredService<ISessions>();

    private IUsers Users => app.Services.GetRequiredService<IUsers>();

    [Fact]
    public async Task All_sessions_but_one_end_and_their_tokens_with_them()
    {
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);
        using var tablet = await app.SignIn(robin.Email, robin.Password);
        using var stranger = await app.NewPerson();

        await app.Database.Write(tx => Sessions.EndAll(tx, robin.Id, EndReason.PasswordChanged, except: SessionOf(phone)).AsTask());

        foreach (var ended in new[] { robin, tablet }) (await StatusOf(ended)).ShouldBe(HttpStatusCode.Unauthorized);
        foreach (var alive in new[] { phone, stranger }) (await StatusOf(alive)).ShouldBe(HttpStatusCode.OK);
        (await RefreshOf(phone)).ShouldBe(HttpStatusCode.OK);
        (await RefreshOf(tablet)).ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task What_is_rolled_back_ends_nothing()
    {
        using var robin = await app.NewPerson();

        await Should.ThrowAsync<InvalidTimeZoneException>(app.Database.Write(async tx =>
        {
            await Sessions.EndAll(tx, robin.Id, EndReason.AccountLocked);
            await Sessions.RightsChanged(tx, robin.Id);
            throw new InvalidTimeZoneException("mine");
        }));

        (await StatusOf(robin)).ShouldBe(HttpStatusCode.OK);
        (await RefreshOf(robin)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_new_role_counts_after_a_refresh_and_not_before(bool restart)
    {
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);

        await Grant(robin, RoleNames.Premium);
        if (restart) await app.Restart();

        using var before = app.As(robin.Tokens);
        (await (await before.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
        var fresh = await Refreshed(robin);
        fresh.User.Roles.ShouldBe(["customer", "premium"]);
        using var after = app.As(fresh);
        (await StatusOf(after)).ShouldBe(HttpStatusCode.OK);
        // Every session of theirs is told, and none ends.
        (await RefreshOf(phone)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_role_that_is_given_twice_changes_nothing_the_second_time()
    {
        using var robin = await app.NewPerson();

        await Grant(robin, RoleNames.Customer);

        (await StatusOf(robin)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_sign_in_that_is_under_way_is_overtaken_by_the_end_of_all_sessions()
    {
        using var robin = await app.NewPerson();
        var device = new Device("Kontor/1.0", null);
        var checkedBefore = (await Users.Find(robin.Id, default))!;

        await Sessions.EndAll(robin.Id, EndReason.PasswordChanged, default);

        var (opened, problem) = await Sessions.Open(checkedBefore, device, ["pwd"], default);
        opened.ShouldBeNull();
        problem.ShouldBe(Session.Overtaken);
        (await Sessions.List(robin.Id, default)).ShouldBeEmpty();
        var checkedAfter = (await Users.Find(robin.Id, default))!;
        (await Sessions.Open(checkedAfter, device, ["pwd"], default)).Problem.ShouldBeNull();
    }

    [Fact]
    public async Task Nobody_stays_signed_in_when_sign_ins_and_the_end_of_all_sessions_meet()
    {
        using var robin = await app.NewPerson();
        for (var round = 0; round < 20; round++)
        {
            var user = (await Users.Find(robin.Id, default))!;
            var opening = Enumerable.Range(0, 4).Select(_ => Sessions.Open(user, new("Kontor/1.0", null), ["pwd"], default)).ToList();
            await Sessions.EndAll(robin.Id, EndReason.AccountLocked, default);
            await Task.WhenAll(opening);
            (await Sessions.List(robin.Id, default)).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task What_one_node_revokes_the_others_refuse()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        await using var other = await app.AnotherNode();
        using var robin = await app.NewPerson();
        using var premium = await app.NewPerson();
        using var robinThere = other.As(robin.Tokens);
        using var premiumThere = other.As(premium.Tokens);
        (await StatusOf(robinThere)).ShouldBe(HttpStatusCode.OK);
        (await StatusOf(premiumThere)).ShouldBe(HttpStatusCode.OK);

        await robin.Client.PostAsync("/auth/logout", null);
        await Grant(premium, RoleNames.Premium);

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var person in new[] { robinThere, premiumThere })
        {
            while (await StatusOf(person) == HttpStatusCode.OK) await Task.Delay(20, patience.Token);
        }

        using var fresh = other.As(await Refreshed(premium));
        (await StatusOf(fresh)).ShouldBe(HttpStatusCode.OK);
    }

    private Task Grant(Person person, string role) => app.Database.Write(
        tx => app.Services.GetRequiredService<Rights>().Grant(tx, person.Id, role, Actor.System));

    private static string SessionOf(Person person) => person.Tokens.RefreshToken.Split('.')[0];

    private static async Task<HttpStatusCode> StatusOf(Person person) => (await person.Client.GetAsync("/users/me")).StatusCode;

    private async Task<TokenPair> Refreshed(Person person)
    {
        using var client = app.NewClient();
        var answer = await client.PostAsJsonAsync("/auth/refresh", new { refreshToken = person.Tokens.RefreshToken });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.Content.ReadFromJsonAsync<TokenPair>())!;
    }

    private async Task<HttpStatusCode> RefreshOf(Person person)
    {
        using var client = app.NewClient();
        return (await client.PostAsJsonAsync("/auth/refresh", new { refreshToken = person.Tokens.RefreshToken })).StatusCode;
    }
}
