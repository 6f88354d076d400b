using System.Net;
using System.Net.Http.Json;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class StepUpTests(StepUpTests.GuardedApp app) : IClassFixture<StepUpTests.GuardedApp>
{
    /// <summary>Has something that wants a fresh sign-in, on the API and as a page with a form.</summary>
    public sealed class GuardedApp : FactorsApp
    {
        protected override IReadOnlyList<IModule> Modules => [.. base.Modules, new GuardedModule()];
    }

    private sealed class GuardedModule : IModule
    {
        public string Name => "guarded";

        public void AddServices(IServiceCollection services, IConfiguration configuration)
        {
        }

        public void MapEndpoints(IEndpointRouteBuilder routes)
        {
            routes.MapPost("/users/guarded", (CurrentUser user) => user.Assurance.ToString()).RequireAuthorization().WithFreshSignIn();
            var pages = routes.MapPages().RequireAuthorization();
            pages.MapGet("/account/guarded", (CurrentUser user) => user.Id).WithFreshSignIn();
            pages.MapPost("/account/guarded", (CurrentUser user, IFormCollection form) => user.Id).WithFreshSignIn();
        }
    }

    [Fact]
    public async Task A_sign_in_is_fresh_for_ten_minutes()
    {
        using var robin = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromMinutes(9));
        (await Ask(robin)).StatusCode.ShouldBe(HttpStatusCode.OK);

        app.Clock.Advance(TimeSpan.FromMinutes(2));
        var refused = await Ask(robin);

        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await refused.Code()).ShouldBe("sign-in-again");
        refused.Headers.WwwAuthenticate.ToString().ShouldBe("Bearer error=\"insufficient_user_authentication\", max_age=\"600\"");
    }

    [Fact]
    public async Task Signing_in_again_makes_this_session_fresh_and_no_other()
    {
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);
        app.Clock.Advance(TimeSpan.FromMinutes(11));

        (await StepUp(robin, robin.Password)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await Ask(robin)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Ask(phone)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        using var later = await Refreshed(robin);
        (await Ask(later)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task New_tokens_are_no_fresh_sign_in()
    {
        using var robin = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromMinutes(20));

        using var refreshed = await Refreshed(robin);

        (await Ask(refreshed)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_handler_sees_with_how_many_factors_its_caller_signed_in()
    {
        using var robin = await app.NewProtectedPerson();
        var answer = await app.Login(robin.Person, app.CodeOf(robin.Secret));
        using var again = app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!);

        (await (await Ask(robin.Person)).Content.ReadAsStringAsync()).ShouldBe("OneFactor");
        (await (await Ask(again)).Content.ReadAsStringAsync()).ShouldBe("TwoFactors");
    }

    [Fact]
    public async Task A_clock_that_is_set_back_makes_nothing_fresh()
    {
        using var robin = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromMinutes(-20));
        using var refreshed = await Refreshed(robin);
        try
        {
            (await Ask(refreshed)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }
        finally
        {
            app.Clock.Advance(TimeSpan.FromMinutes(20));
        }
    }

    [Fact]
    public async Task A_wrong_password_changes_nothing()
    {
        using var robin = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromMinutes(11));

        var wrong = await StepUp(robin, "not the right phrase");

        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await wrong.Code()).ShouldBe("invalid-credentials");
        (await Ask(robin)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var stranger = app.NewClient();
        (await stranger.PostAsJsonAsync("/auth/step-up", new { password = robin.Password })).StatusCode
            .ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_page_asks_for_the_password_and_returns_to_where_the_person_was()
    {
        using var browser = await SignedInLongAgo();

        await browser.Open("/account/guarded?a=1");
        browser.Path.ShouldBe("/login/again?returnUrl=%2Faccount%2Fguarded%3Fa%3D1");
        await browser.Submit("/login/again", ("password", "wrong"));
        browser.Status.ShouldBe(HttpStatusCode.Unauthorized);
        browser.Html.ShouldContain("The password is wrong.");
        await browser.Submit("/login/again", ("password", "a long enough phrase"));

        browser.Path.ShouldBe("/account/guarded?a=1");
        browser.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("http://{host}/account/form?b=2", "/account/form?b=2")]
    [InlineData("http://evil.example/account/form", "/account")]
    [InlineData("", "/account")]
    public async Task A_form_that_comes_too_late_leads_back_to_its_page(string referer, string target)
    {
        using var browser = new Browser(app);
        await browser.Submit("/register", "/register", new { name = "", email = NewEmail(), password = "a long enough phrase" });
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        var token = await browser.TokenOf("/account");
        using var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token)]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/account/guarded") { Content = form };
        if (referer.Length > 0) request.Headers.Referrer = new Uri(referer.Replace("{host}", app.Address.Authority));

        var answer = await browser.Send(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldBe($"/login/again?returnUrl={Uri.EscapeDataString(target)}");
    }

    private static Task<HttpResponseMessage> Ask(Person person) => person.Client.PostAsync("/users/guarded", null);

    private static Task<HttpResponseMessage> StepUp(Person person, string password) =>
        person.Client.PostAsJsonAsync("/auth/step-up", new { password });

    private static string NewEmail() => $"{Guid.NewGuid():N}@kontor.example";

    private async Task<Person> Refreshed(Person person)
    {
        using var client = app.NewClient();
        var answer = await client.PostAsJsonAsync("/auth/refresh", new { refreshToken = person.Tokens.RefreshToken });
        return app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!, person.Password);
    }

    private async Task<Testing.Browser> SignedInLongAgo()
    {
        var browser = app.NewBrowser();
        await browser.Open("/register");
        await browser.Submit("/register", ("name", ""), ("email", NewEmail()), ("password", "a long enough phrase"));
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        return browser;
    }
}
