using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>Content for a segment is shown to its members, and never leaves the server for anybody else.</summary>
public class SegmentContentTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task A_persons_own_goes_before_their_segments_and_that_before_what_all_are_shown()
    {
        using var team = await SourceTeam.New(app, with => with["personal"] = true);
        await GivenList("golden", 300, "greta", "gunda");
        await GivenList("silver", 100, "greta", "sven");
        (await team.Push(1, "for all")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await team.Push(1, "for silver", new { segment = "silver" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await team.Push(1, "for golden", new { segment = "golden" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await team.Push(1, "for gunda", new { userId = "gunda" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await app.Anonymous.Says(team.Widget)).ShouldBe("for all");
        (await app.As("otto").Says(team.Widget)).ShouldBe("for all");
        (await app.As("sven").Says(team.Widget)).ShouldBe("for silver");
        (await app.As("greta").Says(team.Widget)).ShouldBe("for golden");
        (await app.As("gunda").Says(team.Widget)).ShouldBe("for gunda");

        await app.Admin.PatchAsJsonAsync("/api/admin/segments/golden", new { remove = new[] { "greta" } });
        (await app.As("greta").Says(team.Widget)).ShouldBe("for silver");
        await app.Admin.PatchAsJsonAsync("/api/admin/segments/golden", new { add = new[] { "greta" } });
        await app.Admin.PatchAsJsonAsync("/api/admin/segments/silver", new { priority = 900 });
        (await app.As("greta").Says(team.Widget)).ShouldBe("for silver");
    }

    [Fact]
    public async Task A_widget_with_content_for_members_only_is_in_no_other_feed()
    {
        using var team = await SourceTeam.New(app);
        await GivenList("inner-circle", 100, "ines");
        await team.Push(1, "the secret of the circle", new { segment = "inner-circle" });
        using var ines = app.As("ines");
        (await ines.Says(team.Widget)).ShouldBe("the secret of the circle");

        foreach (var other in new[] { app.Anonymous, app.As("udo"), app.As("ute", "premium"), app.Admin })
        {
            (await other.GetStringAsync("/api/home")).ShouldNotContain("secret of the circle");
            (await other.GetStringAsync("/")).ShouldNotContain("secret of the circle");
        }

        var explained = (await app.Admin.GetFromJsonAsync<JsonElement>("/api/home/explain?userId=ines")).GetProperty("widgets")
            .EnumerateArray().Single(one => one.GetProperty("key").GetString() == team.Widget);
        explained.GetProperty("content").GetProperty("segment").GetString().ShouldBe("inner-circle");
        foreach (var customer in new[] { ines, app.As("udo") })
            (await customer.GetStringAsync("/api/home/explain")).ShouldNotContain("inner-circle");
    }

    [Fact]
    public async Task It_has_a_version_an_end_and_a_withdrawal_of_its_own()
    {
        using var team = await SourceTeam.New(app);
        await GivenList("versions", 100, "vera");
        using var vera = app.As("vera");
        await team.Push(5, "for all", ttl: 600, stale: 600);
        await team.Push(2, "for some", new { segment = "versions" });
        (await vera.Says(team.Widget)).ShouldBe("for some");
        (await (await team.Push(1, "older", new { segment = "versions" })).Code()).ShouldBe("stale-version");

        app.Clock.Advance(TimeSpan.FromSeconds(121));
        await Feeds.Eventually(async () => await vera.Says(team.Widget) == "for all");
        await team.Push(3, "again", new { segment = "versions" });
        (await vera.Says(team.Widget)).ShouldBe("again");
        var told = await team.Client.PostAsJsonAsync(
            $"/api/home/sources/{team.Name}/events", new { events = new[] { new { key = "offer", segment = "versions" } } });
        told.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await vera.Says(team.Widget)).ShouldBe("for all");
        await team.Push(4, "nothing", new { segment = "versions" });
        await team.Push(new { audience = new { segment = "versions" }, version = 5, type = "text", content = (object?)null });
        (await vera.Says(team.Widget)).ShouldBeNull();
        (await app.Anonymous.Says(team.Widget)).ShouldBe("for all");
    }

    [Theory]
    [InlineData("""{"segment": "nobody-made-it"}""", 422, "segment-unknown")]
    [InlineData("""{"segment": "a/b"}""", 400, "validation-failed")]
    [InlineData("""{"userId": "/versions"}""", 400, "validation-failed")]
    [InlineData("""{"segment": "x", "userId": "y"}""", 400, "validation-failed")]
    [InlineData("""{"segment": 7}""", 400, "validation-failed")]
    public async Task A_bad_audience_is_refused(string audience, int status, string code)
    {
        using var team = await SourceTeam.New(app);

        var answer = await team.Push(1, "for whom", JsonNode.Parse(audience));

        ((int)answer.StatusCode, await answer.Code()).ShouldBe((status, code));
    }

    [Fact]
    public async Task A_segment_to_which_something_is_shown_stays()
    {
        using var team = await SourceTeam.New(app);
        await GivenList("addressed", 100, "adi");
        await team.Push(1, "hello", new { segment = "addressed" });

        (await (await app.Admin.DeleteAsync("/api/admin/segments/addressed")).Code()).ShouldBe("segment-in-use");
        app.Clock.Advance(TimeSpan.FromMinutes(3));
        (await app.Admin.DeleteAsync("/api/admin/segments/addressed")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        // Whoever makes another of this name finds nothing of the first.
        await GivenList("addressed", 100, "adi");
        (await app.As("adi").Says(team.Widget)).ShouldBeNull();
        (await team.Push(1, "hello again", new { segment = "addressed" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_is_pushed_and_whoever_comes_and_goes_nobody_sees_what_is_for_others(int seed)
    {
        var random = new Random(seed);
        var persons = Enumerable.Range(0, 8).Select(i => $"q{seed}-{i}").ToArray();
        var segments = Enumerable.Range(0, 4).Select(i => (Key: $"leak-{seed}-{i}", Priority: 100 * i)).ToArray();
        var members = segments.ToDictionary(one => one.Key, _ => new HashSet<string>());
        foreach (var (key, priority) in segments) await GivenList(key, priority);
        using var team = await SourceTeam.New(app, with => with["personal"] = true);
        var said = new Dictionary<string, string>();
        for (var round = 0; round < 60; round++)
        {
            var person = persons[random.Next(persons.Length)];
            var key = segments[random.Next(segments.Length)].Key;
            switch (random.Next(4))
            {
                case 0:
                    var isIn = members[key].Add(person) || !members[key].Remove(person);
                    var changed = await app.Admin.PatchAsJsonAsync(
                        $"/api/admin/segments/{key}", new JsonObject { [isIn ? "add" : "remove"] = new JsonArray(person) });
                    changed.StatusCode.ShouldBe(HttpStatusCode.OK);
                    break;
                case 1:
                    var (name, audience) = random.Next(3) switch
                    {
                        0 => ("", (object)"all"),
                        1 => (person, new { userId = person }),
                        _ => ($"/{key}", new { segment = key }),
                    };
                    said[name] = $"{name} {round}";
                    (await team.Push(round + 1, said[name], audience)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
                    break;
            }

            foreach (var reader in persons.Append(null))
            {
                var own = reader is null ? [] : segments.Where(one => members[one.Key].Contains(reader))
                    .OrderByDescending(one => one.Priority).Select(one => $"/{one.Key}");
                var expected = new[] { reader ?? "-" }.Concat(own).Append("").Select(said.GetValueOrDefault).FirstOrDefault(
                    one => one is not null);
                using var client = reader is null ? app.Anonymous : app.As(reader);
                (await client.Says(team.Widget)).ShouldBe(expected, $"{reader} in round {round}");
            }
        }
    }

    private async Task GivenList(string key, int priority, params string[] persons)
    {
        var answer = await app.Admin.PostAsJsonAsync("/api/admin/segments", new { key, title = key, persons, priority });
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }
}
