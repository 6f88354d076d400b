using System.Net;
using System.Net.Http.Json;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation.Http;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Refreshes are counted for their session, because thousands of phones may share an address.</summary>
public class RefreshLimitTests(RefreshLimitTests.LimitedApp app) : IClassFixture<RefreshLimitTests.LimitedApp>
{
    private const int ForEachSession = 4;
    private const int ForEachAddress = 6;

    public sealed class LimitedApp : KontorApp
    {
        protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

        protected override void Configure(WebApplicationBuilder builder) => builder.Services.PostConfigure<LimitOptions>(limits =>
            (limits.RefreshesPerFiveMinutes, limits.AuthPerFiveMinutes) = (ForEachSession, ForEachAddress));
    }

    [Fact]
    public async Task A_session_is_limited_by_itself_and_goes_on_afterwards()
    {
        using var robin = await SignedIn();
        using var neighbour = await SignedIn();
        for (var i = 0; i < ForEachSession; i++) (await Refresh(robin.Tokens.RefreshToken)).StatusCode.ShouldBe(HttpStatusCode.OK);

        var refused = await Refresh(robin.Tokens.RefreshToken);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await refused.Code()).ShouldBe("too-many-requests");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        for (var i = 0; i < ForEachSession; i++) (await Refresh(neighbour.Tokens.RefreshToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Made_up_tokens_count_for_their_address_and_keep_nobody_from_refreshing()
    {
        using var robin = await SignedIn();
        HttpStatusCode last = default;
        for (var i = 0; i <= ForEachAddress; i++) last = (await Refresh($"made-up-{i}")).StatusCode;

        last.ShouldBe(HttpStatusCode.TooManyRequests);
        (await Refresh(robin.Tokens.RefreshToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Without a request, which would count.</summary>
    private async Task<Person> SignedIn()
    {
        var found = await app.Services.GetRequiredService<IUsers>().FindByEmail(EmailAddress.Parse("ada@kontor.example")!, default);
        var (tokens, _) = await app.Services.GetRequiredService<SignIns>()
            .Open(found!.Value.User, new Device("Kontor/1.0", null), [Authentication.Password], default);
        var owner = new TokenUser(found.Value.User.Id, "", "", []);
        return app.As(new(tokens!.AccessToken, tokens.RefreshToken, tokens.TokenType, tokens.ExpiresIn, owner));
    }

    private async Task<HttpResponseMessage> Refresh(string refreshToken)
    {
        using var client = app.NewClient();
        return await client.PostAsJsonAsync("/auth/refresh", new { refreshToken });
    }
}
