using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

public sealed class PhoneRaceApp : PhoneHomeApp
{
    public Rival Rival { get; } = new();

    protected override IReadOnlyList<IModule> Modules => [.. base.Modules, Rival];
}

/// <summary>A person's feed is worked out twice at once, and what is older must not be what phones keep.</summary>
public class PhoneWidgetsRaceTests(PhoneRaceApp app) : IClassFixture<PhoneRaceApp>
{
    /// <summary>Long enough for a rival that need not wait.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_widget_that_is_forbidden_while_it_is_written_is_on_no_phone()
    {
        var widget = await app.GivenText("forbidden");
        var tablet = app.As("raced", "customer");
        JsonNode? seen = null;
        app.Rival.BeforeWriteOf("GET", "/sync/pull", async () =>
        {
            await Forbid(app, widget);
            seen = await InTime(Pull(tablet));
        });

        var pull = await Pull(app.As("raced", "customer"));

        app.Rival.ShouldHaveMet();
        Keys(pull).ShouldNotContain("forbidden");
        if (seen is not null) Keys(seen).ShouldNotContain("forbidden");
        Keys(await Pull(tablet)).ShouldNotContain("forbidden");
    }

    [Fact]
    public async Task A_widget_that_another_node_forbids_while_it_is_written_is_on_no_phone()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "Several nodes need PostgreSQL: set KONTOR_TEST_DATABASE.");
        await using var other = (PhoneRaceApp)await app.AnotherNode();
        var widget = await app.GivenText("forbidden-elsewhere");
        await Feeds.Eventually(async () => (await other.As("watcher").Keys()).Contains("forbidden-elsewhere"));
        var tablet = other.As("raced-elsewhere", "customer");
        app.Rival.BeforeWriteOf("GET", "/sync/pull", async () =>
        {
            await Forbid(other, widget);
            Keys(await Pull(tablet)).ShouldNotContain("forbidden-elsewhere");
        });

        var pull = await Pull(app.As("raced-elsewhere", "customer"));

        app.Rival.ShouldHaveMet();
        Keys(pull).ShouldNotContain("forbidden-elsewhere");
        Keys(await Pull(tablet)).ShouldNotContain("forbidden-elsewhere");
    }

    [Fact]
    public async Task A_role_that_is_taken_while_its_widget_is_written_has_its_turn_afterwards()
    {
        await app.GivenText("for-premium", with => with["roles"] = new JsonArray("premium"));
        Task<JsonNode>? later = null;
        app.Rival.BeforeWriteOf("GET", "/sync/pull", async () =>
        {
            later = Pull(app.As("demoted", "customer"));
            (await InTime(later)).ShouldBeNull();
        });

        await Pull(app.As("demoted", "customer", "premium"));

        app.Rival.ShouldHaveMet();
        Keys(await later!).ShouldNotContain("for-premium");
        Keys(await Pull(app.As("demoted", "customer"))).ShouldNotContain("for-premium");
    }

    /// <summary>One that waits for its turn comes to its end afterwards.</summary>
    private static async Task<JsonNode?> InTime(Task<JsonNode> pull)
    {
        await Task.WhenAny(pull, Task.Delay(Moment));
        return pull.IsCompleted ? await pull : null;
    }

    private static async Task Forbid(PhoneRaceApp on, JsonObject widget)
    {
        using var answer = await on.Admin.PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", new
        {
            version = (long)widget["version"]!,
            roles = new[] { "premium" },
        });
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
    }

    private static async Task<JsonNode> Pull(HttpClient phone) =>
        (await phone.GetFromJsonAsync<JsonNode>("/sync/pull?last_pulled_at=0"))!;

    private static List<string> Keys(JsonNode pull) =>
        [.. pull["changes"]!["home_widgets"]!["updated"]!.AsArray().Select(row => (string)row!["key"]!)];
}
