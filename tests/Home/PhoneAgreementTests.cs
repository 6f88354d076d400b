using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Home.Tests.Experiments;
using Kontor.Home.Tests.Insight;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>
/// Whoever somebody is, and whatever they did: their phone keeps what both kinds of phone would be shown by the feed, in its order, and
/// what the feed shows on both of them it keeps.
/// </summary>
public class PhoneAgreementTests(PhoneHomeApp app, ITestOutputHelper output) : IClassFixture<PhoneHomeApp>
{
    private const int Widgets = 40;
    private const int Persons = 60;

    private static readonly string[] Roles = ["customer", "premium", "staff"];
    private static readonly string[] Categories = ["garden", "kitchen", "travel", "books"];

    [Fact]
    public async Task A_phone_keeps_what_the_feed_shows_on_phones()
    {
        var random = new Random(11);
        using var team = await SourceTeam.New(app, with => with["personal"] = true);
        await Given(random, team);
        var differing = new HashSet<string>();
        for (var i = 0; i < Persons; i++)
        {
            var id = $"agrees-{i}";
            string[] roles = [.. Roles.Where(_ => random.Next(2) == 0)];
            using var client = app.As(random.Next(3) == 0 ? $"{id};mfa" : id, roles);
            await Live(random, client, team, id, i);

            // As the phone's owner with the least that a session of theirs has.
            using var least = app.As(id, roles);
            List<string> ios = await least.Keys("?platform=ios&locale=en"), android = await least.Keys("?platform=android&locale=en");
            var kept = await Kept(client);

            kept.ShouldBe([.. ios.Where(android.Contains)], $"{id} as {string.Join(' ', roles)}");
            differing.Add(string.Join(' ', kept));
        }

        output.WriteLine($"{differing.Count} different phones of {Persons}");
        differing.Count.ShouldBeGreaterThan(Persons / 3);
    }

    /// <summary>Gates, rules, segments, attributes, experiments, hours, fallbacks, caps: whatever decides a feed.</summary>
    private async Task Given(Random random, SourceTeam team)
    {
        await team.Client.PutAsJsonAsync(
            $"/api/home/sources/{team.Name}/attributes/stage", new { type = "text", privacy = "personal", description = "How far." });
        foreach (var segment in new[]
        {
            new JsonObject { ["key"] = "stagers", ["title"] = "s", ["rule"] = new JsonObject { [$"{team.Name}.stage"] = "contract" } },
            new JsonObject { ["key"] = "named", ["title"] = "n", ["persons"] = new JsonArray("agrees-1", "agrees-4", "agrees-9") },
        })
            (await app.Admin.PostAsJsonAsync("/api/admin/segments", segment)).EnsureSuccessStatusCode();
        await team.Push(1, "For all.", ttl: 3600);
        await team.Push(1, "For contracts.", new { segment = "stagers" }, ttl: 3600);
        await app.GivenTrial("agreed");
        for (var i = 0; i < Widgets; i++)
        {
            var (gate, rule) = (random.Next(4), random.Next(8));
            await app.GivenText($"agreed-{i}-w", with =>
            {
                (with["category"], with["priority"]) = (Categories[random.Next(4)], random.Next(500));
                if (gate < 3) with["roles"] = new JsonArray(Roles[gate]);
                if (random.Next(8) == 0) with["assurance"] = "two-factors";
                with["rule"] = JsonNode.Parse(rule switch
                {
                    0 => """{"platform": "ios"}""",
                    1 => """{"platform": {"$ne": "web"}}""",
                    2 => """{"$inGroup": "stagers"}""",
                    3 => """{"$notInGroup": "named"}""",
                    4 => """{"language": "en"}""",
                    _ => "null",
                });
            });
        }
    }

    /// <summary>What makes this person's feed their own.</summary>
    private async Task Live(Random random, HttpClient client, SourceTeam team, string id, int number)
    {
        if (random.Next(2) == 0)
        {
            await team.Client.PutAsJsonAsync(
                $"/api/home/sources/{team.Name}/persons/{id}", new { version = 1, attributes = new { stage = "contract" } });
        }

        if (random.Next(3) == 0) await team.Push(1, $"For {id}.", new { userId = id }, ttl: 3600);
        await Feeds.Eventually(async () => (await client.Keys()).Contains(TestSource.Yours));
        var feed = await client.Feed("?platform=ios");
        foreach (var widget in feed.GetProperty("widgets").EnumerateArray().Where(_ => random.Next(3) == 0).Take(5))
        {
            var kind = random.Next(3) switch { 0 => "click", 1 => "dismiss", _ => "impression" };
            await client.Tell(app.On(feed, widget.GetProperty("id").GetString()!, kind));
        }
    }

    private static async Task<List<string>> Kept(HttpClient phone) =>
    [
        .. (await phone.GetFromJsonAsync<JsonNode>("/sync/pull?last_pulled_at=0"))!["changes"]!["home_widgets"]!["updated"]!.AsArray()
            .OrderBy(row => (long)row!["position"]!).Select(row => (string)row!["key"]!),
    ];
}
