using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Foundation.Seams;
using Kontor.Mail.Mailbox;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Mail.Tests;

/// <summary>What an admin sees of the letters, where there is no mail server.</summary>
public class MailboxTests(KontorApp app) : IClassFixture<KontorApp>
{
    private sealed record Step(string Detail);

    [Fact]
    public async Task An_admin_lists_letters_and_reads_one()
    {
        var subject = await Post("<p>Hello</p>", isSecret: true);
        using var admin = await app.Admin();

        var list = await admin.Client.GetFromJsonAsync<JsonElement>("/api/admin/mail");
        var letter = list.GetProperty("letters")[0];

        letter.GetProperty("subject").GetString().ShouldBe(subject);
        letter.GetProperty("to").GetString().ShouldBe("ada@kontor.example");
        letter.GetProperty("state").GetString().ShouldBe("kept");
        var read = await admin.Client.GetFromJsonAsync<JsonElement>($"/api/admin/mail/{letter.GetProperty("id").GetString()}");
        read.GetProperty("text").GetString().ShouldBe("text");
        read.GetProperty("html").GetString().ShouldBe("<p>Hello</p>");
    }

    [Fact]
    public async Task Nobody_else_sees_any()
    {
        await Post();
        var id = await NewestId();
        using var robin = await app.NewPerson();
        using var stranger = app.NewClient();
        foreach (var path in new[] { "/api/admin/mail", $"/api/admin/mail/{id}" })
        {
            (await robin.Client.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await stranger.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        using var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", robin.Email), ("password", robin.Password));
        foreach (var path in new[] { "/admin/mail", $"/admin/mail/{id}", $"/admin/mail/{id}/html" })
        {
            await browser.Open(path);
            browser.Status.ShouldBe(HttpStatusCode.Forbidden);
            (await stranger.GetAsync(path)).Headers.Location!.ToString().ShouldStartWith("/login");
        }
    }

    [Fact]
    public async Task Every_letter_is_on_one_page_of_the_list()
    {
        var posted = new List<string>();
        for (var i = 0; i < 7; i++) posted.Add(await Post());
        using var admin = await app.Admin();

        var seen = new List<string>();
        for (string? cursor = null, first = "yes"; cursor is not null || first is not null; first = null)
        {
            var page = await admin.Client.GetFromJsonAsync<JsonElement>($"/api/admin/mail?limit=3&cursor={cursor}");
            var letters = page.GetProperty("letters").EnumerateArray().ToList();
            letters.Count.ShouldBeLessThanOrEqualTo(3);
            seen.AddRange(letters.Select(letter => letter.GetProperty("subject").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
        }

        seen.Intersect(posted).Count().ShouldBe(7);
        seen.Count.ShouldBe(await app.Database.Read(tx => tx.First<int>("SELECT COUNT(*) FROM mail_letters").AsTask()));
        var bad = await admin.Client.GetAsync("/api/admin/mail?cursor=%21");
        bad.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await bad.Code()).ShouldBe("cursor-invalid");
    }

    [Fact]
    public async Task A_letter_is_shown_in_a_frame_that_runs_nothing()
    {
        await Post("<html><head></head><body><script>alert(1)</script></body></html>");
        var id = await NewestId();
        using var browser = await AdminsBrowser();

        await browser.Open($"/admin/mail/{id}");
        browser.Html.ShouldContain($"<iframe class=\"letter\" src=\"/admin/mail/{id}/html\"");
        browser.Html.ShouldContain("sandbox=\"allow-top-navigation-by-user-activation\"");
        browser.Html.ShouldNotContain("<script>alert");

        using var client = app.NewClient();
        var request = new HttpRequestMessage(HttpMethod.Get, $"/admin/mail/{id}/html");
        request.Headers.Add("Cookie", browser.Cookies.GetCookieHeader(app.Address));
        var answer = await client.SendAsync(request);
        var policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldStartWith("sandbox allow-top-navigation-by-user-activation; default-src 'none';");
        policy.ShouldContain("frame-ancestors 'self'");
        answer.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task There_is_no_such_letter()
    {
        using var admin = await app.Admin();
        foreach (var id in new[] { "nothing", Guid.NewGuid().ToString() })
        {
            (await (await admin.Client.GetAsync($"/api/admin/mail/{id}")).Code()).ShouldBe("not-found");
            (await (await admin.Client.PostAsync($"/api/admin/mail/{id}/retry", null)).Code()).ShouldBe("not-found");
        }

        await Post();
        (await (await admin.Client.PostAsync($"/api/admin/mail/{await NewestId()}/retry", null)).Code()).ShouldBe("letter-not-failed");
    }

    [Fact]
    public async Task Letters_are_kept_for_30_days()
    {
        var old = await Post();
        app.Clock.Advance(TimeSpan.FromDays(29));
        var young = await Post();
        app.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromMinutes(1));

        await app.Services.GetRequiredService<Letterbox>().ForgetOld(default);

        var subjects = await app.Database.Read(tx => tx.Query<string>("SELECT subject FROM mail_letters").AsTask());
        subjects.ShouldNotContain(old);
        subjects.ShouldContain(young);
    }

    [Fact]
    public async Task The_list_and_the_queue_are_read_by_their_indexes()
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "A table this small is scanned there.");
        foreach (var (sql, index) in new[]
        {
            ("SELECT id FROM mail_letters WHERE id < 'g' ORDER BY id DESC LIMIT 50", "sqlite_autoindex_mail_letters_1"),
            ("SELECT id FROM mail_letters WHERE state = 'waiting' AND due_at <= 1 ORDER BY due_at LIMIT 16", "mail_letters_due"),
            ("DELETE FROM mail_letters WHERE created_at < 1", "mail_letters_age"),
        })
        {
            var plan = await app.Database.Read(tx => tx.Query<Step>($"EXPLAIN QUERY PLAN {sql}").AsTask());
            plan.ShouldHaveSingleItem().Detail.ShouldContain(index);
        }
    }

    private async Task<string> Post(string html = "<p>html</p>", bool isSecret = false)
    {
        var subject = $"Subject {Guid.NewGuid():N}";
        var letter = new Letter(new("ada@kontor.example", "Ada", "en"), subject, "text", html) { IsSecret = isSecret };
        await app.Database.Write(tx => app.Services.GetRequiredService<IMailer>().Post(tx, letter).AsTask());
        return subject;
    }

    private Task<string?> NewestId() => app.Database.Read(
        tx => tx.First<string>("SELECT id FROM mail_letters ORDER BY id DESC LIMIT 1").AsTask());

    private async Task<Browser> AdminsBrowser()
    {
        var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));
        return browser;
    }
}
