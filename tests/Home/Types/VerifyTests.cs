using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Home.Tests.Pulled;
using Kontor.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Types;

/// <summary>A team tries its content against the contract, before anybody is shown it.</summary>
public class VerifyTests(PullingApp app) : IClassFixture<PullingApp>
{
    [Fact]
    public async Task Content_that_keeps_all_promises_passes_and_nothing_is_stored()
    {
        using var team = await SourceTeam.New(app, isSandbox: true);
        var report = await Verify(team, """{"key": "offer", "snapshot": {"content": {"paragraphs": ["Tried."]}, "version": 3}}""");

        report.GetProperty("passed").GetBoolean().ShouldBeTrue();
        Checks(report).ShouldAllBe(check => check.Passed);
        Checks(report).Select(check => check.Name).ShouldBe(["type", "schema", "bytes", "ttl", "stale", "version"]);
        (await app.Anonymous.Keys()).ShouldNotContain(team.Widget);
        (await team.DeadLetters()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"content": {"paragraphs": [7]}, "version": 9}""", "schema")]
    [InlineData("""{"content": {"paragraphs": ["\ud800"]}, "version": 9}""", "schema,bytes")]
    [InlineData("""{"content": {"paragraphs": ["a"]}, "version": 2}""", "version")]
    [InlineData("""{"content": {"paragraphs": ["Another."]}, "version": 3}""", "version")]
    [InlineData("""{"content": {"paragraphs": ["Shown."]}, "version": 3}""", "")]
    [InlineData("""{"content": null, "version": 9}""", "")]
    [InlineData("""{"content": {"paragraphs": ["a"]}, "version": 9, "type": "hero"}""", "type")]
    [InlineData("""{"content": {"paragraphs": ["a"]}, "version": 9, "ttlSeconds": 0}""", "ttl")]
    [InlineData("""{"content": {"paragraphs": ["a"]}, "version": 9, "staleSeconds": -1}""", "stale")]
    public async Task What_is_broken_is_named(string snapshot, string broken)
    {
        using var team = await SourceTeam.New(app);
        await team.Push(3, "Shown.");

        var report = await Verify(team, $$"""{"key": "offer", "snapshot": {{snapshot}}}""");

        Checks(report).Where(check => !check.Passed).Select(check => check.Name)
            .ShouldBe(broken.Split(',', StringSplitOptions.RemoveEmptyEntries));
        report.GetProperty("passed").GetBoolean().ShouldBe(broken.Length == 0);
        // Whatever the report says, a push is answered alike.
        if (broken.Length > 0) return;
        var body = JsonNode.Parse(snapshot)!.AsObject();
        (body["audience"], body["type"]) = ("all", "text");
        (await team.Push(body)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_pull_is_tried_at_the_declared_address_and_counts_as_a_call()
    {
        await using var source = await OutsideSource.New(app);
        using var team = SourceTeam.ClientWith(app, await SourceTeam.NewKey(app, source.Name));
        async Task<HttpResponseMessage> Ask() => await team.PostAsJsonAsync("/api/home/types/text/verify", new { pull = true });
        (await (await Ask()).Code()).ShouldBe("nothing-to-verify");
        await source.Pull(rate: 6);
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "From outside.");

        var tooSoon = await Ask();
        (tooSoon.StatusCode, await tooSoon.Code()).ShouldBe((HttpStatusCode.TooManyRequests, "pull-rate-reached"));
        tooSoon.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 10);

        app.Clock.Advance(TimeSpan.FromSeconds(11));
        source.Says(2, "Tried.");
        var answer = await Ask();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        report.GetProperty("passed").GetBoolean().ShouldBeTrue(report.GetRawText());
        Checks(report).Select(check => check.Name).ShouldBe(
            [
                "answer", "latency", "etag", "not-modified", "modified", "type", "schema", "bytes", "ttl", "stale", "version",
            ], report.GetRawText());
        // Its rate allows one call in ten seconds, so nothing else was tried, and the report says so.
        source.Calls.Count.ShouldBe(2);
        report.GetRawText().ShouldContain("Not tried");
        (await app.Anonymous.Says(source.Widget)).ShouldBe("From outside.");
        (await source.Health()).GetProperty("failures").GetInt64().ShouldBe(0);
    }

    [Fact]
    public async Task Whoever_tries_a_pull_and_hangs_up_takes_the_source_no_turn()
    {
        await using var source = await OutsideSource.New(app);
        using var team = SourceTeam.ClientWith(app, await SourceTeam.NewKey(app, source.Name));
        await source.Pull(rate: 600, timeout: 10_000);
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "From outside.");
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var asked = new TaskCompletionSource();
        source.Answer = async http =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, http.RequestAborted);
        };

        using var patience = new CancellationTokenSource();
        var tried = team.PostAsJsonAsync("/api/home/types/text/verify", new { pull = true }, patience.Token);
        await asked.Task;
        await patience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(tried);

        // By the test's clock the lease would be held for ever.
        await Eventually(async () => await app.Database.Read(tx => tx.First<long>(
            "SELECT leased_until FROM home_pulls WHERE source = @source", new { source = source.Name }).AsTask()) == 0);
    }

    [Theory]
    [InlineData("only what has changed", true, "")]
    [InlineData("all of it each time", true, "not-modified")]
    [InlineData("a new tag each time", true, "not-modified")]
    [InlineData("always 304", false, "modified")]
    [InlineData("500 for a tag", false, "not-modified,modified")]
    public async Task A_pull_is_tried_with_the_tag_that_it_gave_and_with_another(string answers, bool passes, string broken)
    {
        await using var source = await OutsideSource.New(app);
        source.Answer = async http =>
        {
            var (known, number) = (http.Request.Headers.IfNoneMatch.ToString(), source.Calls.Count);
            http.Response.Headers.ETag = answers == "a new tag each time" ? $"\"v{number}\"" : "\"v1\"";
            http.Response.StatusCode = answers switch
            {
                "only what has changed" when known == "\"v1\"" => 304,
                "always 304" when known.Length > 0 => 304,
                "500 for a tag" when known.Length > 0 => 500,
                _ => 200,
            };
            if (http.Response.StatusCode == 200) await http.Response.WriteAsJsonAsync(OutsideSource.Snapshots(1, "The same."));
        };
        await source.Pull(rate: 600);
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "The same.");
        using var team = SourceTeam.ClientWith(app, await SourceTeam.NewKey(app, source.Name));
        HttpResponseMessage answer = null!;
        await Eventually(async () =>
        {
            answer = await team.PostAsJsonAsync("/api/home/types/text/verify", new { pull = true });
            return answer.StatusCode == HttpStatusCode.OK;
        });

        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        report.GetRawText().ShouldNotContain("Not tried");
        string.Join(',', Checks(report).Where(check => !check.Passed).Select(check => check.Name)).ShouldBe(broken, report.GetRawText());
        report.GetProperty("passed").GetBoolean().ShouldBe(passes, report.GetRawText());
        (await source.Health()).GetProperty("failures").GetInt64().ShouldBe(0);
    }

    [Theory]
    [InlineData(503, "", "answer")]
    [InlineData(200, "rubbish", "answer,etag")]
    [InlineData(200, """{"snapshots": []}""", "etag,type")]
    [InlineData(200, """{"snapshots": [{"key": "offer"}]}""", "etag,answer,type")]
    public async Task A_pull_that_gives_nothing_says_why(int status, string body, string broken)
    {
        await using var source = await OutsideSource.New(app);
        source.Answer = async http =>
        {
            http.Response.StatusCode = status;
            await http.Response.WriteAsync(body);
        };
        await source.Pull(rate: 600);
        await Eventually(() => Task.FromResult(!source.Calls.IsEmpty));
        using var team = SourceTeam.ClientWith(app, await SourceTeam.NewKey(app, source.Name));
        HttpResponseMessage answer = null!;
        await Eventually(async () =>
        {
            answer = await team.PostAsJsonAsync("/api/home/types/text/verify", new { pull = true });
            return answer.StatusCode == HttpStatusCode.OK;
        });

        var report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        report.GetProperty("passed").GetBoolean().ShouldBeFalse();
        Checks(report).Where(check => !check.Passed).Select(check => check.Name).ShouldBe(broken.Split(','), report.GetRawText());
    }

    [Fact]
    public async Task Nobody_without_a_key_of_a_source_has_anything_tried()
    {
        using var team = await SourceTeam.New(app);
        using var stranger = app.NewClient();
        foreach (var client in new[] { stranger, app.Admin })
        {
            var answer = await client.PostAsJsonAsync("/api/home/types/text/verify", new { pull = true });
            (await answer.Code()).ShouldBe("source-key-invalid");
        }

        (await (await team.Client.PostAsJsonAsync("/api/home/types/none/verify", new { pull = true })).Code()).ShouldBe("not-found");
        (await (await team.Client.PostAsJsonAsync("/api/home/types/No!/verify", new { pull = true })).Code()).ShouldBe("not-found");
        (await (await team.Client.PostAsJsonAsync("/api/home/types/text/verify", new { })).Code()).ShouldBe("nothing-to-verify");
    }

    private static async Task<JsonElement> Verify(SourceTeam team, string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var answer = await team.Client.PostAsync("/api/home/types/text/verify", content);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static List<(string Name, bool Passed)> Checks(JsonElement report) =>
    [
        .. report.GetProperty("report").EnumerateArray().SelectMany(part => part.GetProperty("checks").EnumerateArray())
            .Select(check => (check.GetProperty("name").GetString()!, check.GetProperty("passed").GetBoolean())),
    ];
}
