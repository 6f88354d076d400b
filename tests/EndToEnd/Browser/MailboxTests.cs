using Kontor.Testing;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Browser;

/// <summary>The letters that people get, in the mailbox page of a server that has no mail server.</summary>
public class MailboxTests(KontorApp app, Chromium chromium) : IClassFixture<KontorApp>, IClassFixture<Chromium>
{
    private const string Password = "a long enough phrase";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Somebody_registers_and_confirms_the_address_with_the_link_in_the_mailbox(bool javaScript)
    {
        var email = $"p-{Guid.NewGuid():N}@kontor.example";
        var visitor = await chromium.NewPage(app.Address, javaScript);
        await visitor.GotoAsync("/register?returnUrl=/account");
        await visitor.Locator("[name=email]").FillAsync(email);
        await visitor.Locator("[name=password]").FillAsync(Password);
        await Submit(visitor, "/account", visitor.Locator("form[action='/register'] button"));
        (await visitor.Locator("main").InnerTextAsync()).ShouldContain("not confirmed");
        await app.MailTo(email, "Confirm your e-mail address");

        var admin = await SignedInAsAdmin(javaScript);
        await admin.Locator($"tr:has-text('{email}') a").ClickAsync();
        var letter = admin.FrameLocator("iframe.letter");
        (await letter.Locator("h1").InnerTextAsync()).ShouldBe("Confirm your e-mail address");
        await Submit(admin, "/verify?token=", letter.GetByRole(AriaRole.Link, new() { Name = "Confirm" }));
        await Submit(admin, "/verify?done=1", admin.Locator("form[action='/verify'] button"));

        (await admin.Locator("h1").InnerTextAsync()).ShouldBe("Your address is confirmed");
        await visitor.ReloadAsync();
        (await visitor.Locator("main").InnerTextAsync()).ShouldNotContain("not confirmed");
    }

    [Fact]
    public async Task A_letter_runs_and_loads_nothing()
    {
        await app.Database.Write(tx => tx.Execute("""
            INSERT INTO mail_letters
                (id, to_address, to_name, language, subject, text, html, is_secret, state, attempts, due_at, created_at)
            VALUES ('ffff', 'a@kontor.example', '', 'en', 'Hostile', 'text', @html, false, 'kept', 0, 0, 0)
            """, new
        {
            html = """
                <html><head><title>x</title></head><body><p id="here">Hello</p>
                <script>parent.document.title = 'taken'; document.body.append('ran')</script>
                <img src="/admin/users" onerror="document.body.append('ran')">
                <form action="/logout" method="post"><button>Press</button></form>
                <meta http-equiv="refresh" content="0;url=/logout">
                </body></html>
                """,
        }).AsTask());
        var admin = await SignedInAsAdmin(javaScript: true);
        var loaded = new List<string>();
        admin.RequestFinished += (_, request) => loaded.Add(new Uri(request.Url).PathAndQuery);

        await admin.GotoAsync("/admin/mail/ffff");
        var letter = admin.FrameLocator("iframe.letter");
        await letter.Locator("#here").WaitForAsync();
        await letter.GetByRole(AriaRole.Button, new() { Name = "Press" }).ClickAsync();
        await admin.WaitForLoadStateAsync(LoadState.NetworkIdle);

        (await letter.Locator("body").InnerTextAsync()).ShouldNotContain("ran");
        (await admin.TitleAsync()).ShouldStartWith("Hostile");
        admin.Url.ShouldEndWith("/admin/mail/ffff");
        loaded.ShouldNotContain("/admin/users");
        loaded.ShouldNotContain("/logout");
    }

    private async Task<IPage> SignedInAsAdmin(bool javaScript)
    {
        var page = await chromium.NewPage(app.Address, javaScript);
        await page.GotoAsync("/login?returnUrl=/admin/mail");
        await page.Locator("[name=email]").FillAsync("admin@kontor.example");
        await page.Locator("[name=password]").FillAsync("kontor-demo-admin");
        await Submit(page, "/admin/mail", page.Locator("form[action='/login'] button"));
        return page;
    }

    /// <summary>Waits for the page that it leads to.</summary>
    private static async Task Submit(IPage page, string path, ILocator button)
    {
        await button.ClickAsync();
        await page.WaitForURLAsync(url => new Uri(url).PathAndQuery.StartsWith(path, StringComparison.Ordinal));
    }
}
