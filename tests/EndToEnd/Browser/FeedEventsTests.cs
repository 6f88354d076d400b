using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Testing;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Browser;

/// <summary>What the front page tells by itself of what a visitor sees and does, in a real browser.</summary>
public class FeedEventsTests(KontorApp app, Chromium chromium) : IClassFixture<KontorApp>, IClassFixture<Chromium>
{
    private sealed record Sums(string Key, long Impressions, long Clicks, long Dismissals);

    [Fact]
    public async Task A_widget_counts_as_seen_once_when_it_was_on_screen_for_a_second()
    {
        var page = await chromium.NewPage(app.Address);
        var complaints = page.Listen();
        var before = await Counts();
        await page.GotoAsync("/");
        var sections = page.Locator("section[data-widget]");
        var first = (await sections.First.GetAttributeAsync("data-widget"))!;
        var last = (await sections.Last.GetAttributeAsync("data-widget"))!;

        // A glance is none.
        await sections.Last.ScrollIntoViewIfNeededAsync();
        await page.EvaluateAsync("scrollTo(0, 0)");
        await Becomes(() => Since(before, first), new(first, 1, 0, 0));
        (await Since(before, last)).ShouldBe(new(last, 0, 0, 0));

        await sections.Last.ScrollIntoViewIfNeededAsync();
        await Becomes(() => Since(before, last), new(last, 1, 0, 0));
        await page.EvaluateAsync("scrollTo(0, 0)");
        await page.WaitForTimeoutAsync(3500);
        (await Since(before, first)).ShouldBe(new(first, 1, 0, 0));
        (await Waiting(page)).ShouldBe(0);
        complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_click_is_told_although_it_leads_away_at_once()
    {
        var page = await chromium.NewPage(app.Address, phone: true);
        var before = await Counts();
        await page.GotoAsync("/");
        var first = (await page.Locator("section[data-widget]").First.GetAttributeAsync("data-widget"))!;

        await page.Locator("section[data-widget] a").First.ClickAsync();
        await page.WaitForURLAsync(url => new Uri(url).AbsolutePath != "/");

        await Becomes(async () => (await Since(before, first)).Clicks, 1);
    }

    [Fact]
    public async Task What_happens_without_a_connection_is_told_when_there_is_one()
    {
        var page = await chromium.NewPage(app.Address);
        var before = await Counts();
        await page.GotoAsync("/");
        var last = page.Locator("section[data-widget]").Last;
        var key = (await last.GetAttributeAsync("data-widget"))!;
        await page.Context.SetOfflineAsync(true);
        await last.ScrollIntoViewIfNeededAsync();
        await Becomes(() => Waiting(page), waiting => waiting >= 1);
        await page.WaitForTimeoutAsync(2500);
        (await Since(before, key)).Impressions.ShouldBe(0);

        await page.Context.SetOfflineAsync(false);

        await Becomes(() => Since(before, key), new(key, 1, 0, 0));
        await Becomes(() => Waiting(page), 0);
    }

    [Fact]
    public async Task A_person_hides_a_widget_may_take_it_back_and_means_it_once_the_page_is_left()
    {
        var page = await chromium.NewPage(app.Address);
        await SignIn(page);
        var before = await Counts();
        await page.GotoAsync("/");
        var section = page.Locator("section[data-widget]").Nth(1);
        var key = (await section.GetAttributeAsync("data-widget"))!;

        await section.Locator("[data-hide]").ClickAsync();
        (await section.IsVisibleAsync()).ShouldBeFalse();
        await page.Keyboard.PressAsync("Enter");
        (await section.IsVisibleAsync()).ShouldBeTrue();
        (await section.Locator("[data-hide]").EvaluateAsync<bool>("button => button === document.activeElement")).ShouldBeTrue();
        await page.GotoAsync("/cart");
        await page.WaitForTimeoutAsync(1000);
        (await Since(before, key)).Dismissals.ShouldBe(0);

        await page.GotoAsync("/");
        await page.Locator($"section[data-widget='{key}'] [data-hide]").ClickAsync();
        await page.GotoAsync("/cart");
        await Becomes(async () => (await Since(before, key)).Dismissals, 1);
    }

    [Fact]
    public async Task What_waited_is_told_in_the_order_in_which_it_happened()
    {
        var page = await chromium.NewPage(app.Address);
        await SignIn(page);
        await page.GotoAsync("/");
        await page.EvaluateAsync("""
            () => {
              const { feed, visitor } = document.querySelector("[data-feed]").dataset;
              const { widgetId } = document.querySelector("[data-widget-id]").dataset;
              // Neither in the order of the keys nor in that in which they were written.
              for (const [key, nth] of [["b", 3], ["a", 1], ["d", 2], ["c", 0]]) {
                const at = new Date(Date.now() - 3_600_000 + nth * 1000).toISOString();
                const event = { id: `waited-${nth}`, widgetId, feedId: feed, kind: "impression", at, position: 0 };
                localStorage[`kontor.event.${key}`] = JSON.stringify({ visitor, held: false, event });
              }
            }
            """);

        // Nothing arrives, also of what this page sees later, while other tests count.
        await page.RouteAsync("**/home/events", route => route.AbortAsync());

        var told = await page.RunAndWaitForRequestAsync(() => page.ReloadAsync(), "**/home/events");

        using var body = JsonDocument.Parse(told.PostData!);
        body.RootElement.GetProperty("events").EnumerateArray().Select(one => one.GetProperty("id").GetString()!)
            .Where(id => id.StartsWith("waited-", StringComparison.Ordinal))
            .ShouldBe(["waited-0", "waited-1", "waited-2", "waited-3"]);
        await page.CloseAsync();
    }

    [Fact]
    public async Task Somebody_elses_events_wait_until_they_are_back()
    {
        var page = await chromium.NewPage(app.Address);
        await SignIn(page);
        await page.GotoAsync("/");
        await page.RouteAsync("**/home/events", route => route.AbortAsync());
        await Becomes(() => Waiting(page), waiting => waiting >= 1);
        var theirs = await Waiting(page);
        await page.Context.ClearCookiesAsync();
        await page.UnrouteAsync("**/home/events");

        await page.GotoAsync("/");
        await page.WaitForTimeoutAsync(4500);
        (await Waiting(page)).ShouldBe(theirs);

        await SignIn(page);
        await page.GotoAsync("/");
        await Becomes(async () => await page.EvaluateAsync<int>("performance.now() | 0"), passed => passed > 4500);
        await Becomes(() => Waiting(page), 0);
    }

    [Fact]
    public async Task Without_JavaScript_the_page_works_and_tells_nothing()
    {
        var page = await chromium.NewPage(app.Address, javaScript: false);
        await SignIn(page);
        var before = await Counts();
        await page.GotoAsync("/");

        await page.WaitForTimeoutAsync(3500);

        (await page.Locator("section[data-widget]").CountAsync()).ShouldBeGreaterThan(1);
        (await page.Locator("[data-hide]:visible").CountAsync()).ShouldBe(0);
        (await Counts()).ShouldBe(before);
    }

    private static async Task SignIn(IPage page)
    {
        await page.GotoAsync("/login");
        await page.Locator("[name=email]").FillAsync("ada@kontor.example");
        await page.Locator("[name=password]").FillAsync("kontor-demo-ada");
        await page.Submit(page.Locator("main form button").First);
    }

    private static Task<int> Waiting(IPage page) =>
        page.EvaluateAsync<int>("Object.keys(localStorage).filter(key => key.startsWith('kontor.event.')).length");

    private async Task<Sums> Since(List<Sums> before, string key)
    {
        var (was, now) = (before.Find(one => one.Key == key), (await Counts()).Find(one => one.Key == key));
        return new(
            key, (now?.Impressions ?? 0) - (was?.Impressions ?? 0), (now?.Clicks ?? 0) - (was?.Clicks ?? 0),
            (now?.Dismissals ?? 0) - (was?.Dismissals ?? 0));
    }

    private Task<List<Sums>> Counts() => app.Database.Read(tx => tx.Query<Sums>("""
        SELECT w.key, CAST(SUM(c.impressions) AS BIGINT) AS impressions, CAST(SUM(c.clicks) AS BIGINT) AS clicks,
               CAST(SUM(c.dismissals) AS BIGINT) AS dismissals
        FROM home_event_counts c
        JOIN home_widgets w ON w.id = c.widget_id
        WHERE c.experiment = ''
        GROUP BY w.key
        ORDER BY w.key
        """).AsTask());

    private static Task Becomes<T>(Func<Task<T>> what, T value) => Becomes(what, now => Equals(now, value), value);

    private static async Task Becomes<T>(Func<Task<T>> what, Func<T, bool> holds, object? expected = null)
    {
        var now = await what();
        for (var i = 0; i < 600 && !holds(now); i++)
        {
            await Task.Delay(100);
            now = await what();
        }

        holds(now).ShouldBeTrue($"It is {now} and not {expected}.");
    }
}
