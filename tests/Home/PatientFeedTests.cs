using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Home.Tests.Experiments;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>A feed has patience with the database once, and not once for each thing that it wants to know of its person.</summary>
public class PatientFeedTests(PatientFeedTests.App app) : IClassFixture<PatientFeedTests.App>
{
    [Fact]
    public async Task What_is_known_of_a_person_is_waited_for_together()
    {
        await app.GivenTrial("patience");
        await app.Admin.PostAsJsonAsync("/api/admin/segments", new { key = "friends", title = "Friends", persons = new[] { "grace" } });
        await app.GivenText("for-friends", with => with["rule"] = JsonNode.Parse("""{"$inGroup": "friends"}"""));
        // So that nothing is done for the first time below.
        using (var other = app.As("grace", "customer")) (await other.Keys()).ShouldContain("for-friends");
        using var client = app.As("ada", "customer");

        long began;
        using (app.Fragile.Break(silently: true))
        {
            began = Stopwatch.GetTimestamp();
            (await client.Keys()).ShouldNotContain("for-friends");
        }

        Stopwatch.GetElapsedTime(began).TotalMilliseconds.ShouldBeInRange(App.WaitMs - 100, 1.8 * App.WaitMs);
    }

    public sealed class App : BrokenDatabaseApp
    {
        /// <summary>So long that what a busy machine adds is not taken for a second wait.</summary>
        public const int WaitMs = 5000;

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:StoredWaitMs"] = $"{WaitMs}";
        }
    }
}
