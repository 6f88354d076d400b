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
}
