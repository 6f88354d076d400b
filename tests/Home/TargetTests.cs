using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Home.Widgets;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Tests;

/// <summary>Rules, places, hours and the rest of what decides about a widget.</summary>
public class TargetTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Theory]
    [InlineData("""{"platform": "ios"}""", "?platform=ios", "?platform=web")]
    [InlineData("""{"appVersion": {"$vgte": "1.10.0"}}""", "?appVersion=1.10.2", "?appVersion=1.9.9")]
    [InlineData("""{"language": {"$in": ["de", "fr"]}}""", "?locale=de-AT", "?locale=en")]
    [InlineData("""{"$or": [{"platform": "ios"}, {"language": "de"}]}""", "?locale=de", "?platform=android")]
    [InlineData("""{"$not": {"platform": "web"}}""", "?platform=ios", "")]
    public async Task A_rule_decides_by_what_the_client_says(string rule, string yes, string no)
    {
        var key = $"ruled-{Guid.NewGuid():n}";
        await app.GivenText(key, with => with["rule"] = JsonNode.Parse(rule));

        // Twice, so that the second answers come from what the first left behind.
        for (var i = 0; i < 2; i++)
        {
            (await app.Anonymous.Keys(yes)).ShouldContain(key);
            (await app.Anonymous.Keys(no)).ShouldNotContain(key);
        }
    }

    [Fact]
    public async Task A_rule_may_be_about_one_person_and_an_empty_one_is_none()
    {
        var widget = await app.GivenText("for-ada", with => with["rule"] = new JsonObject { ["id"] = "ada" });
        (await app.As("ada").Keys()).ShouldContain("for-ada");
        (await app.As("bob").Keys()).ShouldNotContain("for-ada");
        (await app.Anonymous.Keys()).ShouldNotContain("for-ada");

        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", new { rule = new { } });

        (await app.As("bob").Keys()).ShouldContain("for-ada");
    }

    [Theory]
    [InlineData("""{"shoeSize": 42}""", "there is no attribute shoeSize")]
    [InlineData("""{"platform": {"$like": "i"}}""", "$like")]
    [InlineData("""{"platform": "toaster"}""", "platform is never toaster")]
    [InlineData("""{"$not": {"platform": {"$in": ["ios", "toaster"]}}}""", "platform is never toaster")]
    [InlineData("""{"id": {"$inGroup": "nobody"}}""", "there is no segment nobody")]
    [InlineData("""{"$notInGroup": "nobody"}""", "there is no segment nobody")]
    [InlineData("""{"id": {"$not": {"$inGroup": "nobody"}}}""", "a segment is a group of persons")]
    [InlineData("""{"platform": {"$regex": "("}}""", "does not compile")]
    public async Task A_rule_that_could_not_be_evaluated_is_refused_with_each_reason(string rule, string fault)
    {
        var request = HomeApp.Text("unruly");
        request["rule"] = JsonNode.Parse(rule);

        var answer = await app.Admin.PostAsJsonAsync("/api/admin/widgets", request);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var problem = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        problem["code"]!.GetValue<string>().ShouldBe("rule-invalid");
        problem["faults"]!.ToJsonString().ShouldContain(fault);
    }

    [Theory]
    [InlineData("rule", "[]")]
    [InlineData("rule", "\"platform\"")]
    [InlineData("team", "\"No Team\"")]
    [InlineData("placement", "{\"slot\": \"cellar\"}")]
    [InlineData("placement", "{\"pin\": -1}")]
    [InlineData("placement", "{\"pin\": 100}")]
    [InlineData("assurance", "\"three-factors\"")]
    [InlineData("assurance", "2")]
    [InlineData("schedule", "{\"hours\": {\"timeZone\": \"Europe/Atlantis\"}}")]
    [InlineData("schedule", "{\"hours\": {\"days\": [\"someday\"]}}")]
    [InlineData("schedule", "{\"hours\": {\"from\": \"8\"}}")]
    [InlineData("schedule", "{\"hours\": {\"until\": \"24:00\"}}")]
    public async Task A_bad_aim_is_refused(string field, string value)
    {
        var request = HomeApp.Text("aimless");
        request[field] = JsonNode.Parse(value);

        var answer = await app.Admin.PostAsJsonAsync("/api/admin/widgets", request);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, await answer.Content.ReadAsStringAsync());
        (await app.Admin.GetStringAsync("/api/admin/widgets?limit=200")).ShouldNotContain("aimless");
    }

    [Fact]
    public async Task A_stored_rule_that_nobody_can_evaluate_hides_its_widget_and_says_so()
    {
        var widget = await app.GivenText("rotten", with => with["rule"] = new JsonObject { ["platform"] = "web" });
        var other = await app.GivenText("fresh");
        await app.Database.Write(tx => tx.Execute(
            "UPDATE home_widgets SET settings = @settings WHERE key = 'rotten'",
            new { settings = """{"rule": {"gone": {"$like": 1}}}""" }).AsTask());
        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{other["id"]}", new { priority = 2 });

        (await app.Anonymous.Keys()).ShouldNotContain("rotten");
        (await app.Anonymous.Keys()).ShouldContain("fresh");
        var explained = await Explained(app.Admin, "", "rotten");
        explained.GetProperty("verdict").GetString().ShouldBe("rule-broken");
        explained.GetProperty("rule").GetProperty("faults").GetArrayLength().ShouldBe(2);
        await app.Admin.PostAsJsonAsync($"/api/admin/widgets/{widget["id"]}/archive", new { });
    }

    [Fact]
    public async Task A_rule_shows_an_admin_what_it_saw_and_a_customer_only_that_it_said_no()
    {
        await app.GivenText("traced", with => with["rule"] = JsonNode.Parse("""{"id": {"$in": ["mallory", "trent"]}}"""));

        var trace = await Explained(app.Admin, "?userId=bob", "traced");
        trace.GetProperty("verdict").GetString().ShouldBe("rule");
        trace.GetProperty("rule").GetProperty("trace").GetProperty("steps")[0].GetProperty("seen").GetString().ShouldBe("bob");

        var own = await Explained(app.As("eve", "customer"), "", "traced");
        own.GetProperty("verdict").GetString().ShouldBe("rule");
        own.GetRawText().ShouldNotContain("mallory");
    }

    [Fact]
    public async Task Slots_come_one_after_the_other_and_a_pin_keeps_its_place()
    {
        await app.GivenText("place-low", with => Place(with, "bottom", null, 900));
        await app.GivenText("place-a", with => Place(with, "top", null, 300));
        await app.GivenText("place-b", with => Place(with, "top", null, 200));
        await app.GivenText("place-c", with => Place(with, "top", 1, 1));
        await app.GivenText("place-d", with => Place(with, "top", 9, 999));

        (await app.Anonymous.Keys()).Where(key => key.StartsWith("place-", StringComparison.Ordinal))
            .ShouldBe(["place-a", "place-c", "place-b", "place-d", "place-low"]);
        var first = (await app.Anonymous.Feed()).GetProperty("widgets")[0];
        (first.GetProperty("key").GetString(), first.GetProperty("slot").GetString()).ShouldBe(("place-a", "top"));
        var explained = await Explained(app.Admin, "", "place-c");
        explained.GetProperty("position").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task What_needs_two_factors_is_not_even_named_to_one()
    {
        await app.GivenText("vault", with => with["assurance"] = "two-factors");

        foreach (var reader in new[] { app.Anonymous, app.As("one", "customer") }) (await reader.Keys()).ShouldNotContain("vault");
        (await app.As("one", "customer").GetStringAsync("/api/home/explain")).ShouldNotContain("vault");
        (await app.As("two;mfa", "customer").Keys()).ShouldContain("vault");
        (await app.As("one", "customer").Keys()).ShouldNotContain("vault");
        (await Explained(app.Admin, "?userId=bob&assurance=two-factors", "vault")).GetProperty("verdict").GetString().ShouldBe("shown");
    }

    [Fact]
    public async Task Hours_open_and_close_by_themselves()
    {
        var now = app.Clock.GetUtcNow();
        await app.GivenText("hourly", with => with["schedule"] = new JsonObject
        {
            ["hours"] = new JsonObject { ["from"] = $"{now.AddHours(1):HH:mm}", ["until"] = $"{now.AddHours(2):HH:mm}" },
        });

        (await app.Anonymous.Keys()).ShouldNotContain("hourly");
        app.Clock.Advance(TimeSpan.FromHours(1));
        (await app.Anonymous.Keys()).ShouldContain("hourly");
        app.Clock.Advance(TimeSpan.FromHours(1));
        (await app.Anonymous.Keys()).ShouldNotContain("hourly");
    }

    [Theory]
    // Berlin is two hours ahead in summer and one in winter.
    [InlineData("Europe/Berlin", "mon", "08:00", "18:00", "2030-07-01T06:00:00Z", true)]
    [InlineData("Europe/Berlin", "mon", "08:00", "18:00", "2030-07-01T05:59:59Z", false)]
    [InlineData("Europe/Berlin", "mon", "08:00", "18:00", "2030-07-01T16:00:00Z", false)]
    [InlineData("Europe/Berlin", "mon", "08:00", "18:00", "2030-01-07T06:59:59Z", false)]
    [InlineData("Europe/Berlin", "mon", "08:00", "18:00", "2030-01-07T07:00:00Z", true)]
    [InlineData("Europe/Berlin", "tue", "08:00", "18:00", "2030-01-07T07:00:00Z", false)]
    // Past midnight it is still the evening before.
    [InlineData(null, "fri", "22:00", "02:00", "2030-01-05T01:59:00Z", true)]
    [InlineData(null, "fri", "22:00", "02:00", "2030-01-05T02:00:00Z", false)]
    [InlineData(null, "fri", "22:00", "02:00", "2030-01-04T01:00:00Z", false)]
    [InlineData(null, "fri", null, null, "2030-01-04T23:59:00Z", true)]
    [InlineData(null, "fri", null, null, "2030-01-05T00:00:00Z", false)]
    public void Hours_are_those_of_their_zone(string? zone, string day, string? from, string? until, string at, bool isOpen) =>
        OpenHours.Parse(new WidgetHours(zone, [day], from, until))!
            .IsOpen(DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()).ShouldBe(isOpen);

    [Fact]
    public async Task A_fallback_stands_in_for_a_source_that_is_not_part_of_this_build()
    {
        var news = await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets?limit=200");
        var id = news!["widgets"]!.AsArray().Single(one => (string)one!["key"]! == TestSource.News)!["id"];
        var bad = await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{id}", new { fallback = new { html = "<b>" } });
        (await bad.Code()).ShouldBe("content-invalid");
        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{id}", new { fallback = new { paragraphs = new[] { "Come back later." } } });
        (await app.Anonymous.Says(TestSource.News)).ShouldBe("news for all");
        var widgets = app.Source.Widgets;

        app.Source.Widgets = [];
        await app.Restart();

        (await app.Anonymous.Says(TestSource.News)).ShouldBe("Come back later.");
        (await Explained(app.Admin, "", TestSource.News)).GetProperty("content").GetProperty("isFallback").GetBoolean().ShouldBeTrue();
        app.Source.Widgets = widgets;
        await app.Restart();
        (await app.Anonymous.Says(TestSource.News)).ShouldBe("news for all");
    }

    private static void Place(JsonObject request, string slot, int? pin, int priority)
    {
        request["placement"] = new JsonObject { ["slot"] = slot, ["pin"] = pin };
        request["priority"] = priority;
    }

    private static async Task<JsonElement> Explained(HttpClient client, string query, string key) =>
        (await client.GetFromJsonAsync<JsonElement>($"/api/home/explain{query}")).GetProperty("widgets").EnumerateArray()
            .Single(widget => widget.GetProperty("key").GetString() == key);
}
