using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Home.Tests.Insight;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Ranking;

public class OwnTasteTests : IClassFixture<RankingApp>
{
    private readonly RankingApp _app;

    public OwnTasteTests(RankingApp app)
    {
        _app = app;
        app.NextDay();
    }

    [Fact]
    public async Task Switched_off_nothing_is_known_and_nothing_is_learned()
    {
        await _app.GivenRanked("off-tents", "off-tents", 120);
        var boots = await _app.GivenRanked("off-boots", "off-boots");
        using var ada = _app.As("off-ada", "customer");
        await ada.Click(_app, boots);
        (await ada.Order("off-")).ShouldBe("boots tents");

        await ada.Switch(enabled: false);
        (await ada.Order("off-")).ShouldBe("tents boots");
        await ada.See(_app, boots);
        await ada.Click(_app, boots);

        (await ada.Order("off-")).ShouldBe("tents boots");
        (await Stored("off-ada")).ShouldBe(["{} []"]);
        (await _app.Counts(boots)).ShouldBe((1, 2, 0), "what everybody does is still counted, without a name");
        await ada.Switch(enabled: true);
        (await ada.Order("off-")).ShouldBe("tents boots", "what was forgotten does not come back");
        await ada.Click(_app, boots);
        (await ada.Order("off-")).ShouldBe("boots tents");
    }

