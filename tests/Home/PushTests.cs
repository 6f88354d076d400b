using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests;

/// <summary>Another team's system pushes what its widgets show.</summary>
public class PushTests(HomeApp app) : IClassFixture<HomeApp>
{
    private static readonly Action<JsonObject> Personal = with => with["personal"] = true;

    [Fact]
    public async Task What_is_pushed_to_all_is_in_the_next_feed_and_outlives_a_restart()
    {
        using var team = await SourceTeam.New(app);
        (await app.Anonymous.Keys()).ShouldNotContain(team.Widget);

        (await team.Push(1, "First.")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Anonymous.Says(team.Widget)).ShouldBe("First.");
        (await team.Push(2, "Second.")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Second.");

        await app.Restart();
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Second.");
    }

    [Fact]
    public async Task The_same_for_a_shorter_time_is_shown_no_longer_than_that()
    {
        using var team = await SourceTeam.New(app);
        await team.Push(1, "While it lasts.", ttl: 24 * 60 * 60, stale: 24 * 60 * 60);
        await team.Push(2, "While it lasts.", ttl: 60, stale: 0);
        (await app.Anonymous.Says(team.Widget)).ShouldBe("While it lasts.");

        app.Clock.Advance(TimeSpan.FromSeconds(61));

        await Eventually(async () => await app.Anonymous.Says(team.Widget) is null);
    }

    [Fact]
    public async Task An_event_is_about_a_person_or_about_a_segment()
    {
        using var team = await SourceTeam.New(app, Personal);

        var both = await team.Client.PostAsJsonAsync(
            $"/api/home/sources/{team.Name}/events", new { events = new[] { new { userId = "ada", segment = "friends" } } });

        (both.StatusCode, await both.Code()).ShouldBe((HttpStatusCode.BadRequest, "validation-failed"));
    }

    [Fact]
    public async Task An_older_version_is_refused_and_the_same_again_is_done_already()
    {
        using var team = await SourceTeam.New(app);
        await team.Push(5, "Five.");

        var older = await team.Push(4, "Four.");
        var other = await team.Push(5, "Another five.");
        var again = await team.Push(5, "Five.");

        foreach (var refused in new[] { older, other })
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
            var problem = (await refused.Content.ReadFromJsonAsync<JsonObject>())!;
            (problem["code"]!.GetValue<string>(), problem["version"]!.GetValue<long>()).ShouldBe(("stale-version", 5));
        }

        again.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Five.");
        (await team.DeadLetters()).Select(letter => (string)letter!["code"]!).ShouldBe(["stale-version", "stale-version"]);
    }

    [Fact]
    public async Task Of_many_who_push_at_once_the_latest_version_stays()
    {
        using var team = await SourceTeam.New(app);

        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(version => team.Push(version, $"Version {version}.")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.NoContent || answer.StatusCode == HttpStatusCode.Conflict);
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Version 20.");
    }

    [Theory]
    [InlineData("""{"audience": "all", "version": 1, "type": "text", "content": {"paragraphs": []}}""", 422, "content-invalid")]
    [InlineData("""{"audience": "all", "version": 1, "type": "text", "content": 7}""", 422, "content-invalid")]
    [InlineData("""{"audience": "all", "version": 1, "type": "hero", "content": {"title": "Hi"}}""", 422, "snapshot-type-wrong")]
    [InlineData("""{"audience": "all", "version": 1, "type": "text@2", "content": {}}""", 422, "snapshot-type-wrong")]
    [InlineData("""{"audience": {"userId": "ada"}, "version": 1, "type": "text", "content": null}""", 422, "widget-not-personal")]
    [InlineData("""{"audience": "some", "version": 1, "type": "text", "content": null}""", 400, "validation-failed")]
    [InlineData("""{"audience": {"userId": "a/b"}, "version": 1, "type": "text", "content": null}""", 400, "validation-failed")]
    [InlineData("""{"audience": {"userId": ""}, "version": 1, "type": "text", "content": null}""", 400, "validation-failed")]
    [InlineData("""{"audience": {"userId": "a", "all": 1}, "version": 1, "type": "text", "content": null}""", 400, "validation-failed")]
    [InlineData("""{"audience": "all", "version": 0, "type": "text", "content": null}""", 400, "validation-failed")]
    [InlineData("""{"audience": "all", "version": 1, "type": "No type", "content": null}""", 400, "validation-failed")]
    [InlineData("""{"audience": "all", "version": 1, "type": "text", "content": null, "ttlSeconds": 0}""", 400, "validation-failed")]
    [InlineData("""{"audience": "all", "version": 1, "type": "text", "content": null, "staleSeconds": -1}""", 400, "validation-failed")]
    [InlineData("""{"audience": "all", "version": "1", "type": "text", "content": null}""", 400, "validation-failed")]
    public async Task A_snapshot_that_cannot_be_is_refused_and_what_is_shown_stays(string body, int status, string code)
    {
        using var team = await SourceTeam.New(app);
        await team.Push(1, "Shown.");
        body = body.Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal);

