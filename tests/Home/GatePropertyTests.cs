using System.Net.Http.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Kontor.Home.Tests.Experiments;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>
/// Whatever the gates, and whoever asked for what before: nothing of a widget whose gate forbids a reader is in anything that the server
/// sends them.
/// </summary>
public class GatePropertyTests(PhoneHomeApp app, ITestOutputHelper output) : IClassFixture<PhoneHomeApp>
{
    private const int Stories = 12;
    private const int WidgetsMax = 6;

    private static readonly string[] Roles = ["alpha", "beta", "alphabet"];
    private static readonly string[] Persons = ["p0", "p1", "p2"];

    private int _stories;
    private int _allowed;
    private int _forbidden;

    /// <param name="Mask">Of <see cref="Roles"/>, and whoever is not signed in.</param>
    /// <param name="Rule">0 for none, 1 a segment by a rule, 2 one by a list, 3 the language.</param>
    public sealed record Gate(int Mask, bool TwoFactors, int Rule, bool InTrial);

    /// <param name="Person">-1 for a stranger.</param>
    /// <param name="Asks">For the feed, the page, an explanation, what a phone keeps, or the feed again if it is another.</param>
    public sealed record Visit(int Person, int Mask, bool TwoFactors, bool IsGerman, int Asks);

    public sealed record Story(IReadOnlyList<Gate> Gates, IReadOnlyList<Visit> Visits);

    [Fact]
    public async Task What_a_gate_forbids_is_in_nothing_that_leaves_the_server()
    {
        await Segment("alphas", new JsonObject { ["rule"] = JsonNode.Parse("""{"roles": {"$elemMatch": {"$eq": "alpha"}}}""") });
        await Segment("listed", new JsonObject { ["persons"] = new JsonArray("p0", "p2") });
        await app.GivenDraft("trial");
        await app.Run("trial", "start");

        await Task.Run(() => Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(Stories),
            Prop.ForAll(Any(), story => { Tell(story).GetAwaiter().GetResult(); })));