    [Fact]
    public async Task Switching_it_on_again_forgets_nothing()
    {
        var boots = await _app.GivenRanked("on-boots", "on-boots");
        using var ada = _app.As("on-ada");
        await ada.Click(_app, boots);

        await ada.Switch(enabled: true);

        (await ada.Taste()).GetProperty("likes").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_person_sees_what_is_known_and_takes_it_away()
    {
        var (boots, tents) = (await _app.GivenRanked("own-boots", "own-boots"), await _app.GivenRanked("own-tents", "own-tents", 120));
        using var ada = _app.As("own-ada", "customer");
        await ada.See(_app, boots, tents);
        await ada.Click(_app, boots);
        _app.NextDay();

        var taste = await ada.Taste();
        taste.GetProperty("enabled").GetBoolean().ShouldBeTrue();
        var like = taste.GetProperty("likes").EnumerateArray().ShouldHaveSingleItem();
        like.GetProperty("category").GetString().ShouldBe("own-boots");
        like.GetProperty("strength").GetDouble().ShouldBeInRange(0.28, 0.3);
        var seen = taste.GetProperty("widgets").EnumerateArray().ToDictionary(one => one.GetProperty("key").GetString()!);
        seen["own-tents"].GetProperty("points").GetDouble().ShouldBe(8);
        seen["own-tents"].GetProperty("title").GetString().ShouldBe("Title of own-tents");
        seen["own-boots"].GetProperty("points").GetDouble().ShouldBe(0);

        (await ada.Order("own-")).ShouldBe("boots tents");
        (await ada.DeleteAsync("/api/home/taste")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await ada.Taste()).GetProperty("likes").GetArrayLength().ShouldBe(0);
        (await Stored("own-ada")).ShouldBe(["{} []"]);
        (await ada.Order("own-")).ShouldBe("tents boots");
        (await ada.Term("own-tents", "fatigue")).ShouldBe(0);
    }

    [Fact]
    public async Task What_somebody_may_not_see_any_more_is_not_named_to_them()
    {
        var secret = await _app.GivenRanked("hush-secret", "hush-secret");
        using var ada = _app.As("hush-ada", "customer");
        await ada.See(_app, secret);
        (await ada.GetStringAsync("/api/home/taste")).ShouldContain("Title of hush-secret");

        var answer = await _app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{secret}", new { roles = new[] { "premium" } });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);

        (await ada.GetStringAsync("/api/home/taste")).ShouldNotContain("hush");
        (await ada.GetStringAsync("/account/feed")).ShouldNotContain("hush");
    }

    [Fact]
    public async Task It_is_exported_and_goes_with_the_person()
    {
        var boots = await _app.GivenRanked("gone-boots", "gone-boots");
        using var ada = _app.As("gone-ada");
        await ada.Click(_app, boots);
        var data = _app.Services.GetServices<IPersonalData>().Single(one => one.Name == "home");
        var person = new DataSubject("gone-ada", null, 0);

        var taste = (await Export(person, data)).GetProperty("home").GetProperty("taste");
        taste.GetProperty("likes")[0].GetProperty("category").GetString().ShouldBe("gone-boots");
        taste.GetProperty("seen")[0].GetProperty("widgetId").GetString().ShouldBe(boots);
        taste.GetProperty("seen")[0].GetProperty("response").GetString().ShouldBe("clicked");

        await data.Erase(person, CancellationToken.None);

        (await Stored("gone-ada")).ShouldBeEmpty();
        (await ada.Term("gone-boots", "affinity")).ShouldBe(0);
    }

    [Fact]
    public async Task The_page_shows_it_forgets_it_and_switches_it_off_without_a_script()
    {
        var (boots, tents) = (await _app.GivenRanked("page-boots", "boots"), await _app.GivenRanked("page-tents", "tents"));
        using var ada = _app.As("page-ada");
        await ada.See(_app, tents);
        await ada.Click(_app, boots);
        _app.NextDay();
        var html = await Html(ada, "/account/feed");
        foreach (var said in new[] { "Boots", "+29.3 points", "Title of page-tents", "−8 points", "Seen on <time" })
            html.ShouldContain(said);
        (await Html(ada, "/")).ShouldContain("href=\"/account/feed\"");

        (await Submit(ada, html, "/account/feed/forget")).ShouldContain("What was known is forgotten.");
        (await Stored("page-ada")).ShouldBe(["{} []"]);
        html = await Submit(ada, html, "/account/feed/switch", ("enabled", "false"));
        html.ShouldContain("Your home page is not personal.");
        (await ada.Taste()).GetProperty("enabled").GetBoolean().ShouldBeFalse();
        (await Submit(ada, html, "/account/feed/switch", ("enabled", "true"))).ShouldContain("learns what you like");
        (await ada.Taste()).GetProperty("enabled").GetBoolean().ShouldBeTrue();

        ada.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de");
        (await Html(ada, "/account/feed")).ShouldContain("Personalisierung ausschalten");
        var stranger = await _app.Anonymous.GetAsync("/account/feed");
        (stranger.StatusCode, stranger.Headers.Location!.OriginalString[..6]).ShouldBe((HttpStatusCode.Redirect, "/login"));
    }

    [Fact]
    public async Task Another_site_cannot_send_the_forms()
    {
        using var form = new FormUrlEncodedContent([new("enabled", "false")]);
        var answer = await _app.As("forged-ada").PostAsync("/account/feed/switch", form);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Stored("forged-ada")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task A_stranger_has_none(string method)
    {
        using var request = new HttpRequestMessage(new(method), "/api/home/taste") { Content = JsonContent.Create(new { enabled = true }) };
        (await _app.Anonymous.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"enabled": "yes"}""")]
    [InlineData("""{"enabled": null}""")]
    public async Task A_switch_is_on_or_off(string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        (await _app.As("switch-ada").PutAsync("/api/home/taste", content)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Stored("switch-ada")).ShouldBeEmpty();
    }

    private async Task<List<string>> Stored(string userId) => await _app.Database.Read(tx => tx.Query<string>(
        "SELECT likes || ' ' || seen FROM home_tastes WHERE user_id = @userId", new { userId }).AsTask());

    private static async Task<string> Html(HttpClient client, string path)
    {
        var answer = await client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        if (answer.Headers.TryGetValues("Set-Cookie", out var cookies))
        {
            client.DefaultRequestHeaders.Remove("Cookie");
            client.DefaultRequestHeaders.Add("Cookie", string.Join("; ", cookies.Select(cookie => cookie.Split(';')[0])));
        }

        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Sends one of the page's forms, as a browser does; the answer is the page after it.</summary>
    private static async Task<string> Submit(HttpClient client, string html, string action, params (string Name, string Value)[] fields)
    {
        html.ShouldContain($"action=\"{action}\"");
        var token = Regex.Match(html, "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
        using var form = new FormUrlEncodedContent(
            [new("__RequestVerificationToken", token), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);
        var answer = await client.PostAsync(action, form);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return await Html(client, answer.Headers.Location!.OriginalString);
    }

    private async Task<JsonElement> Export(DataSubject person, IPersonalData data)
    {
        var pipe = new Pipe();
        await ExportWriter.Write(person, [data], _app.Database, pipe.Writer, CancellationToken.None);
        await pipe.Writer.CompleteAsync();
        using var json = await JsonDocument.ParseAsync(pipe.Reader.AsStream());
        return json.RootElement.Clone();
    }
}
