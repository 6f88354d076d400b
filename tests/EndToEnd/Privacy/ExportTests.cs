using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Privacy;

/// <summary>A person gets everything that is stored about them.</summary>
public class ExportTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task Everything_that_tells_of_the_person_is_in_it()
    {
        using var life = await Life.Of(app);
        using var somebodyElse = await Life.Of(app);

        var export = await life.Export();

        string[] words = [.. life.Words, .. life.WordsOfOpenOrder, .. life.WordsAsGuest];
        words.Where(word => !export.Contains(word, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
        string[] others = [somebodyElse.Person.Id, .. somebodyElse.Words, .. somebodyElse.WordsAsGuest];
        others.Where(word => export.Contains(word, StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
        export.ShouldNotContain("$argon2id", customMessage: "A hash is of use to nobody but a thief.");
    }

    [Fact]
    public async Task A_list_of_any_length_is_whole()
    {
        using var person = await app.NewPerson();
        var tasks = Enumerable.Range(0, 1234).Select(i => new
        {
            id = $"t{i}",
            title = $"Task {i}",
            description = (string?)null,
            is_completed = false,
            project_id = "",
            created_at = 1,
            updated_at = 1,
        });
        var none = Array.Empty<string>();
        var changes = new { tasks = new { created = tasks, updated = none, deleted = none } };
        (await person.Client.PostAsJsonAsync("/sync/push", new { changes, lastPulledAt = 0 })).StatusCode.ShouldBe(HttpStatusCode.OK);

        var export = await person.Client.GetFromJsonAsync<JsonNode>("/users/me/export");

        export!["planner"]!["tasks"]!.AsArray().Select(task => (string)task!["title"]!).Distinct().Count().ShouldBe(1234);
    }

    [Fact]
    public async Task Every_row_by_which_sync_knows_the_person_is_in_it()
    {
        using var person = await app.NewPerson();
        var known = await Push(person, 0, "created", new { id = "a", title = "First", is_completed = false, project_id = "" });
        await Push(person, known, "updated", new { id = "a", title = "Second", is_completed = false, project_id = "" });
        await Push(person, 5, "updated", new { id = "a", title = "Blind", is_completed = false, project_id = "" });
        var parent = new string('p', 65);
        await Push(person, 0, "created", new { id = "lost", title = "Lost", is_completed = false, project_id = parent });

        var export = await person.Client.GetStringAsync("/users/me/export");

        string[] tables = ["sync_conflicts", "sync_devices", "sync_history", "sync_marks", "sync_quarantine", "sync_users"];
        var ofPeople = await StoredText.TablesWith(app, new HashSet<string> { "user_id" });
        ofPeople.Where(table => table.StartsWith("sync_", StringComparison.Ordinal)).ShouldBe(tables, ignoreOrder: true);
        foreach (var table in tables) await ShouldHave(export, table, person.Id);
    }

    [Fact]
    public async Task It_is_a_file_that_no_cache_keeps()
    {
        using var person = await app.NewPerson();
        using var answer = await person.Client.GetAsync("/users/me/export");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        answer.Content.Headers.ContentDisposition!.DispositionType.ShouldBe("attachment");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task Only_an_admin_gets_somebody_elses()
    {
        using var life = await Life.Of(app);
        using var admin = await app.Admin();
        using var stranger = await app.NewPerson();
        var path = $"/api/admin/users/{life.Person.Id}/export";

        (await life.Export(admin.Client, path)).ShouldContain(life.Words[0]);
        (await stranger.Client.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await (await admin.Client.GetAsync("/api/admin/users/nobody/export")).Code()).ShouldBe("not-found");
        (await StoredText.Find(app, ["data-exported"])).ShouldHaveSingleItem();
    }

    /// <summary>Pushes a task, whatever the answer is; the version that the phone then has.</summary>
    private static async Task<long> Push(Person person, long known, string list, object task)
    {
        var changes = new { tasks = new Dictionary<string, object> { [list] = new[] { task } } };
        using var answer = await person.Client.PostAsJsonAsync($"/sync/push?last_pulled_at={known}", new { changes });
        return (long)(await person.Client.GetFromJsonAsync<JsonNode>("/sync/pull"))!["timestamp"]!;
    }

    /// <summary>
    /// Each value of each row of this person's, moments as a number or written out; the content of rows is checked elsewhere.
    /// </summary>
    private async Task ShouldHave(string export, string table, string userId)
    {
        var rows = 0;
        await app.Database.Read(async tx =>
        {
            await tx.Scan($"SELECT * FROM {table} WHERE user_id = @userId", new { userId }, row =>
            {
                rows++;
                for (var i = 0; i < row.FieldCount; i++)
                {
                    if (row.IsDBNull(i) || row.GetName(i) is "user_id" or "content") continue;
                    var value = Convert.ToString(row.GetValue(i), CultureInfo.InvariantCulture)!;
                    var moment = row.GetValue(i) is long at and > 1_000_000_000_000
                        ? DateTimeOffset.FromUnixTimeMilliseconds(at).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)
                        : value;
                    (export.Contains(value, StringComparison.OrdinalIgnoreCase) || export.Contains(moment, StringComparison.Ordinal))
                        .ShouldBeTrue($"{table}.{row.GetName(i)} {value} is not in {export}");
                }
            });
            return true;
        });
        rows.ShouldBeGreaterThan(0, table);
    }
}
