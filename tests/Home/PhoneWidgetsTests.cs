using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Sync;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

public class PhoneHomeApp : HomeApp
{
    protected override IReadOnlyList<IModule> Modules => [.. base.Modules, new SyncModule()];
}

/// <summary>What phones keep of the feed is what the feed shows, and behind a gate as little as there.</summary>
public class PhoneWidgetsTests(PhoneHomeApp app) : IClassFixture<PhoneHomeApp>
{
    [Fact]
    public async Task A_phone_has_what_the_feed_shows_in_its_order()
    {
        await app.GivenText("kept");
        var phone = app.As("keeper");
        await Feeds.Eventually(async () => (await phone.Keys()).Contains(TestSource.Yours));

        var rows = await Rows(phone);

        rows.OrderBy(row => (long)row["position"]!).Select(row => (string)row["key"]!).ShouldBe(await phone.Keys());
        var kept = rows.Single(row => (string)row["key"]! == "kept");
        ((string)kept["title"]!).ShouldBe("Title of kept");
        JsonNode.Parse((string)kept["titles"]!)!["de"]!.GetValue<string>().ShouldBe("Titel von kept");
        JsonNode.Parse((string)kept["content"]!)!["paragraphs"]![0]!.GetValue<string>().ShouldBe("Text of kept.");
        ((string)rows.Single(row => (string)row["key"]! == TestSource.Yours)["content"]!).ShouldContain("for keeper");
    }

    [Fact]
    public async Task A_pull_after_which_nothing_changed_finds_nothing()
    {
        var phone = app.As("idle");
        var first = await Pull(phone, 0);
        var again = await Pull(phone, (long)first["timestamp"]!);

        (await Pull(phone, (long)again["timestamp"]!))["timestamp"]!.GetValue<long>().ShouldBe((long)again["timestamp"]!);
    }

    [Fact]
    public async Task A_role_that_is_given_brings_a_widget_and_one_that_is_taken_takes_it_at_once()
    {
        await app.GivenText("granted", with => with["roles"] = new JsonArray("premium"));
        var before = await Pull(app.As("climber", "customer"), 0);
        Keys(before).ShouldNotContain("granted");

        var with = await Pull(app.As("climber", "customer", "premium"), (long)before["timestamp"]!);
        Keys(with).ShouldContain("granted");
        var id = (string)Updated(with).Single(row => (string)row["key"]! == "granted")["id"]!;

        var without = await Pull(app.As("climber", "customer"), (long)with["timestamp"]!);
        without["changes"]!["home_widgets"]!["deleted"]!.AsArray().Select(one => (string)one!).ShouldContain(id);
        Keys(await Pull(app.As("climber", "customer"), 0)).ShouldNotContain("granted");
        (await app.Database.Read(tx => tx.Query<string>(
            "SELECT content FROM home_phone_widgets WHERE user_id = 'climber' AND id = @id", new { id }).AsTask())).ShouldBe([""]);
    }

    [Fact]
    public async Task A_gate_that_closes_takes_the_widget_from_the_next_pull()
    {
        var widget = await app.GivenText("closing");
        var phone = app.As("shut-out", "customer");
        var before = await Pull(phone, 0);
        Keys(before).ShouldContain("closing");

        var answer = await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", new
        {
            version = (long)widget["version"]!,
            roles = new[] { "premium" },
        });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());

        Keys(await Pull(phone, 0)).ShouldNotContain("closing");
        var after = await Pull(phone, (long)before["timestamp"]!);
        after["changes"]!["home_widgets"]!["deleted"]!.AsArray().Select(one => (string)one!).ShouldContain((string)widget["id"]!);
    }

    [Fact]
    public async Task What_only_administrators_see_is_kept_on_no_phone()
    {
        await app.GivenText("for-admins", with => with["roles"] = new JsonArray(RoleNames.Admin));

        (await app.As("boss", RoleNames.Admin).Keys()).ShouldContain("for-admins");
        Keys(await Pull(app.As("boss", RoleNames.Admin), 0)).ShouldNotContain("for-admins");
        (await app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM home_phone_widgets WHERE key = 'for-admins'").AsTask())).ShouldBe(0);
    }

    [Fact]
    public async Task The_database_refuses_a_write_without_a_new_version_and_a_phone_cannot_write()
    {
        await app.GivenText("fixed");
        var phone = app.As("writer");
        await Pull(phone, 0);

        var error = await Should.ThrowAsync<System.Data.Common.DbException>(() => app.Database.Write(tx => tx.Execute(
            "UPDATE home_phone_widgets SET title = 'mine' WHERE user_id = 'writer'").AsTask()));
        error.Message.ShouldContain("needs a newly drawn version");

        var push = JsonNode.Parse("""{"changes": {"home_widgets": {"updated": [{"id": "any", "title": "mine"}]}}}""");
        using var answer = await phone.PostAsJsonAsync("/sync/push?last_pulled_at=1", push);
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("read-only-table");
    }

    private static async Task<JsonNode> Pull(HttpClient phone, long since) =>
        (await phone.GetFromJsonAsync<JsonNode>($"/sync/pull?last_pulled_at={since}"))!;

    private static async Task<List<JsonObject>> Rows(HttpClient phone) => Updated(await Pull(phone, 0));

    private static List<JsonObject> Updated(JsonNode pull) =>
        [.. pull["changes"]!["home_widgets"]!["updated"]!.AsArray().Select(row => row!.AsObject())];

    private static List<string> Keys(JsonNode pull) => [.. Updated(pull).Select(row => (string)row["key"]!)];
}
