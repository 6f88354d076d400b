using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;
using Kontor.Home.Feed;
using Kontor.Home.Ranking;
using Kontor.Home.Segments;
using Kontor.Home.Tests.Experiments;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>What the server remembers of a reader, while everything changes that their feed depends on.</summary>
public class MemoryTests(MemoryTests.App app) : IClassFixture<MemoryTests.App>
{
    private const int Rounds = 250;

    private static readonly string[] Persons = ["m0", "m1", "m2"];
    private static readonly string[] Categories = ["tents", "boots", "maps"];

    private static readonly (string Roles, Assurance Assurance, string Version, string Locale)[] Kinds =
    [
        ("customer", Assurance.OneFactor, "1.0.0", "en"),
        ("customer,premium", Assurance.OneFactor, "1.0.0", "en"),
        ("customer", Assurance.TwoFactors, "2.0.0", "de"),
    ];

    private readonly Random _random = new(11);
    private int _version = 1;

    [Fact]
    public async Task Whatever_changes_memory_answers_what_is_made_anew()
    {
        await GivenWidgets();
        var feed = app.Services.GetRequiredService<HomeFeed>();
        var (differing, before) = (new HashSet<string>(), "");
        for (var round = 0; round < Rounds; round++)
        {
            var what = round < 5 ? "nothing" : await Change();
            foreach (var person in Persons)
            {
                // Few kinds, so that most are asked for again before something changes.
                var (roles, assurance, version, locale) = Kinds[_random.Next(Kinds.Length)];
                var user = new CurrentUser(person, "", roles.Split(','), assurance);
                var (query, _) = FeedQuery.Parse("ios", version, locale, null);

                var remembered = FeedAnew.Written(await feed.For(query!, user, 0, TestContext.Current.CancellationToken));

                remembered.ShouldBe(await app.Anew(query!, user), $"{person} in round {round}, after {what}");
                differing.Add(before = remembered);
            }
        }

        before.ShouldNotBeEmpty();
        // What is changed is seen.
        differing.Count.ShouldBeGreaterThan(50);
    }

    private async Task<string> Change()
    {
        var (person, now) = (Persons[_random.Next(Persons.Length)], app.Clock.NowMs());
        switch (_random.Next(12))
        {
            case 0:
                await app.Database.Write(tx => StoredFacts.Tell(tx, "crm", person, _version++, $$"""{"tier": {{_random.Next(4)}}}""", now));
                return "something was told";
            case 1:
                await app.Database.Write(async tx => _random.Next(2) == 0
                    ? (await StoredMembers.Add(tx, "guests", [person])).Value
                    : await StoredMembers.Remove(tx, "guests", [person]));
                return "a list changed";
            case 2:
                var seen = new StoredAssignments.Row(
                    "id", person, "trial", 1, _random.Next(2) == 0 ? "control" : "bold", now, 0, 0, 0, null, true);
                await app.Database.Write(tx => StoredAssignments.Add(tx, seen));
                return "a variation was seen";
            case 3:
                await app.Database.Write(tx => Like(tx, person, now));
                return "something was liked";
            case 6:
                await app.GivenText($"late-{_version++}", with => with["priority"] = _random.Next(1000));
                return "a widget came";
            case > 6:
                app.Clock.Advance(TimeSpan.FromSeconds(_random.Next(1, 60)));
                return "some time passed";
            default:
                await app.Database.Write(tx => StoredTastes.Switch(tx, person, _random.Next(3) > 0, now));
                return "the taste was switched";
        }
    }

    private async Task Like(Foundation.Data.Tx tx, string person, long now)
    {
        var options = app.Services.GetRequiredService<IOptions<RankingOptions>>().Value;
        var row = await StoredTastes.Lock(tx, person, now);
        if (!row.IsOn) return;
        var state = PersonalState.Of(row, options);
        state.Taste.Clicked(Categories[_random.Next(Categories.Length)], now);
        await StoredTastes.Save(tx, person, state, now, isSeen: true);
    }

    private async Task GivenWidgets()
    {
        app.Clock.Hold();
        await app.Database.Write(tx => tx.Execute("INSERT INTO home_sources (key, team, created_at) VALUES ('crm', 'crm', 0)").AsTask());
        await app.Database.Write(tx => StoredFacts.Declare(
            tx, "crm", new("tier", AttributeType.Number, AttributePrivacy.Personal, "How good a customer."), 0));
        await Create("/api/admin/segments", new() { ["key"] = "guests", ["title"] = "Guests", ["persons"] = new JsonArray() });
        await app.GivenDraft("trial", with => with["schedule"] = Within(5, 30));
        await Given(0, with => with["rule"] = JsonNode.Parse("""{"id": {"$inGroup": "guests"}}"""));
        await Given(1, with => with["experiment"] = new JsonObject { ["key"] = "trial", ["variations"] = new JsonArray("bold") });
        await Given(2, with => with["roles"] = new JsonArray("premium"));
        await Given(3, with => with["assurance"] = "two-factors");
        await Given(4, with => with["schedule"] = Within(10, 25));
        await Given(5, with => with["schedule"] = new JsonObject
        {
            ["hours"] = new JsonObject
            {
                ["timeZone"] = "UTC",
                ["days"] = new JsonArray("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
                ["from"] = $"{app.Clock.GetUtcNow().AddMinutes(8):HH:mm}",
                ["until"] = $"{app.Clock.GetUtcNow().AddMinutes(28):HH:mm}",
            },
        });
        await Given(6, with => with["rule"] = JsonNode.Parse("""{"appVersion": {"$vgte": "2.0.0"} }"""));
        await Given(7, with => with["rule"] = JsonNode.Parse("""{"crm.tier": {"$gte": 2} }"""));
        await Given(8, _ => { });
        await Given(9, with => with["experiment"] = new JsonObject { ["key"] = "trial", ["variations"] = new JsonArray("control") });
        await app.Run("trial", "start");
    }

    private JsonObject Within(int from, int to) => new()
    {
        ["startsAt"] = app.Clock.GetUtcNow().AddMinutes(from),
        ["endsAt"] = app.Clock.GetUtcNow().AddMinutes(to),
    };

    private Task Given(int number, Action<JsonObject> aim) => app.GivenText($"memory-{number}", with =>
    {
        with["category"] = Categories[number % Categories.Length];
        with["priority"] = 100;
        aim(with);
    });

    private async Task Create(string path, JsonObject body)
    {
        var answer = await app.Admin.PostAsJsonAsync(path, body);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    public sealed class App : HomeApp
    {
        public App() => Source.Widgets = [];
    }
}
