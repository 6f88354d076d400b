using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Experiments;
using Kontor.Home.Feed;
using Kontor.Home.Ranking;
using Kontor.Home.Sources;
using Kontor.Home.Widgets.Types;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;
using static Kontor.Home.Feed.ExplainHome;

namespace Kontor.Home.Tests;

/// <summary>A hundred thousand persons with all kinds of devices, sixty widgets of three teams, twenty rules, five experiments.</summary>
[Trait("Speed", "slow")]
public class ManyPersonsTests(ManyPersonsTests.App app) : IClassFixture<ManyPersonsTests.App>
{
    private const int Persons = 100_000;

    /// <summary>So many of the feeds are compared; each takes about a millisecond to make anew.</summary>
    private const int Compared = 1500;

    private static readonly string[] Platforms = ["web", "ios", "android"];
    private static readonly string[] Versions = ["2.0.1", "2.1.0", "2.3.4", "3.0.0"];
    private static readonly string[] Locales = ["en", "de-AT"];
    private static readonly string[] Categories = ["garden", "kitchen", "travel", "books"];

    [Fact]
    public async Task What_memory_answers_is_to_the_byte_what_is_made_anew()
    {
        await app.GivenWidgets();
        await GivenTastes();
        var feed = app.Services.GetRequiredService<HomeFeed>();
        var random = new Random(7);
        var differing = new HashSet<string>();
        for (var i = 0; i < Compared; i++)
        {
            // The first thousand are asked for again and again, so that both a first and a later answer are looked at.
            var (query, user) = Person(random.Next(i % 2 == 0 ? 1000 : Persons), device: random.Next(Persons));
            var remembered = FeedAnew.Written(await feed.For(query, user, 0, TestContext.Current.CancellationToken));
            remembered.ShouldBe(await app.Anew(query, user), $"{user.Id} {query}");
            differing.Add(remembered);
        }

        // They are not all the same: then the property would be easy to hold.
        differing.Count.ShouldBeGreaterThan(500);
    }

    [Fact]
    public async Task Nearly_every_feed_is_made_from_parts_that_memory_has()
    {
        await app.GivenWidgets();
        var feed = app.Services.GetRequiredService<HomeFeed>();
        // Another test may have asked before; nothing is remembered of a model that has been read anew.
        await app.Services.GetRequiredService<FeedModels>().Reload(TestContext.Current.CancellationToken);
        var (found, made) = (0L, 0L);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Name == "kontor.home.skeletons") all.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            if (tags[0].Value is "found") Interlocked.Add(ref found, count);
            else Interlocked.Add(ref made, count);
        });
        listener.Start();

        for (var i = 0; i < Persons; i++)
        {
            var (query, user) = Person(i, device: i);
            await feed.For(query, user, 0, TestContext.Current.CancellationToken);
        }

        // Other classes run in this process too, so there may be more.
        (found + made).ShouldBeGreaterThanOrEqualTo(Persons);
        ((double)found / (found + made)).ShouldBeGreaterThan(0.95);
        made.ShouldBeGreaterThan(100);
    }

    /// <summary>Anybody, always the same one for a number, in an app that is new or old.</summary>
    private static (FeedQuery Query, CurrentUser User) Person(int number, int device)
    {
        var version = Versions[device / 3 % 4];
        var (query, _) = FeedQuery.Parse(
            Platforms[device % 3], version, Locales[device / 12 % 2], version == Versions[0] ? "text,hero" : null);
        string[] roles = number % 10 == 0 ? ["customer", "premium"] : ["customer"];
        return (query!, new($"person-{number}", "session", roles, number % 5 == 0 ? Assurance.TwoFactors : Assurance.OneFactor));
    }

    /// <summary>A third of the persons that are asked about most like something; some of them want nothing personal.</summary>
    private Task GivenTastes() => app.Database.Write(async tx =>
    {
        var options = app.Services.GetRequiredService<IOptions<RankingOptions>>().Value;
        for (var i = 0; i < 1000; i += 3)
        {
            var now = app.Clock.NowMs();
            await StoredTastes.Lock(tx, $"person-{i}", now);
            var likes = new Dictionary<string, float> { [Categories[i % 4]] = 1 + (i % 5), [Categories[(i + 1) % 4]] = 0.5f };
            var taste = new PersonalState.Row(true, JsonSerializer.Serialize(likes), now, "[]");
            await StoredTastes.Save(tx, $"person-{i}", PersonalState.Of(taste, options), now, isSeen: true);
        }
    });

    public sealed class App : HomeApp
    {
        private readonly SemaphoreSlim _writing = new(1);
        private bool _isWritten;

        public App() => Source.Widgets = [Source.Widgets[0]];

        public async Task GivenWidgets()
        {
            await _writing.WaitAsync();
            try
            {
                if (_isWritten) return;
                for (var i = 0; i < 5; i++)
                {
                    var experiment = new { key = $"try-{i}", name = $"Try {i}", hypothesis = "Nothing changes." };
                    (await Admin.PostAsJsonAsync("/api/admin/experiments", experiment)).StatusCode.ShouldBe(HttpStatusCode.Created);
                }

                for (var i = 0; i < 59; i++) await GivenText($"many-{i}", widget => Aim(widget, i));
                for (var i = 0; i < 5; i++)
                    (await Admin.PostAsync($"/api/admin/experiments/try-{i}/start", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
                _isWritten = true;
            }
            finally
            {
                _writing.Release();
            }
        }

        private static void Aim(JsonObject widget, int number)
        {
            widget["priority"] = 100 + (number % 7 * 10);
            widget["team"] = $"team-{number % 3}";
            widget["category"] = Categories[number % 4];
            widget["rule"] = Rule(number % 20);
            if (number % 6 == 0)
            {
                var variation = number % 12 == 0 ? "control" : "treatment";
                widget["experiment"] = new JsonObject { ["key"] = $"try-{number / 12}", ["variations"] = new JsonArray(variation) };
            }

            if (number % 8 == 3) widget["roles"] = new JsonArray("premium");
            if (number % 8 == 5) widget["assurance"] = "twoFactors";
        }

        private static JsonNode Rule(int number) => JsonNode.Parse((number % 5) switch
        {
            0 => $$"""{"platform": {"$in": ["{{Platforms[number % 3]}}", "{{Platforms[(number + 1) % 3]}}"]} }""",
            1 => $$"""{"appVersion": {"$vgte": "2.{{number}}.0"} }""",
            2 => $$"""{"$or": [{"language": "{{(number % 2 == 0 ? "de" : "en")}}"}, {"platform": "{{Platforms[number % 3]}}"}]}""",
            3 => $$"""{"$not": {"appVersion": {"$vlt": "1.{{number}}.0"} } }""",
            _ => $$"""{"$or": [{"roles": "premium"}, {"appVersion": {"$vgte": "2.{{number / 5}}.0"} }]}""",
        })!;
    }
}
