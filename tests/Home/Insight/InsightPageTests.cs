using System.Net;
using Kontor.Home.Tests.Experiments;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Insight;

public class InsightPageTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task An_admin_sees_numbers_charts_and_each_widget_in_their_language()
    {
        var widget = (await app.GivenText("on-the-page"))["id"]!.GetValue<string>();
        await app.Anonymous.Tell([.. Enumerable.Range(0, 10).Select(_ => app.Event(widget, position: 0))]);
        await app.Anonymous.Tell(app.Event(widget, "click", position: 0));

        var page = await Html("/admin/insight");
        page.ShouldContain("Title of on-the-page");
        page.ShouldContain("Click rate by widget");
        page.ShouldContain("Title of on-the-page: 10.0 % (1.8 % to 40.4 %)");
        page.ShouldContain($"href=\"/admin/insight/{widget}?");
        // On a phone each line is a card, whose values say what they are.
        foreach (var label in new[] { "Impressions", "Clicks", "Click rate", "95 % interval", "Hidden by readers" })
            page.ShouldContain($"data-label=\"{label}\"");

        var german = await Html($"/admin/insight/{widget}", "de");
        german.ShouldContain("Titel von on-the-page");
        german.ShouldContain("Platz 1: 10,0 % (1,8 % bis 40,4 %)");
        german.ShouldNotContain("Klickrate der Widgets");
    }

    [Fact]
    public async Task A_variation_is_called_by_its_name_until_people_are_drawn_anew()
    {
        var widgets = await app.GivenTrial("named");
        for (var i = 0; i < 20; i++)
        {
            using var person = app.As($"named-{i}", "customer");
            await app.Look(person, widgets, "named");
        }

        var page = await Html("/admin/insight");
        page.ShouldContain("""<span class="muted">Bold</span>""");
        page.ShouldNotContain("Variation 1");

        (await app.Admin.Change("named", new { bucketVersion = 1 })).StatusCode.ShouldBe(HttpStatusCode.OK);
        var later = await Html("/admin/insight");
        later.ShouldContain("Variation 1");
        later.ShouldNotContain("""<span class="muted">Bold</span>""");
    }

    [Fact]
    public async Task A_choice_that_fits_nothing_says_so()
    {
        (await Html("/admin/insight?from=2020-01-01&to=2020-01-31")).ShouldContain("Nothing was told yet");
        (await Html("/admin/insight?segment=premium")).ShouldContain("Nothing was told yet");
    }

    [Fact]
    public async Task A_choice_that_cannot_be_is_explained_beside_the_latest_numbers()
    {
        var answer = await app.Admin.GetAsync("/admin/insight?from=2026-02-01&to=2026-01-01");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("A period is from one day");
    }

    [Fact]
    public async Task A_widget_that_there_is_not_has_no_page() =>
        (await app.Admin.GetAsync("/admin/insight/nobody")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

    private async Task<string> Html(string path, string language = "en")
    {
        using var admin = app.Admin;
        admin.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var answer = await admin.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }
}

public class DemoEventsTests(DemoEventsTests.DemoApp app) : IClassFixture<DemoEventsTests.DemoApp>
{
    public sealed class DemoApp : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Demo"] = "true";
        }
    }

    [Fact]
    public async Task A_demo_has_28_days_behind_it_once()
    {
        // Nobody is told of widgets that they could not have seen.
        var personal = await Total("&by=segment&segment=anonymous&widgetId=" + await IdOf(TestSource.Yours));
        var before = await Total("");

        await app.Restart();

        personal.ShouldBe(0);
        before.ShouldBeGreaterThan(1000);
        (await Total("")).ShouldBe(before);
        (await Total($"&from={app.Clock.GetUtcNow().AddDays(-60):yyyy-MM-dd}")).ShouldBe(before);
    }

    private async Task<string> IdOf(string key) => (await app.As("ada", "customer").Feed()).GetProperty("widgets").EnumerateArray()
        .Single(one => one.GetProperty("key").GetString() == key).GetProperty("id").GetString()!;

    private async Task<long> Total(string query) => System.Text.Json.JsonDocument
        .Parse(await app.Admin.GetStringAsync($"/api/admin/home/analytics?{query.TrimStart('&')}"))
        .RootElement.GetProperty("total").GetProperty("impressions").GetInt64();
}
