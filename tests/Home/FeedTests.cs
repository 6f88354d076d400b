using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

public class FeedTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task A_widget_has_what_a_client_needs_to_show_it()
    {
        var created = await app.GivenText("whole");

        var feed = await app.Anonymous.Feed("?locale=de-AT");

        feed.GetProperty("feedId").GetString().ShouldNotBeNullOrEmpty();
        feed.GetProperty("generatedAt").GetDateTimeOffset().ShouldBe(app.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        var widgets = feed.GetProperty("widgets").EnumerateArray().ToList();
        widgets.Select(widget => widget.GetProperty("position").GetInt32()).ShouldBe(Enumerable.Range(0, widgets.Count));
        var whole = widgets.Single(widget => widget.GetProperty("key").GetString() == "whole");
        whole.GetProperty("id").GetString().ShouldBe(created["id"]!.GetValue<string>());
        whole.GetProperty("type").GetString().ShouldBe("text");
        whole.GetProperty("version").GetInt32().ShouldBe(1);
        whole.GetProperty("title").GetString().ShouldBe("Titel von whole");
        whole.GetProperty("content").GetProperty("paragraphs")[0].GetString().ShouldBe("Text of whole.");
        whole.GetProperty("tracking").GetProperty("source").GetString().ShouldBe("home");
    }

    [Theory]
    [InlineData("?locale=de", "Titel von language")]
    [InlineData("?locale=DE_CH", "Titel von language")]
    [InlineData("?locale=en", "Title of language")]
    [InlineData("?locale=xx-YY", "Title of language")]
    [InlineData("?locale=", "Title of language")]
    [InlineData("?platform=toaster", "Title of language")]
    public async Task An_unknown_language_or_platform_falls_back(string query, string title)
    {
        if (!(await app.Anonymous.Keys()).Contains("language")) await app.GivenText("language");

        var feed = await app.Anonymous.Feed(query);

        feed.GetProperty("widgets").EnumerateArray().Single(widget => widget.GetProperty("key").GetString() == "language")
            .GetProperty("title").GetString().ShouldBe(title);
    }

    [Theory]
    [InlineData("locale=../../etc")]
    [InlineData("locale=d")]
    [InlineData("locale=de-de-de-de-de-de-de")]
    [InlineData("platform=%3Cscript%3E")]
    [InlineData("platform=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("appVersion=1%202")]
    [InlineData("renderers=hero,")]
    [InlineData("renderers=Hero!")]
    [InlineData("renderers=hero@0")]
    [InlineData("renderers=hero@99999999999999999999")]
    [InlineData("locale=%00")]
    public async Task An_absurd_query_is_refused(string query)
    {
        var answer = await app.Anonymous.GetAsync($"/api/home?{query}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBeOneOf("feed-query-invalid", "invalid-request");
    }

    [Fact]
    public async Task More_renderers_than_there_are_types_are_refused()
    {
        var answer = await app.Anonymous.GetAsync($"/api/home?renderers={string.Join(',', Enumerable.Range(1, 51).Select(i => $"a{i}"))}");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_client_gets_only_what_it_can_render()
    {
        await app.GivenText("rendered");
        await app.GivenText("picture", with =>
        {
            with["type"] = "hero";
            with["content"] = new JsonObject { ["title"] = "Hello" };
        });

        (await app.Anonymous.Keys("?renderers=text,hero")).ShouldBeSubsetOf(await app.Anonymous.Keys());
        (await app.Anonymous.Keys("?renderers=text")).ShouldContain("rendered");
        (await app.Anonymous.Keys("?renderers=text")).ShouldNotContain("picture");
        (await app.Anonymous.Keys("?renderers=hero@1")).ShouldBe(["picture"]);
        (await app.Anonymous.Keys("?renderers=hero@2")).ShouldBeEmpty();
        (await app.Anonymous.Keys("?renderers=hologram")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Higher_priority_stands_first_and_equal_ones_by_key()
    {
        await app.GivenText("order-b", with => with["priority"] = 700);
        await app.GivenText("order-a", with => with["priority"] = 700);
        var low = await app.GivenText("order-c", with => with["priority"] = 1);

        (await Order()).ShouldBe(["order-a", "order-b", "order-c"]);

        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{low["id"]}", new { priority = 1000 });
        (await Order()).ShouldBe(["order-c", "order-a", "order-b"]);
    }

    [Fact]
    public async Task A_schedule_begins_and_ends_by_itself()
    {
        var now = app.Clock.GetUtcNow();
        var widget = await app.GivenText("scheduled", with =>
            with["schedule"] = new JsonObject { ["startsAt"] = now.AddHours(1), ["endsAt"] = now.AddHours(2) });

        (await app.Anonymous.Keys()).ShouldNotContain("scheduled");
        app.Clock.Advance(TimeSpan.FromHours(1));
        (await app.Anonymous.Keys()).ShouldContain("scheduled");
        app.Clock.Advance(TimeSpan.FromHours(1));
        (await app.Anonymous.Keys()).ShouldNotContain("scheduled");

        // `{}` takes both ends away.
        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", new { schedule = new { } });
        (await app.Anonymous.Keys()).ShouldContain("scheduled");
    }

    [Fact]
    public async Task Drafts_and_archived_ones_are_nobodys()
    {
        var draft = await app.GivenText("drafted", with => with["state"] = "draft");
        (await app.Admin.Keys()).ShouldNotContain("drafted");

        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{draft["id"]}", new { state = "published" });
        (await app.Anonymous.Keys()).ShouldContain("drafted");

        await app.Admin.DeleteAsync($"/api/admin/widgets/{draft["id"]}");
        (await app.Anonymous.Keys()).ShouldNotContain("drafted");
    }

    [Fact]
    public async Task An_unchanged_feed_is_not_sent_twice()
    {
        await app.GivenText("tagged");
        using var client = app.As("tagger", "customer");
        var first = await client.GetAsync("/api/home");
        first.Headers.CacheControl!.Private.ShouldBeTrue();
        first.Headers.Vary.ShouldContain("Authorization");
        client.DefaultRequestHeaders.IfNoneMatch.Add(first.Headers.ETag!);

        app.Clock.Advance(TimeSpan.FromSeconds(5));
        var second = await client.GetAsync("/api/home");
        second.StatusCode.ShouldBe(HttpStatusCode.NotModified);
        second.Headers.ETag.ShouldBe(first.Headers.ETag);
        (await second.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();

        await app.GivenText("tagged-too");
        var third = await client.GetAsync("/api/home");
        third.StatusCode.ShouldBe(HttpStatusCode.OK);
        third.Headers.ETag.ShouldNotBe(first.Headers.ETag);
    }

    [Fact]
    public async Task Feeds_that_differ_have_different_tags()
    {
        await app.GivenText("differs", with => with["roles"] = new JsonArray("premium"));
        var tags = new List<string>();
        foreach (var (client, query) in new[]
        {
            (app.Anonymous, ""), (app.Anonymous, "?locale=de"), (app.Anonymous, "?renderers=hologram"), (app.As("one", "customer"), ""),
            (app.As("two", "customer"), ""), (app.As("three", "premium"), ""),
        })
        {
            tags.Add((await client.GetAsync($"/api/home{query}")).Headers.ETag!.Tag);
        }

        tags.Distinct().Count().ShouldBe(tags.Count);
    }

    [Fact]
    public async Task A_shown_schedule_and_title_survive_a_restart()
    {
        await app.GivenText("kept", with => with["roles"] = new JsonArray("premium"));

        await app.Restart();

        (await app.As("anyone", "premium").Keys()).ShouldContain("kept");
        (await app.Anonymous.Keys()).ShouldNotContain("kept");
    }

    private async Task<List<string>> Order() =>
        [.. (await app.Anonymous.Keys()).Where(key => key.StartsWith("order-", StringComparison.Ordinal))];
}
