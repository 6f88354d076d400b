using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>Several want the same key at the same moment.</summary>
public class WidgetKeyRaceTests(FourEyesTests.CarefulApp app) : IClassFixture<FourEyesTests.CarefulApp>
{
    private const int Rivals = 8;

    [Fact]
    public async Task Of_many_that_create_a_widget_with_one_key_one_does_whether_it_is_new_or_archived()
    {
        await using var other = TestDatabase.IsPostgres ? await app.AnotherNode() : null;
        foreach (var round in Enumerable.Range(0, 6))
        {
            var key = $"raced-{round}";
            if (round % 3 > 0) await Archive((string)(await app.GivenText(key))["id"]!);
            // In every third it is archived meanwhile, too.
            var archived = round % 3 == 2 ? await app.GivenText(key) : null;

            var rivals = Enumerable.Range(0, Rivals).Select(i => Task.Run(async () =>
            {
                using var admin = ((HomeApp?)(i % 2 == 0 ? null : other) ?? app).As($"admin-{i}", "admin");
                return await admin.PostAsJsonAsync("/api/admin/widgets", HomeApp.Text(key));
            })).ToList();
            if (archived is not null) await Archive((string)archived["id"]!);
            var answers = await Task.WhenAll(rivals);

            var created = answers.Where(one => one.StatusCode == HttpStatusCode.Created).ToList();
            if (archived is null) created.ShouldHaveSingleItem();
            else created.Count.ShouldBeLessThanOrEqualTo(1);
            foreach (var refused in answers.Except(created))
            {
                refused.StatusCode.ShouldBe(HttpStatusCode.Conflict, await refused.Content.ReadAsStringAsync());
                (await refused.Code()).ShouldBe("widget-key-taken");
            }

            // Another node may have created it.
            await Feeds.Eventually(async () => (await app.Anonymous.Keys()).Count(one => one == key) == created.Count);
        }
    }

    [Fact]
    public async Task The_key_of_what_a_careful_team_is_just_putting_away_is_for_that_team()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one writer: nothing happens between its reads and its writes.");
        var widget = await app.GivenText("just-away", with => with["team"] = "lending");
        var address = $"/api/admin/widgets/{widget["id"]}";
        (await app.As("second", "admin").Agree(address)).StatusCode.ShouldBe(HttpStatusCode.OK);
        Task<HttpResponseMessage>? other = null;

        await app.Database.Write(async tx =>
        {
            await tx.Execute("UPDATE home_widgets SET state = 'archived', version = version + 1 WHERE key = 'just-away'");
            other ??= app.Admin.PostAsJsonAsync("/api/admin/widgets", HomeApp.Text("just-away"));
            await Rival.WaitsFor(tx);
        });

        (await (await other!).Code()).ShouldBe("widget-key-taken");
        var team = (await app.Admin.GetFromJsonAsync<JsonObject>(address))!["team"];
        ((string?)team).ShouldBe("lending");
    }

    private async Task Archive(string id) =>
        (await app.Admin.DeleteAsync($"/api/admin/widgets/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
}
