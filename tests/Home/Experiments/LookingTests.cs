using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Home.Experiments;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

/// <summary>Seeing why somebody is shown a variation, and looking at one of one's own choice.</summary>
public class LookingTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task Only_an_admin_chooses_what_to_look_at()
    {
        await app.GivenTrial("looked");

        (await app.Admin.Variation("looked", "?variation=looked:0")).ShouldBe("control");
        var feed = await app.Admin.Feed("?variation=looked:1");
        Trials.Variation(feed, "looked").ShouldBe("bold");
        Trials.TakesPart(feed, "looked").ShouldBeFalse();

        foreach (var client in new[] { app.Anonymous.OnDevice("looked"), app.As("looked", "customer") })
        {
            var refused = await client.GetAsync("/api/home?variation=looked:1");
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await refused.Code()).ShouldBe("forbidden");
        }

        foreach (var nonsense in new[] { "looked", "looked:", ":1", "looked:x", "looked:-1" })
            (await app.Admin.GetAsync($"/api/home?variation={nonsense}")).StatusCode.ShouldBe(HttpStatusCode.BadRequest, nonsense);
        Trials.Variation(await app.Admin.Feed("?variation=looked:7"), "looked").ShouldBe("control");
    }

    [Fact]
    public async Task Explain_names_bucket_variation_and_reason()
    {
        await app.GivenTrial("explained");
        var person = await app.Somebody("explained", "bold", "explained");

        var all = await app.As(person, "customer").GetFromJsonAsync<JsonElement>("/api/home/explain");
        var shown = Of(all, "explained-bold");
        shown.GetProperty("verdict").GetString().ShouldBe("shown");
        var experiment = shown.GetProperty("experiment");
        experiment.GetProperty("variation").GetString().ShouldBe("bold");
        experiment.GetProperty("reason").GetString().ShouldBe("drawn");
        experiment.GetProperty("attribute").GetString().ShouldBe("id");
        experiment.GetProperty("isSticky").GetBoolean().ShouldBeFalse();
        experiment.GetProperty("bucket").GetDouble().ShouldBe(Bucketing.Hash("explained", person, 2)!.Value);
        Of(all, "explained-control").GetProperty("verdict").GetString().ShouldBe("experiment");

        // An admin sees the same of that person, and may force a variation.
        var forced = await app.Admin.GetFromJsonAsync<JsonElement>($"/api/home/explain?userId={person}&variation=explained:0");
        Of(forced, "explained-control").GetProperty("verdict").GetString().ShouldBe("shown");
        Of(forced, "explained-control").GetProperty("experiment").GetProperty("reason").GetString().ShouldBe("forced-for-person");
        var refused = await app.As(person, "customer").GetAsync("/api/home/explain?variation=explained:0");
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);

        static JsonElement Of(JsonElement explained, string key) => explained.GetProperty("widgets").EnumerateArray()
            .Single(widget => widget.GetProperty("key").GetString() == key);
    }
}