        var answer = await team.Push(JsonNode.Parse(body)!);

        ((int)answer.StatusCode, await answer.Code()).ShouldBe((status, code), await answer.Content.ReadAsStringAsync());
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Shown.");
        var letters = await team.DeadLetters();
        if (status == 400) letters.ShouldBeEmpty();
        else letters.ShouldHaveSingleItem()!["code"]!.GetValue<string>().ShouldBe(code);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("The field");
        if (code == "content-invalid") letters[0]!["reasons"]![0]!["reason"]!.GetValue<string>().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_key_is_good_for_its_source_only_until_it_is_ended()
    {
        using var team = await SourceTeam.New(app);
        using var other = await SourceTeam.New(app);
        using var stranger = app.NewClient();
        var body = new { audience = "all", version = 9, type = "text", content = (object?)null };
        async Task<string?> Code(HttpClient client) =>
            await (await client.PutAsJsonAsync($"/api/home/sources/{team.Name}/snapshots/offer", body)).Code();

        (await Code(stranger)).ShouldBe("source-key-invalid");
        (await Code(other.Client)).ShouldBe("source-key-invalid");
        (await Code(app.Admin)).ShouldBe("source-key-invalid");
        using var next = SourceTeam.ClientWith(app, await SourceTeam.NewKey(app, team.Name));
        var keys = (await Source(team.Name))["keys"]!.AsArray();
        keys.Count.ShouldBe(2);
        var ended = await app.Admin.DeleteAsync($"/api/admin/sources/{team.Name}/keys/{keys[0]!["id"]}");
        ended.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await Code(team.Client)).ShouldBe("source-key-invalid");
        (await next.PutAsJsonAsync($"/api/home/sources/{team.Name}/snapshots/offer", body)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await next.PutAsJsonAsync($"/api/home/sources/{team.Name}/snapshots/none", body)).Code()).ShouldBe("not-found");
    }

    [Fact]
    public async Task A_key_is_stored_nowhere_as_it_is()
    {
        using var team = await SourceTeam.New(app);
        var stored = await app.Database.Read(tx => tx.Query<string>("SELECT hash FROM home_source_keys").AsTask());
        stored.ShouldAllBe(hash => !team.Secret.Contains(hash) && !hash.Contains(team.Secret.Split('.')[1]));
        (await app.Admin.GetStringAsync("/api/admin/sources")).ShouldNotContain(team.Secret.Split('.')[1]);
    }

    [Fact]
    public async Task What_comes_with_a_sandbox_key_is_checked_and_not_kept()
    {
        using var team = await SourceTeam.New(app, isSandbox: true);

        (await team.Push(1, "Tried.")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await team.Push(new { audience = "all", version = 1, type = "text", content = 7 })).Code()).ShouldBe("content-invalid");

        (await app.Anonymous.Keys()).ShouldNotContain(team.Widget);
        (await team.DeadLetters()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_persons_own_takes_the_place_of_what_all_are_shown_and_nobody_else_sees_it()
    {
        using var team = await SourceTeam.New(app, Personal);
        await team.Push(1, "For all.");
        using var ada = app.As("ada", "customer");
        using var bob = app.As("bob", "customer");
        (await ada.Says(team.Widget)).ShouldBe("For all.");
        var tag = (await ada.GetAsync("/api/home")).Headers.ETag;

        await team.Push(1, "Your quote.", new { userId = "ada" });

        (await ada.Says(team.Widget)).ShouldBe("Your quote.");
        (await ada.GetAsync("/api/home")).Headers.ETag.ShouldNotBe(tag);
        (await bob.Says(team.Widget)).ShouldBe("For all.");
        (await app.Anonymous.Says(team.Widget)).ShouldBe("For all.");

        // The quote became a contract: it is no longer shown, and nothing is for this person.
        await team.Tell("ada");
        (await ada.Says(team.Widget)).ShouldBe("For all.");
        await team.Push(new { audience = new { userId = "ada" }, version = 2, type = "text", content = (object?)null });
        (await ada.Keys()).ShouldNotContain(team.Widget);
        (await bob.Says(team.Widget)).ShouldBe("For all.");
    }

    [Fact]
    public async Task A_snapshot_is_shown_while_it_is_stale_and_then_its_fallback_is()
    {
        using var team = await SourceTeam.New(
            app, with => with["fallback"] = JsonNode.Parse("""{"paragraphs": ["Fallback."]}"""));
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Fallback.");
        await team.Push(1, "News.", ttl: 60, stale: 60);

        app.Clock.Advance(TimeSpan.FromSeconds(61));
        (await app.Anonymous.Says(team.Widget)).ShouldBe("News.");
        (await Content(team)).GetProperty("isStale").GetBoolean().ShouldBeTrue();

        app.Clock.Advance(TimeSpan.FromSeconds(60));
        await Eventually(async () => await app.Anonymous.Says(team.Widget) == "Fallback.");
        (await Content(team)).GetProperty("isFallback").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Another_node_shows_at_once_what_was_pushed_to_this_one()
    {
        if (!TestDatabase.IsPostgres) Assert.Skip("SQLite has one node.");
        using var team = await SourceTeam.New(app, Personal);
        await using var second = (HomeApp)await app.AnotherNode();
        using var ada = second.As("ada", "customer");
        (await ada.Keys()).ShouldNotContain(team.Widget);

        await team.Push(1, "For all.");
        await Eventually(async () => await ada.Says(team.Widget) == "For all.");
        await team.Push(1, "Your quote.", new { userId = "ada" });
        await Eventually(async () => await ada.Says(team.Widget) == "Your quote.");
        await team.Tell("ada", about: null);
        await Eventually(async () => await ada.Says(team.Widget) == "For all.");
    }

    [Fact]
    public async Task What_was_pushed_to_a_person_is_exported_and_goes_with_them()
    {
        using var team = await SourceTeam.New(app, Personal);
        await team.Push(2, "Only yours.", new { userId = "leaver" });
        await team.Push(1, "Late.", new { userId = "leaver" });
        using var leaver = app.As("leaver", "customer");
        (await leaver.Says(team.Widget)).ShouldBe("Only yours.");
        var data = app.Services.GetServices<IPersonalData>().Single(one => one.Name == "home");
        var person = new DataSubject("leaver", null, 0);
        var pipe = new System.IO.Pipelines.Pipe();
        await ExportWriter.Write(person, [data], app.Database, pipe.Writer, CancellationToken.None);
        await pipe.Writer.CompleteAsync();
        var export = await new StreamReader(pipe.Reader.AsStream()).ReadToEndAsync();
        export.ShouldContain("Only yours.");
        export.ShouldContain("stale-version");

        await data.Erase(person, CancellationToken.None);

        (await leaver.Keys()).ShouldNotContain(team.Widget);
        (await team.DeadLetters()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_widget_of_a_source_is_made_as_it_has_to_be()
    {
        using var team = await SourceTeam.New(app);
        foreach (var (change, status, code) in new (Action<JsonObject>, int, string)[]
        {
            (with => with["source"] = "nobody", 422, "source-unknown"),
            (with => with["source"] = "test", 422, "source-unknown"),
            (with => with["content"] = JsonNode.Parse("""{"paragraphs": ["a"]}"""), 400, "validation-failed"),
            (with => with["fallback"] = JsonNode.Parse("""{"paragraphs": []}"""), 422, "content-invalid"),
            (_ => { }, 409, "widget-key-taken"),
        })
        {
            var request = JsonNode.Parse("""{"key": "offer", "type": "text", "titles": {"en": "Offer"}}""")!.AsObject();
            request["source"] = team.Name;
            change(request);
            var answer = await app.Admin.PostAsJsonAsync("/api/admin/widgets", request);
            ((int)answer.StatusCode, await answer.Code()).ShouldBe((status, code));
        }

        foreach (var taken in new[] { team.Name, "test", "home" })
        {
            var again = await app.Admin.PostAsJsonAsync("/api/admin/sources", new { key = taken, team = "a" });
            (await again.Code()).ShouldBe("source-taken");
        }

        (await (await app.Admin.PostAsJsonAsync("/api/admin/sources/none/keys", new { })).Code()).ShouldBe("not-found");
        (await (await app.Admin.DeleteAsync($"/api/admin/sources/{team.Name}/keys/none")).Code()).ShouldBe("not-found");
    }

    private async Task<JsonObject> Source(string name) =>
        (await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/sources"))!["sources"]!.AsArray()
            .Single(one => (string)one!["key"]! == name)!.AsObject();

    private async Task<JsonElement> Content(SourceTeam team) =>
        (await app.Admin.GetFromJsonAsync<JsonElement>("/api/home/explain")).GetProperty("widgets").EnumerateArray()
            .Single(widget => widget.GetProperty("key").GetString() == team.Widget).GetProperty("content");
}
