using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Sources;

/// <summary>A source goes with all that it brought, and not while something still counts on it.</summary>
public class SourceEndTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task A_source_ends_with_all_that_it_told_once_no_rule_asks_for_it()
    {
        using var team = await SourceTeam.New(app);
        await team.Client.PutAsJsonAsync($"/api/home/sources/{team.Name}/attributes/stage", Stage);
        await Tell(team, 1, new { stage = "quote" });
        var rule = new JsonObject { [$"{team.Name}.stage"] = "quote" };
        var widget = await app.GivenText("asks-stage", with => with["rule"] = rule.DeepClone());
        await app.Admin.PostAsJsonAsync("/api/admin/segments", new { key = "in-quote", title = "In quote", rule });
        using var quentin = app.As("quentin");
        (await quentin.Keys()).ShouldContain("asks-stage");

        var refused = await app.Admin.DeleteAsync($"/api/admin/sources/{team.Name}");
        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var said = (await refused.Content.ReadFromJsonAsync<JsonObject>())!;
        ((string)said["code"]!).ShouldBe("source-in-use");
        said["usedBy"]!.ToJsonString().ShouldBe("""["widget asks-stage","segment in-quote"]""");
        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", new { rule = new { } });
        await app.Admin.DeleteAsync("/api/admin/segments/in-quote");

        (await app.Admin.DeleteAsync($"/api/admin/sources/{team.Name}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await (await Tell(team, 2, new { stage = "contract" })).Code()).ShouldBe("source-key-invalid");
        (await app.Admin.GetStringAsync("/api/admin/home/attributes")).ShouldNotContain(team.Name);
        (await app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM home_facts WHERE source = @name", new { name = team.Name }).AsTask())).ShouldBe(0);
    }

    private static readonly object Stage = new { type = "text", privacy = "personal", description = "How far." };

    private static Task<HttpResponseMessage> Tell(SourceTeam team, long version, object attributes) =>
        team.Client.PutAsJsonAsync($"/api/home/sources/{team.Name}/persons/quentin", new { version, attributes });
}
