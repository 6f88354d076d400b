using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Home.Tests.Pulled;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Sources;

/// <summary>Admins let systems in, see how they fare and write contracts, on pages and without JavaScript.</summary>
public class SourcePageTests(PullingApp app) : IClassFixture<PullingApp>
{
    [Fact]
    public async Task A_source_is_let_in_given_keys_and_ended_on_its_pages()
    {
        using var kim = await new FormBrowser(app, "kim;admin").Open("/admin/sources");
        await kim.Send("/admin/sources", null, ("key", "Bad Key"), ("team", "pages"));
        kim.Status.ShouldBe(HttpStatusCode.BadRequest);
        kim.Value("/admin/sources", "key").ShouldBe("Bad Key");
        await kim.Send("/admin/sources", null, ("key", "paged"));
        kim.Path.ShouldBe("/admin/sources/paged?saved=1");

        await kim.Send("/admin/sources/paged/keys", null);
        var secret = kim.Words.Split(' ').Single(word => word.StartsWith("paged.", StringComparison.Ordinal));
        using var team = SourceTeam.ClientWith(app, secret);
        (await team.PostAsJsonAsync("/api/home/sources/paged/events", new { events = new[] { new { key = "none" } } })).StatusCode
            .ShouldBe(HttpStatusCode.Accepted);
        await kim.Open("/admin/sources/paged");
        kim.Html.ShouldNotContain(secret);
        var id = (await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/sources/paged")).GetProperty("keys")[0].GetProperty("id");
        await kim.Send($"/admin/sources/paged/keys/{id}/end", null);
        (await (await team.PostAsJsonAsync("/api/home/sources/paged/events", new { events = new[] { new { key = "none" } } })).Code())
            .ShouldBe("source-key-invalid");

        await kim.Send("/admin/sources/paged/end", null, ("sure", "true"));
        kim.Path.ShouldBe("/admin/sources");
        kim.Words.ShouldNotContain("paged");
        await kim.Open("/admin/sources/paged");
        kim.Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task How_it_is_pulled_is_declared_tried_and_seen_to_fail()
    {
        await using var source = await OutsideSource.New(app);
        source.Answer = http => Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
            http.Response, """{"snapshots": [{"key": "offer", "version": 1, "type": "text", "content": {"paragraphs": ["<b>", 7]}}]}""");
        var page = $"/admin/sources/{source.Name}";
        using var kim = await new FormBrowser(app, "kim;admin").Open(page);
        await kim.Send(page, "save", ("url", "http://10.0.0.1/"), ("secret", "never-shown-again"));
        kim.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        kim.Value(page, "url").ShouldBe("http://10.0.0.1/");
        kim.Html.ShouldNotContain("never-shown-again");
        await kim.Send(page, "save", ("url", source.Address.ToString()), ("timeoutMs", "many"));
        kim.Status.ShouldBe(HttpStatusCode.BadRequest);

        await kim.Send(page, "save", ("timeoutMs", "1500"), ("callsPerMinute", "600"));
        kim.Path.ShouldEndWith("?saved=1", customMessage: kim.Words);
        await Eventually(async () => (await source.DeadLetters()).Count == 1);
        await kim.Open(page);
        kim.Words.ShouldContain("content-invalid");
        kim.Words.ShouldContain("/paragraphs/1");
        kim.Html.ShouldContain("&lt;b&gt;");
        kim.Words.ShouldContain("0 taken, 1 refused");
        using var german = await new FormBrowser(app, "kim;admin", "de").Open(page);
        german.Words.ShouldContain("0 übernommen, 1 abgewiesen");
        await Eventually(async () =>
        {
            await kim.Send($"{page}/verify", null, ("type", "text@1"));
            return kim.Status == HttpStatusCode.OK;
        });
        kim.Words.ShouldContain("Broken");

        await kim.Send(page, "stop");
        kim.Words.ShouldContain("It pushes");
        await german.Open(page);
        german.Words.ShouldContain("Unzustellbares");
    }

    [Fact]
    public async Task A_type_is_written_limited_tried_and_deleted_on_its_pages()
    {
        using var kim = await new FormBrowser(app, "kim;admin").Open("/admin/types");
        await kim.Send("/admin/types", null, ("key", "paged-type"), ("schema", "{"));
        kim.Status.ShouldBe(HttpStatusCode.BadRequest);
        await kim.Send("/admin/types", null, ("schema", """{"type": "object", "required": ["paragraphs"]}"""));
        kim.Path.ShouldBe("/admin/types/paged-type@1?saved=1");

        const string page = "/admin/types/paged-type@1";
        await kim.Send(page, null, ("fallback", "nothing"));
        kim.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        kim.Value(page, "fallback").ShouldBe("nothing");
        await kim.Send(page, null, ("maxBytes", "many"), ("fallback", "text"));
        kim.Status.ShouldBe(HttpStatusCode.BadRequest);
        await kim.Send(page, null, ("maxBytes", "200"), ("examples", """[{"paragraphs": ["<i>"]}]"""));
        kim.Path.ShouldEndWith("?saved=1", customMessage: kim.Words);
        kim.Words.ShouldContain("paged-type@1 → text@1 → left out");
        kim.Value(page, "maxBytes").ShouldBe("200");

        await kim.Send($"{page}/verify", null, ("content", """{"paragraphs": []}"""));
        kim.Words.ShouldContain("fallback text@1");
        kim.Words.ShouldContain("Not needed");
        await kim.Send($"{page}/verify", null, ("content", "{}"));
        kim.Words.ShouldContain("Broken");
        await kim.Send($"{page}/verify", null, ("content", "no json"));
        kim.Status.ShouldBe(HttpStatusCode.BadRequest);

        await kim.Open("/admin/types?from=paged-type@1");
        kim.Value("/admin/types", "key").ShouldBe("paged-type");
        await kim.Send("/admin/types", null);
        kim.Path.ShouldBe("/admin/types/paged-type@2?saved=1");
        await kim.Send("/admin/types/paged-type@2/delete", null, ("sure", "true"));
        kim.Path.ShouldBe("/admin/types");
        (await kim.Open("/admin/types/paged-type@2")).Status.ShouldBe(HttpStatusCode.NotFound);
        (await kim.Open("/admin/types/hero@1")).Words.ShouldContain("One large picture");
        // What is left empty is not without a limit.
        kim.Words.ShouldContain("Bytes of content (optional) Empty: 65,536");
        kim.Words.ShouldContain("Fresh for at most (seconds) (optional) Empty: 2,592,000");
    }

    [Fact]
    public async Task Nobody_else_sees_them()
    {
        foreach (var path in new[] { "/admin/types", "/admin/types/text@1", "/admin/sources", "/admin/sources/test" })
        {
            (await app.As("eve", "customer").GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await app.Anonymous.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Found);
            (await app.Admin.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
    }
}
