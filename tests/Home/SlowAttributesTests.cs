using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Seams;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

public class SlowAttributesTests(SlowAttributesTests.App app) : IClassFixture<SlowAttributesTests.App>
{
    private const int AtOnce = 2;

    [Fact]
    public async Task A_product_that_was_too_slow_is_asked_again_soon_and_never_by_more_calls_than_it_bears()
    {
        await app.GivenText("mood-known", with => with["rule"] = JsonNode.Parse("""{"mood.today": {"$exists": true}}"""));
        var answer = new TaskCompletionSource();
        app.Mood.Answer = answer.Task;
        foreach (var i in Enumerable.Range(0, 6))
        {
            using var client = app.As($"slow-{i}");
            (await client.Keys()).ShouldNotContain("mood-known");
        }

        // Every call has been given up by now, and those that reached it go on: they take up all that it bears.
        await Task.Delay(3 * App.TimeoutMs);
        await Feeds.Eventually(() => Task.FromResult(app.Mood.Calls >= AtOnce));
        app.Mood.Calls.ShouldBe(AtOnce);
        answer.SetResult();
        (await app.As("slow-0").Keys()).ShouldNotContain("mood-known");
        app.Clock.Advance(TimeSpan.FromSeconds(6));

        await Feeds.Eventually(async () =>
        {
            using var again = app.As("slow-0");
            return (await again.Keys()).Contains("mood-known");
        });
    }

    public sealed class App : HomeApp
    {
        public const int TimeoutMs = 300;

        public Mood Mood { get; } = new();

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Services.AddSingleton<IPersonAttributes>(Mood);
            builder.Configuration["Home:PullTimeoutMs"] = $"{TimeoutMs}";
            builder.Configuration["Home:PersonalWaitMs"] = "20";
            builder.Configuration["Home:PullsAtOnce"] = $"{AtOnce}";
        }
    }

    /// <summary>A product that ends when it likes, whatever its caller says.</summary>
    public sealed class Mood : IPersonAttributes
    {
        private int _calls;

        public Task Answer { get; set; } = Task.CompletedTask;

        public int Calls => _calls;

        public string Source => "mood";

        public IReadOnlyList<PersonAttribute> Attributes { get; } =
            [new("today", AttributeType.Text, AttributePrivacy.Personal, "How they feel.")];

        public async Task<IReadOnlyDictionary<string, JsonElement>> Of(string userId, CancellationToken ct)
        {
            Interlocked.Increment(ref _calls);
            await Answer;
            return new Dictionary<string, JsonElement> { ["today"] = JsonSerializer.SerializeToElement("good") };
        }
    }
}
