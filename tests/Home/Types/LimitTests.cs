using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Home.Tests.Pulled;
using Kontor.Testing;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Types;

/// <summary>What a type's content may cost is kept to, whichever way it comes.</summary>
public class LimitTests(PullingApp app) : IClassFixture<PullingApp>
{
    private const string Any = """{"type": "object", "required": ["paragraphs"]}""";

    [Fact]
    public async Task What_is_pushed_keeps_to_the_limits_of_its_type()
    {
        var type = await Given(new { maxBytes = 100, ttlSecondsMin = 30, ttlSecondsMax = 90, staleSecondsMax = 120 });
        using var team = await SourceTeam.New(app, with => with["type"] = type);
        async Task<string?> Code(long version, string says, int ttl = 60, int stale = 60)
        {
            var answer = await team.Push(new
            {
                audience = "all",
                version,
                type,
                content = new { paragraphs = new[] { says } },
                ttlSeconds = ttl,
                staleSeconds = stale,
            });
            return answer.StatusCode == HttpStatusCode.NoContent ? null : await answer.Code();
        }

        (await Code(1, "Fits.")).ShouldBeNull();
        (await Code(2, new string('a', 100))).ShouldBe("content-invalid");
        (await Code(3, "Short.", ttl: 29)).ShouldBe("snapshot-times-refused");
        (await Code(4, "Long.", ttl: 91)).ShouldBe("snapshot-times-refused");
        (await Code(5, "Stale.", stale: 121)).ShouldBe("snapshot-times-refused");
        (await Code(6, "Just right.", ttl: 90, stale: 120)).ShouldBeNull();
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Just right.");
        (await team.DeadLetters()).Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_source_pushes_so_often_and_is_told_when_it_may_again()
    {
        var type = await Given(new { pushesPerMinute = 3 });
        using var team = await SourceTeam.New(app, with => with["type"] = type);
        using var other = await SourceTeam.New(app, with => with["type"] = type);
        Task<HttpResponseMessage> Push(SourceTeam by, long version) => by.Push(
            new { audience = "all", version, type, content = new { paragraphs = new[] { $"Version {version}." } } });

        var answers = new List<HttpResponseMessage>();
        for (var version = 1; version <= 5; version++) answers.Add(await Push(team, version));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent).ShouldBe(3);
        (await answers[4].Code()).ShouldBe("push-rate-exceeded");
        answers[4].StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        answers[4].Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(1, 60);
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Version 3.");
        (await team.DeadLetters()).ShouldBeEmpty();
        (await Push(other, 1)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        app.Clock.Advance(TimeSpan.FromSeconds(61));
        (await Push(team, 6)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Of_many_who_push_at_once_no_more_come_through()
    {
        var type = await Given(new { pushesPerMinute = 5 });
        using var team = await SourceTeam.New(app, with =>
        {
            with["type"] = type;
            with["personal"] = true;
        });

        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(person => team.Push(
            new { audience = new { userId = $"person-{person}" }, version = 1, type, content = new { paragraphs = new[] { "a" } } })));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent).ShouldBe(5);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(15);
    }

    [Fact]
    public async Task What_is_pulled_keeps_to_them_too()
    {
        await using var source = await OutsideSource.New(app);
        var limits = new { timeoutMs = 3000, ttlSecondsMax = 100 };
        var patched = await app.Admin.PatchAsJsonAsync("/api/admin/types/text", new { limits });
        patched.StatusCode.ShouldBe(HttpStatusCode.OK);
        source.Says(1, "Fresh for too long.", ttl: 200);
        await source.Pull(interval: 1, rate: 600, timeout: 10_000);
        await Eventually(async () => (await source.DeadLetters()).Count == 1);
        ((string)(await source.DeadLetters())[0]!["code"]!).ShouldBe("snapshot-times-refused");

        source.Answer = async http =>
        {
            await Task.Delay(6000, http.RequestAborted);
            await http.Response.WriteAsJsonAsync(OutsideSource.Snapshots(2, "Too slow."));
        };
        await Eventually(async () => (await source.DeadLetters()).Any(letter => (string)letter!["code"]! == "pull-too-slow"));
        (await app.Anonymous.Says(source.Widget)).ShouldBe("Fallback.");
        await app.Admin.PatchAsJsonAsync("/api/admin/types/text", new { limits = new { } });
    }

    private async Task<string> Given(object limits)
    {
        var type = TypeTests.NewKey();
        var made = await TypeTests.Create(
            app, type, Any, with => with["limits"] = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(limits)));
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        return type;
    }
}
