using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Kontor.Testing;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Browser;

/// <summary>A person guards their account in a real browser: authenticator app, passkey, sessions.</summary>
public class SecurityTests(KontorApp app, Chromium chromium) : IClassFixture<KontorApp>, IClassFixture<Chromium>
{
    private const string Password = "a long enough phrase";
    private const string Security = "/account/security";

    /// <summary>A passkey belongs to a name, so the pages are opened by one.</summary>
    private Uri Address => new($"http://localhost:{app.Address.Port}");

    [Theory]
    [InlineData("en-GB", false)]
    [InlineData("de-DE", true)]
    public async Task Somebody_confirms_an_address_signs_in_by_app_and_by_passkey_and_ends_the_other_session(string locale, bool phone)
    {
        var laptop = await chromium.NewPage(Address, locale: locale);
        var complaints = laptop.Listen();
        var email = await Register(laptop);
        await Confirm(laptop, email);
        var secret = await TurnAppOn(laptop);
        await laptop.Submit(laptop.Locator("form[action='/logout'] button"));
        await SignInWithApp(laptop, email, secret);

        var other = await chromium.NewPage(Address, locale: locale, phone: phone);
        var othersComplaints = other.Listen();
        await AddAuthenticator(other);
        await SignInWithApp(other, email, secret);
        await other.Locator($"form[action='{Security}/passkeys'] [name=name]").FillAsync("My phone");
        await other.Submit(other.Locator($"form[action='{Security}/passkeys'] button"));
        (await other.InnerTextAsync("main")).ShouldContain("My phone");
        await other.Submit(other.Locator("form[action='/logout'] button"));
        await other.GotoAsync("/login?returnUrl=%2Faccount");
        await other.Submit(other.Locator("form[action='/login/passkey'] button"));
        PathOf(other).ShouldBe("/account");
        (await other.InnerTextAsync("main")).ShouldContain(email);

        await other.ClickAsync("main a[href='/account/sessions']");
        await other.WaitForURLAsync("**/account/sessions");
        var sessions = other.Locator(".sessions > li");
        (await sessions.CountAsync()).ShouldBe(2);
        await other.Submit(sessions.Filter(new() { HasNot = other.Locator(".badge") }).Locator("button"));

        (await sessions.CountAsync()).ShouldBe(1);
        (await sessions.Locator(".badge").CountAsync()).ShouldBe(1);
        await laptop.GotoAsync("/account");
        PathOf(laptop).ShouldBe("/login");
        await other.GotoAsync("/account");
        (await other.InnerTextAsync("main")).ShouldContain(email);
        complaints.Concat(othersComplaints).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_device_that_has_a_passkey_says_so_and_one_whose_holder_is_not_verified_adds_none()
    {
        var page = await chromium.NewPage(Address);
        await Register(page);
        var device = await AddAuthenticator(page);
        var form = page.Locator($"form[action='{Security}/passkeys']");
        await page.GotoAsync(Security);
        await page.Submit(form.Locator("button"));

        await page.GotoAsync(Security);
        await form.Locator("button").ClickAsync();
        await page.Locator("[data-error=known]").WaitForAsync();
        await device.SendAsync("WebAuthn.disable");
        await AddAuthenticator(page, verifies: false);
        await form.Locator("button").ClickAsync();
        await page.Locator("[data-error=failed]").WaitForAsync();

        (await page.Locator("[data-error=known]").IsVisibleAsync()).ShouldBeFalse();
        await page.ReloadAsync();
        (await page.Locator("main li").CountAsync()).ShouldBe(1);
    }

    [Fact]
    public async Task A_sign_in_that_is_too_old_is_renewed_by_the_passkey_on_the_way()
    {
        var page = await chromium.NewPage(Address);
        await Register(page);
        await AddAuthenticator(page);
        await page.GotoAsync(Security);
        await page.Submit(page.Locator($"form[action='{Security}/passkeys'] button"));
        await page.GotoAsync(Security);
        app.Clock.Advance(TimeSpan.FromMinutes(11));

        await page.Locator($"form[action='{Security}/passkeys'] button").ClickAsync();
        await page.WaitForURLAsync("**/login/again?returnUrl=*");
        await page.Submit(page.Locator("form[action='/login/again/passkey'] button"));
        PathOf(page).ShouldBe(Security);
        await page.Submit(page.Locator($"form[action='{Security}/recovery-codes'] button"));

        (await page.Locator(".codes li").CountAsync()).ShouldBe(10);
    }

    [Fact]
    public async Task Without_JavaScript_passkeys_are_not_offered_and_the_rest_works()
    {
        var page = await chromium.NewPage(Address, javaScript: false);
        await page.GotoAsync("/login");
        (await page.Locator("form[action='/login/passkey'] button").IsVisibleAsync()).ShouldBeFalse();
        var email = await Register(page);
        var secret = await TurnAppOn(page);
        await page.Submit(page.Locator("form[action='/logout'] button"));

        await SignInWithApp(page, email, secret);

        PathOf(page).ShouldBe(Security);
    }

    private static async Task<string> Register(IPage page)
    {
        var email = $"b-{Guid.NewGuid():N}@kontor.example";
        await page.GotoAsync("/register");
        await page.Locator("[name=name]").FillAsync("Robin Example");
        await page.Locator("[name=email]").FillAsync(email);
        await page.Locator("[name=password]").FillAsync(Password);
        await page.Submit(page.Locator("form[action='/register'] button"));
        return email;
    }

    /// <summary>By the link in the letter, which the mailbox page of the admin panel shows.</summary>
    private async Task Confirm(IPage page, string email)
    {
        var admin = await chromium.NewPage(Address);
        await admin.GotoAsync("/login?returnUrl=%2Fadmin%2Fmail");
        await admin.Locator("[name=email]").FillAsync("admin@kontor.example");
        await admin.Locator("[name=password]").FillAsync("kontor-demo-admin");
        await admin.Submit(admin.Locator("form[action='/login'] button"));
        var letter = admin.Locator("tr", new() { HasText = email }).GetByRole(AriaRole.Link);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        for (; await letter.CountAsync() == 0; patience.Token.ThrowIfCancellationRequested()) await admin.ReloadAsync();
        await letter.Last.ClickAsync();
        var link = admin.FrameLocator("iframe.letter").Locator("a[href*='/verify?token=']").First;
        var address = new Uri((await link.GetAttributeAsync("href"))!);
        await page.GotoAsync(address.PathAndQuery);
        await page.Submit(page.Locator("form[action='/verify'] button"));
        page.Url.ShouldEndWith("/verify?done=1");
        await admin.Context.CloseAsync();
    }

    private static async Task<ICDPSession> AddAuthenticator(IPage page, bool verifies = true)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        await session.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = verifies,
                ["automaticPresenceSimulation"] = true,
            },
        });
        return session;
    }

    private static string PathOf(IPage page) => new Uri(page.Url).AbsolutePath;

    /// <summary>RFC 6238, computed here once more.</summary>
    private static string CodeOf(string secret, DateTimeOffset now)
    {
        var bits = string.Concat(secret.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c), 2).PadLeft(5, '0')));
        byte[] key = [.. bits.Chunk(8).Select(chunk => Convert.ToByte(new string(chunk), 2))];
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, now.ToUnixTimeSeconds() / 30);
#pragma warning disable CA5350 // What authenticator apps compute.
        var hash = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & 0x7FFFFFFF;
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }

    private async Task<string> TurnAppOn(IPage page)
    {
        await page.GotoAsync(Security);
        await page.Submit(page.Locator($"form[action='{Security}/totp'] button"));
        var secret = (await page.Locator(".secret").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await page.Locator("[name=code]").FillAsync(CodeOf(secret, app.Clock.GetUtcNow()));
        await page.Submit(page.Locator($"form[action='{Security}/totp/confirm'] button"));
        (await page.Locator(".codes li").CountAsync()).ShouldBe(10);
        return secret;
    }

    private async Task SignInWithApp(IPage page, string email, string secret)
    {
        await page.GotoAsync($"/login?returnUrl={Uri.EscapeDataString(Security)}");
        await page.Locator("[name=email]").FillAsync(email);
        await page.Locator("[name=password]").FillAsync(Password);
        await page.Submit(page.Locator("form[action='/login'] button"));
        // The code before was used.
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await page.Locator("[name=code]").FillAsync(CodeOf(secret, app.Clock.GetUtcNow()));
        await page.Submit(page.Locator("form[action='/login/code'] button"));
        PathOf(page).ShouldBe(Security);
    }
}