        output.WriteLine($"{_stories} stories: {_allowed} widgets seen, {_forbidden} times one was forbidden");
        // The property is not about nothing.
        _allowed.ShouldBeGreaterThan(Stories);
        _forbidden.ShouldBeGreaterThan(10 * Stories);
    }

    private static Arbitrary<Story> Any()
    {
        var gate = from mask in Gen.Choose(0, (1 << (Roles.Length + 1)) - 1)
                   from factors in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
                   from rule in Gen.Choose(0, 3)
                   from trial in Gen.Frequency((3, Gen.Constant(false)), (1, Gen.Constant(true)))
                   select new Gate(mask, factors, rule, trial);
        var visit = from person in Gen.Choose(-1, Persons.Length - 1)
                    from mask in Gen.Choose(0, (1 << Roles.Length) - 1)
                    from factors in Gen.Elements(true, false)
                    from german in Gen.Elements(true, false)
                    from asks in Gen.Choose(0, 4)
                    select new Visit(person, mask, factors, german, asks);
        return (from gates in Gen.ListOf(gate, WidgetsMax)
                from visits in Gen.ListOf(visit, 24)
                select new Story([.. gates], [.. visits])).ToArbitrary();
    }

    private async Task Tell(Story story)
    {
        var number = Interlocked.Increment(ref _stories);
        var widgets = new List<(string Key, Gate Gate)>();
        foreach (var (i, gate) in story.Gates.Index())
        {
            var key = $"secret-{number}-{i}-x";
            await app.GivenText(key, with => Guard(with, gate));
            widgets.Add((key, gate));
        }

        foreach (var visit in story.Visits)
        {
            var own = Named(visit.Mask);
            using var client = Client(visit, own);
            foreach (var said in await Answers(client, visit))
            {
                // What a phone keeps is for every session of its owner, also for the least sure one.
                var isSure = visit.TwoFactors && visit.Asks != 3;
                foreach (var (key, gate) in widgets)
                {
                    if (Passes(gate, visit.Person >= 0, own, isSure))
                    {
                        if (said.Contains(key, StringComparison.Ordinal)) _allowed++;
                        continue;
                    }

                    _forbidden++;
                    said.ShouldNotContain(key, customMessage: $"{gate} before {visit}");
                }

                // Nor is what only another person is shown.
                foreach (var other in Persons.Where((_, i) => i != visit.Person)) said.ShouldNotContain($"yours for {other}");
            }
        }

        foreach (var (key, _) in widgets) await Archive(key);
    }

    private static void Guard(JsonObject widget, Gate gate)
    {
        var roles = Named(gate.Mask & ((1 << Roles.Length) - 1)).Select(role => (JsonNode)role).ToList();
        if (gate.Mask >> Roles.Length != 0) roles.Add("anonymous");
        widget["roles"] = new JsonArray([.. roles]);
        if (gate.TwoFactors) widget["assurance"] = "two-factors";
        if (gate.InTrial) widget["experiment"] = new JsonObject { ["key"] = "trial", ["variations"] = new JsonArray("control") };
        widget["rule"] = gate.Rule switch
        {
            1 => new JsonObject { ["$inGroup"] = "alphas" },
            2 => new JsonObject { ["id"] = new JsonObject { ["$inGroup"] = "listed" } },
            3 => new JsonObject { ["language"] = "de" },
            _ => null,
        };
    }

    /// <summary>The gate as it is documented, and not as it is written.</summary>
    private static bool Passes(Gate gate, bool isSignedIn, string[] own, bool isSure)
    {
        if (gate.TwoFactors && !(isSignedIn && isSure)) return false;
        if (gate.Mask == 0) return true;
        var isForStrangers = gate.Mask >> Roles.Length != 0;
        return isSignedIn ? own.Intersect(Named(gate.Mask)).Any() : isForStrangers;
    }

    private HttpClient Client(Visit visit, string[] own)
    {
        var client = visit.Person < 0
            ? app.Anonymous.OnDevice($"d{visit.Mask}")
            : app.As(visit.TwoFactors ? $"{Persons[visit.Person]};mfa" : Persons[visit.Person], own);
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(visit.IsGerman ? "de" : "en");
        return client;
    }

    /// <summary>All that is sent, as it is on the way: heads and bodies.</summary>
    private static async Task<List<string>> Answers(HttpClient client, Visit visit)
    {
        var locale = visit.IsGerman ? "de" : "en";
        var feed = $"/api/home?locale={locale}";
        var first = visit.Asks switch
        {
            1 => "/",
            2 => $"/api/home/explain?locale={locale}",
            3 => "/sync/pull?last_pulled_at=0",
            _ => feed,
        };
        var (said, etag) = await Get(client, first, null);
        return visit.Asks == 4 ? [said, (await Get(client, feed, etag)).Said] : [said];
    }

    private static async Task<(string Said, string? ETag)> Get(HttpClient client, string path, string? etag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (etag is not null) request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        using var answer = await client.SendAsync(request);
        return ($"{answer.Headers}{await answer.Content.ReadAsStringAsync()}", answer.Headers.ETag?.ToString());
    }

    private static string[] Named(int mask) => [.. Roles.Where((_, i) => (mask & (1 << i)) != 0)];

    private async Task Archive(string key)
    {
        var list = await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets?state=published&limit=200");
        var id = list!["widgets"]!.AsArray().Single(one => (string)one!["key"]! == key)!["id"];
        (await app.Admin.DeleteAsync($"/api/admin/widgets/{id}")).EnsureSuccessStatusCode();
    }

    private async Task Segment(string key, JsonObject who)
    {
        who["key"] = key;
        who["title"] = key;
        (await app.Admin.PostAsJsonAsync("/api/admin/segments", who)).EnsureSuccessStatusCode();
    }
}
