using System.Net;
using System.Net.Http.Json;
using Kontor.Home.Tests.Experiments;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>What was wished of something before it was put away does not bring it back.</summary>
public class ArchivedWishTests(FourEyesTests.CarefulApp app) : IClassFixture<FourEyesTests.CarefulApp>
{
    [Fact]
    public async Task A_wish_of_a_widget_that_was_archived_since_is_not_agreed_to()
    {
        var address = await GivenShown("away");
        await Trials.Ok(await Patch(address, new { priority = 7 }), HttpStatusCode.Accepted);
        using var kim = app.As("kim", "admin");
        (await kim.PostAsync($"{address}/archive", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var before = await kim.GetStringAsync(address);

        var refused = await app.As("second", "admin").Agree(address);

        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Code()).ShouldBe("widget-changed");
        (await kim.GetStringAsync(address)).ShouldBe(before);
        (await app.Anonymous.Keys()).ShouldNotContain("away");
        using var page = await new FormBrowser(app, "kim;admin").Open(address["/api".Length..]);
        await page.Send($"{address["/api".Length..]}/publish", null);
        page.Status.ShouldBe(HttpStatusCode.Conflict);
        page.Words.ShouldContain("It was archived after this was wished. Bring it back as a draft first");

        await Trials.Ok(await kim.PatchAsJsonAsync(address, new { state = "draft" }));
        var agreed = await Trials.Ok(await kim.Agree(address));
        ((string?)agreed["state"], (int)agreed["priority"]!).ShouldBe(("published", 7));
        (await app.Anonymous.Keys()).ShouldContain("away");
    }

    [Fact]
    public async Task To_bring_back_what_is_archived_can_be_wished_and_agreed_to()
    {
        var address = await GivenShown("back");
        (await app.Admin.DeleteAsync(address)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await Trials.Ok(await Patch(address, new { state = "published" }), HttpStatusCode.Accepted);

        await Trials.Ok(await app.As("second", "admin").Agree(address));

        (await app.Anonymous.Keys()).ShouldContain("back");
    }

    [Fact]
    public async Task An_experiment_is_not_put_away_before_somebody_elses_wish_of_it_is_settled()
    {
        const string address = "/api/admin/experiments/away-trial";
        var widgets = await app.GivenReady("away-trial", with => with["team"] = "lending");
        await Trials.Ok(await app.Admin.PostAsync($"{address}/start", null), HttpStatusCode.Accepted);
        foreach (var id in widgets.Values) await Trials.Ok(await Patch($"/api/admin/widgets/{id}", new { experiment = new { } }));
        using var kim = app.As("kim", "admin");

        (await (await kim.DeleteAsync(address)).Code()).ShouldBe("wish-waits");
        (await app.Experiment("away-trial"))["proposal"].ShouldNotBeNull();
        // Whoever wished it ends the wish too.
        (await app.Admin.DeleteAsync(address)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await (await kim.PostAsJsonAsync($"{address}/approve", new { })).Code()).ShouldBe("nothing-waits");
        ((string?)(await app.Experiment("away-trial"))["state"]).ShouldBe("archived");
    }

    /// <summary>A careful team's widget that two have agreed to; its address.</summary>
    private async Task<string> GivenShown(string key)
    {
        var address = $"/api/admin/widgets/{(await app.GivenText(key, with => with["team"] = "lending"))["id"]}";
        await Trials.Ok(await app.As("second", "admin").Agree(address));
        return address;
    }

    private Task<HttpResponseMessage> Patch(string address, object change) => app.Admin.PatchAsJsonAsync(address, change);
}
