using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Pulled;

/// <summary>Another team's system is asked by this server what its widgets show.</summary>
public class PullTests(PullingApp app) : IClassFixture<PullingApp>
{
    [Fact]
    public async Task What_a_source_answers_is_in_the_feed_and_stays_fresh_while_nothing_changes()
    {
        await using var source = await OutsideSource.New(app);
        (await app.Anonymous.Says(source.Widget)).ShouldBe("Fallback.");

        await source.Pull(interval: 30);
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "From outside.");
        (await source.State()).ShouldBe("fresh");

        // Not asked, it would be stale after a minute and gone after eleven.
        for (var i = 2; i <= 30; i++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(31));
            await Eventually(() => Task.FromResult(source.Calls.Count >= i));
            await Eventually(async () => (await source.Health()).GetProperty("callsLastMinute").GetInt64() > 0);
        }

        source.Calls.Last().Headers["If-None-Match"].ShouldBe("\"v1\"");
        await Eventually(async () => await source.State() == "fresh");
        (await app.Anonymous.Says(source.Widget)).ShouldBe("From outside.");

        source.Says(2, "News.");
        app.Clock.Advance(TimeSpan.FromSeconds(31));
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "News.");
        (await source.DeadLetters()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_event_of_the_source_has_it_asked_at_once()
    {
        await using var source = await OutsideSource.New(app);
        await source.Pull(rate: 600);
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "From outside.");
        using var team = SourceTeam.ClientWith(app, await SourceTeam.NewKey(app, source.Name));

        source.Says(1, "From outside.");
        await team.PostAsJsonAsync($"/api/home/sources/{source.Name}/events", new { events = new[] { new { key = "offer" } } });

        // What it said before is not shown until it has said so again, and then it is, though it is the same.
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "From outside.");
        source.Calls.Count.ShouldBe(2);
        source.Calls.Last().Headers.ShouldNotContainKey("If-None-Match");
    }

    [Fact]
    public async Task What_cannot_be_shown_is_a_dead_letter_once_and_the_rest_of_the_answer_is_taken()
    {
        await using var source = await OutsideSource.New(app);
        var wrong = OutsideSource.Snapshots(1, "Good.");
        wrong["snapshots"]!.AsArray().Add(
            JsonNode.Parse("""{"key": "offer", "version": 2, "type": "text", "content": {"paragraphs": [7]}}"""));
        wrong["snapshots"]!.AsArray().Add(JsonNode.Parse("""{"key": "offer", "version": 0, "type": "text", "content": null}"""));
        wrong["snapshots"]!.AsArray().Add(JsonNode.Parse("""{"key": "none", "version": 1, "type": "text", "content": null}"""));
        wrong["snapshots"]!.AsArray().Add(JsonNode.Parse("""{"key": "offer", "version": 1, "type": "hero", "content": null}"""));
        wrong["snapshots"]!.AsArray().Add(
            JsonNode.Parse("""{"key": "offer", "audience": {"userId": "ada"}, "version": 1, "type": "text", "content": null}"""));
        source.Answer = http => http.Response.WriteAsJsonAsync(wrong);

        await source.Pull(interval: 1, rate: 600);
        await Eventually(() => Task.FromResult(source.Calls.Count >= 3));

        (await app.Anonymous.Says(source.Widget)).ShouldBe("Good.");
        var letters = await source.DeadLetters();
        letters.Select(letter => (string)letter!["code"]!).Order().ShouldBe(
            ["content-invalid", "not-found", "pull-snapshot-invalid", "pull-snapshot-invalid", "snapshot-type-wrong"]);
        letters.Single(letter => (string)letter!["code"]! == "content-invalid")!["payload"]!.GetValue<string>().ShouldContain("[7]");
    }

    [Fact]
    public async Task A_source_of_whose_answer_nothing_is_taken_is_not_well_and_everybody_who_looks_is_told_why()
    {
        await using var source = await OutsideSource.New(app);
        source.Says(1_700_000_000_000, "Pushed or pulled before.");
        await source.Pull(interval: 1, rate: 600);
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "Pushed or pulled before.");
        (await app.Admin.GetStringAsync("/admin/sources")).ShouldNotContain("Nothing of its last answer was taken");

        source.Says(1, "From a service that begins at 1 again.");
        await Eventually(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await source.Health()).GetProperty("lastFailure").GetString() is not null;
        });

        const string why = "offer: stale-version: Version 1700000000000 is there already.";
        var health = await source.Health();
        health.GetProperty("lastFailure").GetString().ShouldBe(why);
        health.GetProperty("failures").GetInt64().ShouldBe(0);
        health.GetProperty("breaker").GetString().ShouldBe("closed");
        (await source.Explained()).GetProperty("lastFailure").GetString().ShouldBe(why);
        foreach (var page in new[] { "/admin/sources", $"/admin/sources/{source.Name}" })
            (await app.Admin.GetStringAsync(page)).ShouldContain("Nothing of its last answer was taken");
        foreach (var page in new[] { "/admin/widgets?limit=200", $"/admin/sources/{source.Name}" })
            (await app.Admin.GetStringAsync(page)).ShouldContain(why);

        source.Says(1_700_000_000_001, "News.");
        await Eventually(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await source.Health()).GetProperty("lastFailure").GetString() is null;
        });
        (await app.Admin.GetStringAsync("/admin/widgets?limit=200")).ShouldNotContain(why);
    }

    [Fact]
    public async Task A_source_knows_who_asks_and_nobody_else_learns_its_secret()
    {
        await using var source = await OutsideSource.New(app);
        const string secret = "a-shared-secret-of-two";
        (await (await source.Declare(new { url = source.Address, auth = "bearer" })).Code()).ShouldBe("pull-secret-missing");
        foreach (var bad in new[] { "a-secret\r\nX-Other: header", "ein-geheimes-wört-chen" })
        {
            var refused = await source.Declare(new { url = source.Address, auth = "bearer", secret = bad });
            (await refused.Code()).ShouldBe("pull-secret-refused");
        }

        await source.Pull(auth: "bearer", secret: secret);
        await Eventually(() => Task.FromResult(source.Calls.Count == 1));
        source.Calls.Last().Headers["Authorization"].ShouldBe($"Bearer {secret}");
        (await app.Admin.GetStringAsync("/api/admin/sources")).ShouldNotContain(secret);
        var stored = await app.Database.Read(tx => tx.First<string>(
            "SELECT secret FROM home_pulls WHERE source = @source", new { source = source.Name }).AsTask());
        stored.ShouldNotBeNull().ShouldNotContain(secret);

        // Left out, it stays; it is not told to another machine.
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await source.Pull(auth: "signed", path: "/feed?shop=1");
        await Eventually(() => Task.FromResult(source.Calls.Count == 2));
        var parts = source.Calls.Last().Headers["X-Kontor-Signature"].Split("t=", 2)[1].Split(",v1=");
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{parts[0]}.GET./feed?shop=1"));
        parts[1].ShouldBe(Convert.ToHexStringLower(mac));
        (await (await source.Declare(new { url = "https://elsewhere.example/", auth = "signed" })).Code()).ShouldBe("pull-secret-missing");
    }

    [Fact]
    public async Task A_source_is_changed_and_ended()
    {
        await using var source = await OutsideSource.New(app);
        var declared = await source.Pull(interval: 300, rate: 7, timeout: 1500, bytes: 2048);
        var pull = declared.GetProperty("pull");
        (pull.GetProperty("intervalSeconds").GetInt32(), pull.GetProperty("callsPerMinute").GetInt32()).ShouldBe((300, 7));
        (pull.GetProperty("timeoutMs").GetInt32(), pull.GetProperty("maxBytes").GetInt32()).ShouldBe((1500, 2048));
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "From outside.");
        var renamed = await app.Admin.PatchAsJsonAsync($"/api/admin/sources/{source.Name}", new { team = "loans" });
        renamed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await app.Admin.PatchAsJsonAsync($"/api/admin/sources/{source.Name}", new { })).Code()).ShouldBe("nothing-to-change");
        (await (await app.Admin.PatchAsJsonAsync("/api/admin/sources/none", new { team = "a" })).Code()).ShouldBe("not-found");
        (await (await app.Admin.GetAsync("/api/admin/sources/none")).Code()).ShouldBe("not-found");

        (await source.Declare(new { })).StatusCode.ShouldBe(HttpStatusCode.OK);
        var calls = source.Calls.Count;
        app.Clock.Advance(TimeSpan.FromMinutes(6));
        await Task.Delay(1500);
        source.Calls.Count.ShouldBe(calls);

        using var team = SourceTeam.ClientWith(app, await SourceTeam.NewKey(app, source.Name));
        (await app.Admin.DeleteAsync($"/api/admin/sources/{source.Name}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Anonymous.Keys()).ShouldNotContain(source.Widget);
        (await (await team.PutAsJsonAsync(
            $"/api/home/sources/{source.Name}/snapshots/offer",
            new { audience = "all", version = 9, type = "text", content = (object?)null })).Code()).ShouldBe("source-key-invalid");
        (await (await app.Admin.DeleteAsync($"/api/admin/sources/{source.Name}")).Code()).ShouldBe("not-found");
        (await (await app.Admin.DeleteAsync("/api/admin/sources/test")).Code()).ShouldBe("not-found");
        (await app.Anonymous.Keys()).ShouldContain(TestSource.News);
        foreach (var table in new[] { "home_snapshots", "home_refusals", "home_pulls", "home_pull_calls", "home_source_keys" })
        {
            var left = await app.Database.Read(tx => tx.First<long>(
                $"SELECT COUNT(*) FROM {table} WHERE source = @source", new { source = source.Name }).AsTask());
            left.ShouldBe(0, table);
        }
    }

    [Theory]
    [InlineData(StatusCodes.Status200OK)]
    [InlineData(StatusCodes.Status503ServiceUnavailable)]
    public async Task What_a_call_brings_counts_only_for_the_declaration_that_it_was_made_for(int status)
    {
        await using var source = await OutsideSource.New(app);
        var (mayAnswerOld, mayAnswerNew) = (new TaskCompletionSource(), new TaskCompletionSource());
        source.Answer = async http =>
        {
            var isOld = http.Request.Path == "/old";
            await (isOld ? mayAnswerOld : mayAnswerNew).Task.WaitAsync(http.RequestAborted);
            // Each of the two calls its own answer the first.
            http.Response.Headers.ETag = "\"1\"";
            http.Response.StatusCode = isOld ? status : http.Request.Headers.IfNoneMatch == "\"1\"" ? 304 : 200;
            if (http.Response.StatusCode == 200)
                await http.Response.WriteAsJsonAsync(isOld ? OutsideSource.Snapshots(2, "Old.") : OutsideSource.Snapshots(1, "New."));
        };
        await source.Pull(rate: 600, timeout: 10_000, path: "/old");
        await Eventually(() => Task.FromResult(source.Calls.Count == 1));

        await source.Pull(rate: 600, timeout: 10_000, path: "/new");
        mayAnswerOld.SetResult();

        // One at a time: what the first brought is stored, or is not.
        await Eventually(() => Task.FromResult(source.Calls.Count == 2));
        source.Calls.Last().Headers.ShouldNotContainKey("If-None-Match");
        var health = await source.Health();
        health.GetProperty("lastSuccessAt").GetString().ShouldBeNull();
        health.GetProperty("lastFailure").GetString().ShouldBeNull();
        health.GetProperty("failures").GetInt64().ShouldBe(0);
        (await app.Anonymous.Says(source.Widget)).ShouldBe("Fallback.");
        (await app.Admin.GetStringAsync($"/admin/sources/{source.Name}")).ShouldContain("declared anew meanwhile");
        mayAnswerNew.SetResult();
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "New.");
    }

    [Fact]
    public async Task Two_nodes_together_keep_to_the_declared_rate()
    {
        if (!TestDatabase.IsPostgres) Assert.Skip("SQLite has one node.");
        await using var source = await OutsideSource.New(app);
        await using var second = (PullingApp)await app.AnotherNode();
        using var team = SourceTeam.ClientWith(app, await SourceTeam.NewKey(app, source.Name));
        source.Answer = async http =>
        {
            await Task.Delay(200);
            await http.Response.WriteAsJsonAsync(OutsideSource.Snapshots(1, "From outside."));
        };
        await source.Pull(interval: 1, rate: 60);
        var began = app.Clock.GetUtcNow();
        for (var i = 0; i < 40; i++)
        {
            await team.PostAsJsonAsync($"/api/home/sources/{source.Name}/events", new { events = new[] { new { key = "offer" } } });
            await Task.Delay(100);
        }

        var seconds = (app.Clock.GetUtcNow() - began).TotalSeconds;
        source.Calls.Count.ShouldBeInRange(3, (int)seconds + 2);
        source.MostAtOnce.ShouldBe(1);
    }
}
