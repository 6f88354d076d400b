using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Kontor.Home.Tests.Experiments;
using Kontor.Home.Tests.Insight;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.GateStories;

namespace Kontor.Home.Tests;

/// <summary>
/// Whatever the gates, and whoever asked for what before: nothing of a widget whose gate forbids a reader is in anything that the server
/// sends them, nor what is shown to others only.
/// </summary>
public class GatePropertyTests(PhoneHomeApp app, ITestOutputHelper output) : IClassFixture<PhoneHomeApp>
{
    private const int Stories = 12;

    private readonly Dictionary<string, string> _variations = [];

    /// <summary>What somebody got by which tag.</summary>
    private readonly Dictionary<string, string> _tags = [];

    private int _stories;
    private int _allowed;
    private int _forbidden;
    private int _unchanged;

    [Fact]
    public async Task What_a_gate_forbids_is_in_nothing_that_leaves_the_server()
    {
        await Segment("alphas", new JsonObject { ["rule"] = JsonNode.Parse("""{"roles": {"$elemMatch": {"$eq": "alpha"}}}""") });
        await Segment("listed", new JsonObject { ["persons"] = new JsonArray([.. Listed.Select(one => (JsonNode)one)]) });
        await app.GivenTrial("trial");
        using var team = await SourceTeam.New(app, with => with["personal"] = true);
        await team.Push(1, "Told to alphas only.", new { segment = "alphas" }, ttl: 3600);
        await team.Push(1, "Told to p0 only.", new { userId = "p0" }, ttl: 3600);

        await Task.Run(() => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Stories),
            Prop.ForAll(Any(), story => { Tell(story).GetAwaiter().GetResult(); })));

        output.WriteLine($"{_stories} stories: {_allowed} widgets seen, {_forbidden} times one was forbidden, {_unchanged} times 304");
        // The property is not about nothing.
        _allowed.ShouldBeGreaterThan(Stories);
        _forbidden.ShouldBeGreaterThan(10 * Stories);
        _unchanged.ShouldBeGreaterThan(0);
    }

    private async Task Tell(Story story)
    {
        var number = Interlocked.Increment(ref _stories);
        _tags.Clear();
        var widgets = new List<(string Key, string Id, Gate Gate)>();
        foreach (var (i, gate) in story.Gates.Index())
        {
            var key = $"secret-{number}-{i}-x";
            var made = await app.GivenText(key, with => gate.Guard(with, app.Clock.GetUtcNow()));
            widgets.Add((key, (string)made["id"]!, gate));
        }

        foreach (var visit in story.Visits)
        {
            using var client = Client(visit);
            foreach (var said in await Answers(client, visit, widgets))
            {
                foreach (var (key, id, gate) in widgets) Hold(said, visit, key, id, gate);
                HoldOthers(said, visit);
            }
        }

        foreach (var (_, id, _) in widgets) (await app.Admin.DeleteAsync($"/api/admin/widgets/{id}")).EnsureSuccessStatusCode();
    }

    private void Hold(string said, Visit visit, string key, string id, Gate gate)
    {
        // Why a widget is hidden is told to whoever its gate lets pass; a feed has only what is shown.
        var may = visit.Ask is Ask.Explanation or Ask.Events ? gate.Passes(visit) : gate.IsShown(visit);
        if (may && visit.Ask != Ask.Administration)
        {
            if (said.Contains(key, StringComparison.Ordinal)) _allowed++;
            return;
        }

        _forbidden++;
        said.ShouldNotContain(key, customMessage: $"{gate} before {visit}");
        if (visit.Ask != Ask.Events) said.ShouldNotContain(id, customMessage: $"{gate} before {visit}");
    }

    private void HoldOthers(string said, Visit visit)
    {
        foreach (var other in Persons.Where((_, i) => i != visit.Person)) said.ShouldNotContain($"yours for {other}");
        if (visit.Person != 0) said.ShouldNotContain("Told to p0 only.");
        if (!visit.Own.Contains("alpha")) said.ShouldNotContain("Told to alphas only.");
        if (visit.Ask is Ask.Explanation or Ask.Events or Ask.Administration || said.EndsWith('\n')) return;
        // Of an experiment everybody sees one variation, and always the same.
        var unit = visit.Person < 0 ? $"d{visit.Mask}" : Persons[visit.Person];
        if (visit is { Person: < 0, Ask: Ask.Phone } || (!said.Contains("trial-control") && !said.Contains("trial-bold"))) return;
        var seen = string.Join(' ', new[] { "trial-control", "trial-bold" }.Where(one => said.Contains(one, StringComparison.Ordinal)));
        seen.ShouldBe(_variations.GetValueOrDefault(unit, seen.Split(' ')[0]), $"{visit}");
        _variations[unit] = seen;
    }

    private HttpClient Client(Visit visit)
    {
        var client = visit.Person < 0
            ? app.Anonymous.OnDevice($"d{visit.Mask}")
            : app.As(visit.TwoFactors ? $"{Persons[visit.Person]};mfa" : Persons[visit.Person], visit.Own);
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(visit.IsGerman ? "de" : "en");
        return client;
    }

    /// <summary>All that is sent, as it is on the way: heads and bodies.</summary>
    private async Task<List<string>> Answers(HttpClient client, Visit visit, List<(string Key, string Id, Gate Gate)> widgets)
    {
        var locale = visit.IsGerman ? "de" : "en";
        var feed = $"/api/home?locale={locale}";
        return visit.Ask switch
        {
            Ask.Page => [(await Get(client, "/")).Said],
            Ask.Explanation => [(await Get(client, $"/api/home/explain?locale={locale}")).Said],
            Ask.Phone => [(await Get(client, "/sync/pull?last_pulled_at=0")).Said],
            Ask.Changed => await Changed(client, feed),
            Ask.Events => [await Events(client, visit, widgets)],
            Ask.Administration => await Administration(client, widgets),
            _ => [await Remembered(client, feed)],
        };
    }

    private async Task<string> Remembered(HttpClient client, string feed)
    {
        var (said, etag, _) = await Get(client, feed);
        // One tag stands for one feed, whoever gets it.
        if (!_tags.TryAdd(etag!, Widgets(said))) Widgets(said).ShouldBe(_tags[etag!]);
        return said;
    }

    /// <summary>By everybody's tags: whoever is told that nothing is new has just what the tag stands for.</summary>
    private async Task<List<string>> Changed(HttpClient client, string feed)
    {
        var own = await Remembered(client, feed);
        List<string> all = [own];
        foreach (var (tag, theirs) in _tags.ToList())
        {
            var (said, etag, status) = await Get(client, feed, tag);
            all.Add(said);
            if (status != HttpStatusCode.NotModified) continue;
            Widgets(own).ShouldBe(theirs);
            etag.ShouldBe(tag);
            _unchanged++;
        }

        return all;
    }

    /// <summary>What is forbidden is answered as what there is not.</summary>
    private async Task<string> Events(HttpClient client, Visit visit, List<(string Key, string Id, Gate Gate)> widgets)
    {
        if (widgets.Count == 0) return "";
        var events = widgets.Select(one => app.Event(one.Id, id: $"{one.Key}-{Guid.NewGuid():n}")).ToList();
        var answer = await client.Post([.. events]);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var told = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        var ignored = told["ignored"]!.AsArray().Select(one => $"{one!["id"]} {one["reason"]}").ToHashSet();
        foreach (var ((_, _, gate), sent) in widgets.Zip(events))
        {
            // One for strangers is no secret to those who were strangers before they signed in.
            var mayKnow = gate.Passes(visit) || (gate is { IsForStrangers: true, TwoFactors: false });
            ignored.Contains($"{sent["id"]} unknown-widget").ShouldBe(!mayKnow, $"{gate} before {visit}");
        }

        return "";
    }

    private static async Task<List<string>> Administration(HttpClient client, List<(string Key, string Id, Gate Gate)> widgets)
    {
        List<string> paths =
        [
            "/api/admin/widgets", "/api/admin/home/analytics", "/admin/widgets",
            "/admin/home/preview?kind=signed-in&previewRoles=alpha,beta",
            "/api/home/explain?userId=p0&roles=alpha,beta,alphabet&assurance=two-factors", "/api/home?variation=trial:1",
            .. widgets.Select(one => $"/api/admin/widgets/{one.Id}/revisions"),
        ];
        var said = new List<string>();
        foreach (var path in paths)
        {
            var (text, _, status) = await Get(client, path);
            status.ShouldBeOneOf(HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized, HttpStatusCode.Redirect, HttpStatusCode.NotFound);
            // A person's own path is no secret to them.
            said.Add(widgets.Aggregate(text, (all, one) => all.Replace($"/api/admin/widgets/{one.Id}/revisions", "")));
        }

        using var tried = await client.PostAsJsonAsync(
            "/api/admin/home/simulate", new { draft = new { widget = widgets.FirstOrDefault().Key ?? "none", change = new { } } });
        tried.StatusCode.ShouldBeOneOf(HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized);
        return [.. said, await tried.Content.ReadAsStringAsync()];
    }

    /// <summary>Of a feed, without what is of its moment.</summary>
    private static string Widgets(string said) =>
        said[said.IndexOf("{\"widgets\"", StringComparison.Ordinal)..said.LastIndexOf(",\"feedId\"", StringComparison.Ordinal)];

    private static async Task<(string Said, string? ETag, HttpStatusCode Status)> Get(HttpClient client, string path, string? etag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (etag is not null) request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        using var answer = await client.SendAsync(request);
        return ($"{answer.Headers}{await answer.Content.ReadAsStringAsync()}", answer.Headers.ETag?.ToString(), answer.StatusCode);
    }

    private async Task Segment(string key, JsonObject who)
    {
        who["key"] = key;
        who["title"] = key;
        (await app.Admin.PostAsJsonAsync("/api/admin/segments", who)).EnsureSuccessStatusCode();
    }
}
