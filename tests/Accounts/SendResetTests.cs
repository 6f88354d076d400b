using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>An admin has a link for a new password sent to somebody, and learns neither.</summary>
public class SendResetTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const string Subject = "Choose a new password";

    [Fact]
    public async Task The_person_gets_a_link_and_the_admin_learns_nothing()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewConfirmedPerson();

        using var answer = await admin.Client.PostAsync($"/api/admin/users/{robin.Id}/password-reset", null);

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await answer.Content.ReadAsStringAsync()).ShouldBeEmpty();
        var mail = await app.MailTo(robin.Email, Subject);
        (await app.Login(robin.Email, robin.Password)).ShouldBe(200);
        var reset = await app.Post("/auth/password/reset", new { token = mail.Token, newPassword = Given.NewPassword });
        reset.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Login(robin.Email, Given.NewPassword)).ShouldBe(200);
        (await app.AuditOf(robin)).ShouldContain(entry => entry.Action == "password-reset-sent" && entry.By == admin.Id);
        (await app.MailsTo("admin@kontor.example")).ShouldNotContain(one => one.Text.Contains(mail.Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_admins_may_and_only_for_somebody_who_exists()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewConfirmedPerson();
        using var stranger = await app.NewPerson();
        using var anybody = app.NewClient();

        var path = $"/api/admin/users/{robin.Id}/password-reset";
        (await stranger.Client.PostAsync(path, null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await anybody.PostAsync(path, null)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var unknown = await admin.Client.PostAsync("/api/admin/users/nobody/password-reset", null);

        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await unknown.Code()).ShouldBe("not-found");
        (await app.MailsTo(robin.Email)).ShouldNotContain(mail => mail.Subject == Subject);
        (await app.AuditOf(robin)).ShouldNotContain(entry => entry.Action == "password-reset-sent");
    }

    [Fact]
    public async Task An_admin_who_is_none_any_more_sends_nothing()
    {
        using var robin = await app.NewConfirmedPerson();
        using var former = await app.NewAdmin();
        var by = new Actor(former.Id);
        await app.NoMoreAdmins(former);

        var own = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions
            .GetRequiredService<Passwords.OwnPassword>(app.Services);
        (await own.SendReset(robin.Id, by, default)).ShouldBe(Rights.NoAdmin);

        (await app.MailsTo(robin.Email)).ShouldNotContain(mail => mail.Subject == Subject);
    }

    [Fact]
    public async Task The_page_of_a_person_has_a_button_for_it()
    {
        using var robin = await app.NewConfirmedPerson();
        using var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));
        await browser.Open($"/admin/users/{robin.Id}");
        browser.Html.ShouldNotContain("An e-mail with a link was sent");

        await browser.Submit($"/admin/users/{robin.Id}/password-reset");

        browser.Html.ShouldContain("An e-mail with a link was sent");
        browser.Html.ShouldContain("Link for a new password sent");
        (await app.MailTo(robin.Email, Subject)).Html.ShouldContain("/reset?token=");
    }
}
