using System.Globalization;
using System.Net;
using Kontor.Testing;
using Kontor.Ui;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>The admin panel's pages about people, in a browser without JavaScript.</summary>
public class PeoplePageTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task An_administrator_finds_somebody_and_changes_their_roles()
    {
        using var robin = await app.NewPerson("Robin <b>Page</b>");
        using var browser = await SignedIn();

        await browser.Open("/admin/users?q=" + robin.Email);
        browser.Html.ShouldContain("1 person");
        browser.Html.ShouldContain("Robin &lt;b&gt;Page&lt;/b&gt;");
        browser.Html.ShouldContain($"href=\"/admin/users/{robin.Id}\"");
        await browser.Open($"/admin/users/{robin.Id}");
        await browser.Submit($"/admin/users/{robin.Id}/roles", ("role", "premium"), ("give", "true"));

        browser.Path.ShouldBe($"/admin/users/{robin.Id}");
        browser.Html.ShouldContain("Take the role Premium customer");
        browser.Html.ShouldContain("Give the role Administrator");
        (await app.Refreshed(robin)).Tokens.User.Roles.ShouldBe(["customer", "premium"]);
        await browser.Submit($"/admin/users/{robin.Id}/roles", ("role", "premium"), ("give", "false"));
        (await app.Refreshed(robin)).Tokens.User.Roles.ShouldBe(["customer"]);
    }

    [Fact]
    public async Task An_administrator_locks_somebody_and_lets_them_in_again()
    {
        using var robin = await app.NewPerson();
        using var browser = await SignedIn();
        await browser.Open($"/admin/users/{robin.Id}");

        await browser.Submit($"/admin/users/{robin.Id}/lock", ("reason", " "));
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Html.ShouldContain("One line of text, at most 500 characters.");
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await browser.Submit($"/admin/users/{robin.Id}/lock", ("reason", "Sent a thousand orders"));
        browser.Html.ShouldContain("Locked: this person cannot sign in");
        browser.Html.ShouldContain("Sent a thousand orders");
        using var theirs = app.NewBrowser();
        await theirs.Open("/login");
        await theirs.Submit("/login", ("email", robin.Email), ("password", robin.Password));
        theirs.Status.ShouldBe(HttpStatusCode.Forbidden);
        theirs.Html.ShouldContain("This account is locked.");
        theirs.Html.ShouldNotContain("thousand");

        await browser.Submit($"/admin/users/{robin.Id}/unlock");
        browser.Html.ShouldContain("Lock the account");
        await theirs.Submit("/login", ("email", robin.Email), ("password", robin.Password));
        theirs.Path.ShouldBe("/");
    }

    [Fact]
    public async Task An_administrator_ends_one_session_and_then_all()
    {
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);
        var id = phone.Tokens.RefreshToken.Split('.')[0];
        using var browser = await SignedIn();
        await browser.Open($"/admin/users/{robin.Id}");

        await browser.Submit($"/admin/users/{robin.Id}/sessions/{id}/end");
        (await phone.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await browser.Submit($"/admin/users/{robin.Id}/sessions/end");
        browser.Html.ShouldContain("Nowhere.");
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        browser.Html.ShouldContain("All sessions ended");
    }

    [Fact]
    public async Task A_refusal_is_said_on_the_page()
    {
        using var admin = await app.Admin();
        using var browser = await SignedIn();
        await browser.Open($"/admin/users/{admin.Id}");

        await browser.Submit($"/admin/users/{admin.Id}/roles", ("role", "admin"), ("give", "false"));
        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        browser.Html.ShouldContain("Somebody has to remain an administrator.");

        await browser.Submit($"/admin/users/{admin.Id}/lock", ("reason", "Holidays"));
        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        browser.Html.ShouldContain("Nobody locks their own account.");

        await browser.Submit($"/admin/users/{admin.Id}/roles", ("role", "gardener"), ("give", "true"));
        browser.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        browser.Html.ShouldContain("There is no such role.");
    }

    [Fact]
    public async Task The_trail_is_shown_whole_and_narrowed_in_English_and_German()
    {
        using var robin = await app.NewPerson();
        using var browser = await SignedIn();
        await browser.Open($"/admin/users/{robin.Id}");
        await browser.Submit($"/admin/users/{robin.Id}/roles", ("role", "premium"), ("give", "true"));

        await browser.Open($"/admin/audit?subject={robin.Email}&by=admin@kontor.example&action=role-granted&from=2020-01-01&until=");
        browser.Html.ShouldContain("Role given");
        browser.Html.ShouldContain("Premium customer");
        browser.Html.ShouldNotContain("Nothing was done");
        await browser.Open($"/admin/audit?subject={robin.Email}&by=ada@kontor.example");
        browser.Html.ShouldContain("Nothing was done that fits");
        await browser.Open("/admin/audit?subject=nobody@kontor.example&from=2020-99-01");
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Html.ShouldContain("Nobody has this address.");
        browser.Html.ShouldContain("A day such as");

        using var german = await SignedIn("de");
        await german.Open("/admin/audit");
        german.Html.ShouldContain("Rolle gegeben");
        await german.Open($"/admin/users/{robin.Id}");
        german.Html.ShouldContain("Was mit diesem Konto geschah");
    }

    [Theory]
    [InlineData("/admin/users")]
    [InlineData("/admin/users/any")]
    [InlineData("/admin/audit")]
    public async Task Strangers_are_sent_to_sign_in_and_customers_are_refused(string path)
    {
        using var stranger = app.NewBrowser();
        await stranger.Open(path);
        stranger.Path.ShouldStartWith("/login?returnUrl=");

        using var robin = await app.NewPerson();
        await stranger.Submit("/login", ("email", robin.Email), ("password", robin.Password));
        stranger.Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Nobody_there_is_a_page_that_says_so()
    {
        using var browser = await SignedIn();

        await browser.Open("/admin/users/nobody");
        browser.Status.ShouldBe(HttpStatusCode.NotFound);
        await browser.Open("/admin/users?q=nobody-has-this-name");
        browser.Html.ShouldContain("Nobody fits");
        await browser.Open("/admin/users?cursor=x");
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public void Every_deed_has_a_text_in_both_languages()
    {
        var texts = app.Services.GetRequiredService<Texts>();
        var before = CultureInfo.CurrentUICulture;
        try
        {
            CultureInfo.CurrentUICulture = new CultureInfo("de");
            foreach (var action in AuditAction.All)
            {
                var english = AuditAction.TextOf(action);
                english.ShouldNotBe(action);
                texts[english].ShouldNotBe(english);
            }
        }
        finally
        {
            CultureInfo.CurrentUICulture = before;
        }
    }

    private async Task<Testing.Browser> SignedIn(string language = "en")
    {
        var browser = app.NewBrowser(language);
        await browser.Open("/login");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));
        browser.Path.ShouldBe("/");
        return browser;
    }
}
