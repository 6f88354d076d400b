using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Home.Insight;
using Kontor.Home.Tests.Experiments;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Insight;

public class AnalyticsTests(HomeApp app) : IClassFixture<HomeApp>
{
    private sealed record Step(string Detail);

    [Fact]
    public async Task Widgets_have_their_numbers_and_a_rate_with_its_interval()
    {
        var widget = await Widget("rated");
        await app.Anonymous.Tell([.. Enumerable.Range(0, 100).Select(_ => app.Event(widget))]);
        await app.Anonymous.Tell([.. Enumerable.Range(0, 10).Select(_ => app.Event(widget, "click"))]);
        await app.As("ada", "customer").Tell(app.Event(widget, "dismiss"));

        var answer = await Ask("?by=widget");

        var one = answer.GetProperty("widgets").EnumerateArray().Single(one => one.GetProperty("widgetId").GetString() == widget);
        one.GetProperty("key").GetString().ShouldBe("rated");
        one.GetProperty("title").GetString().ShouldBe("Title of rated");
        var figures = one.GetProperty("figures");
        Numbers(figures).ShouldBe((100, 10, 1));
        // The interval of 10 out of 100, as textbooks have it.
        figures.GetProperty("clickRate").GetDouble().ShouldBe(0.1);
        figures.GetProperty("clickRateLow").GetDouble().ShouldBe(0.055229, 0.000001);
        figures.GetProperty("clickRateHigh").GetDouble().ShouldBe(0.174366, 0.000001);
        answer.TryGetProperty("positions", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task They_are_told_apart_by_position_reader_and_day_and_add_up_to_the_total()
    {
        var widget = await Widget("apart");
        var yesterday = app.Clock.GetUtcNow().AddDays(-1);
        await app.Anonymous.Tell(app.Event(widget, position: 0), app.Event(widget, position: 0), app.Event(widget, position: 3));
        await app.As("ada", "customer").Tell(app.Event(widget, position: 77), app.Event(widget, "click", at: yesterday));
        await app.As("bob", "premium").Tell(app.Event(widget, position: 50));
        await app.Admin.Tell(app.Event(widget));

        var answer = await Ask($"?widgetId={widget}");

        Numbers(answer.GetProperty("total")).ShouldBe((6, 1, 0));
        List(answer, "positions", "position").ShouldBe(["null 1 1 0", "0 2 0 0", "3 1 0 0", "50 2 0 0"]);
        List(answer, "segments", "segment").Order().ShouldBe(["admin 1 0 0", "anonymous 3 0 0", "customer 1 1 0", "premium 1 0 0"]);
        List(answer, "days", "day").ShouldBe([$"{yesterday:yyyy-MM-dd} 0 1 0", $"{app.Clock.GetUtcNow():yyyy-MM-dd} 6 0 0"]);
        answer.GetProperty("experiments").GetArrayLength().ShouldBe(0);

        Numbers((await Ask($"?widgetId={widget}&segment=customer&by=day")).GetProperty("total")).ShouldBe((1, 1, 0));
        Numbers((await Ask($"?widgetId={widget}&from={yesterday:yyyy-MM-dd}&to={yesterday:yyyy-MM-dd}")).GetProperty("total"))
            .ShouldBe((0, 1, 0));
    }

    [Fact]
    public async Task What_concerned_an_experiment_is_counted_for_it_and_once_in_all()
    {
        var widget = await Widget("tried");
        var seen = new FeedEvent("1", widget, "feed", FeedEventKind.Impression, app.Clock.GetUtcNow().ToUnixTimeMilliseconds(), 0);
        var visitor = new Visitor("ada", null);
        await app.Database.Write(async tx =>
        {
            await EventCounts.Add(tx, visitor, [seen]);
            await EventCounts.Add(tx, visitor, [seen], "button-colour", 1);
            await EventCounts.Add(tx, visitor, [seen], "greeting", 0);
        });

        var answer = await Ask($"?widgetId={widget}");

        Numbers(answer.GetProperty("total")).ShouldBe((1, 0, 0));
        List(answer, "experiments", "experiment").ShouldBe(["button-colour 1 0 0", "greeting 1 0 0"]);
        answer.GetProperty("experiments")[0].GetProperty("variation").GetInt64().ShouldBe(1);
    }

    [Fact]
    public async Task What_was_counted_before_an_experiment_began_anew_stays_apart()
    {
        var widgets = await app.GivenTrial("renewed");
        await app.Look(app.As("renewed", "customer"), widgets, "renewed");
        await Trials.Ok(await app.Admin.Change("renewed", new { bucketVersion = 1 }));
        await app.Look(app.As("renewed", "customer"), widgets, "renewed", "click");

        var renewed = (await Ask("?by=experiment")).GetProperty("experiments").EnumerateArray()
            .Where(one => one.GetProperty("experiment").GetString() == "renewed")
            .Select(one => $"{one.GetProperty("bucketVersion")}: {Numbers(one.GetProperty("figures"))}");

        renewed.ShouldBe(["0: (1, 0, 0)", "1: (1, 1, 0)"]);
        (await app.Admin.GetStringAsync("/admin/insight")).ShouldContain("renewed, version 1");
    }

    [Fact]
    public async Task Nothing_has_no_rate_and_a_click_without_an_impression_no_rate_above_one()
    {
        var widget = await Widget("odd");
        var nothing = (await Ask($"?widgetId={widget}&by=day")).GetProperty("total");
        nothing.GetProperty("clickRate").ValueKind.ShouldBe(JsonValueKind.Null);

        await app.Anonymous.Tell(app.Event(widget, "click"), app.Event(widget, "click"), app.Event(widget));

        var total = (await Ask($"?widgetId={widget}&by=day")).GetProperty("total");
        total.GetProperty("clickRate").GetDouble().ShouldBe(1);
        total.GetProperty("clickRateHigh").GetDouble().ShouldBe(1);
        total.GetProperty("clickRateLow").GetDouble().ShouldBeLessThan(1);
    }

    [Theory]
    [InlineData("?from=2026-02-02&to=2026-02-01", "period-invalid")]
    [InlineData("?from=2024-01-01&to=2025-06-01", "period-invalid")]
    [InlineData("?from=0001-01-01", "period-invalid")]
    [InlineData("?to=0001-01-01", "period-invalid")]
    [InlineData("?from=1969-12-31&to=1970-01-03", "period-invalid")]
    [InlineData("?from=yesterday", "period-invalid")]
    [InlineData("?to=2026-02-30", "period-invalid")]
    [InlineData("?from=9999-12-31", "period-invalid")]
    [InlineData("?by=colour", "breakdown-unknown")]
    [InlineData("?by=", "breakdown-unknown")]
    public async Task Nonsense_is_refused(string query, string code)
    {
        var answer = await app.Admin.GetAsync($"/api/admin/home/analytics{query}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBe(code);
    }

    [Theory]
    [InlineData("?to=9999-12-31")]
    [InlineData("?from=1970-01-01&to=1970-01-02")]
    [InlineData("?from=&to=")]
    [InlineData("?segment=nobody&widgetId=nothing")]
    public async Task What_is_merely_empty_is_not(string query) =>
        (await app.Admin.GetAsync($"/api/admin/home/analytics{query}")).StatusCode.ShouldBe(HttpStatusCode.OK);

    [Fact]
    public async Task Only_an_admin_sees_numbers_and_pages()
    {
        foreach (var path in new[] { "/api/admin/home/analytics", "/admin/insight" })
        {
            (await app.As("ada", "customer").GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await app.Anonymous.GetAsync(path)).StatusCode.ShouldNotBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task No_statement_reads_a_table_from_end_to_end()
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "PostgreSQL plans by the number of rows, of which a test has few.");
        foreach (var by in Enum.GetValues<Breakdown>())
        {
            var plan = await app.Database.Read(tx => tx.Query<Step>(
                $"EXPLAIN QUERY PLAN {EventNumbers.Sql(by)}", EventNumbers.Arguments(new(new Period(1, 9)))).AsTask());
            plan.Where(step => step.Detail.Contains("home_event_counts", StringComparison.Ordinal)).ShouldHaveSingleItem()
                .Detail.ShouldContain("day>? AND day<?", customMessage: $"{by}");
        }
    }

    private async Task<JsonElement> Ask(string query)
    {
        var answer = await app.Admin.GetAsync($"/api/admin/home/analytics{query}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static (long Impressions, long Clicks, long Dismissals) Numbers(JsonElement figures)
    {
        long Of(string member) => figures.GetProperty(member).GetInt64();
        return (Of("impressions"), Of("clicks"), Of("dismissals"));
    }

    private static List<string> List(JsonElement answer, string list, string key) => [.. answer.GetProperty(list).EnumerateArray().Select(
        one =>
        {
            var (impressions, clicks, dismissals) = Numbers(one.GetProperty("figures"));
            var name = one.GetProperty(key);
            return $"{(name.ValueKind == JsonValueKind.Null ? "null" : name.ToString())} {impressions} {clicks} {dismissals}";
        })];

    private async Task<string> Widget(string key) => (await app.GivenText(key))["id"]!.GetValue<string>();
}
