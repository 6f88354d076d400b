using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>
/// A quote becomes a contract, or whatever else a product tells: the person's feed is another one on all their devices and on every node,
/// at once where it was told, and nobody else's is.
/// </summary>
public class FreshFeedTests(HomeApp app, ITestOutputHelper output) : IClassFixture<HomeApp>
{
    private const int Changes = 10;

    public static TheoryData<string> Ways =>
        ["attribute", "segment's content", "list of a segment", "own content", "event", "event in this process"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_a_product_tells_changes_the_persons_feed_on_every_device_and_node(string way)
    {
        var ada = $"ada-{Guid.NewGuid():n}"[..12];
        using var team = await SourceTeam.New(app, with => with["personal"] = true);
        var (widget, change) = await Told(way, team, ada);
        await using var other = TestDatabase.IsPostgres ? (HomeApp)await app.AnotherNode() : null;
        HttpClient[] here = [app.As(ada, "customer"), app.As(ada, "customer")];
        HttpClient[] there = other is null ? [] : [other.As(ada, "customer"), other.As(ada, "customer")];
        using var bob = app.As(Neighbour(ada), "customer");
        string[] devices = ["?platform=ios", "?platform=web"];
        var late = new List<double>();
        for (var i = 1; i <= Changes; i++)
        {
            // Both nodes have the feed as it was in memory.
            foreach (var client in here.Concat(there).Append(bob)) await client.Feed();
            var expected = await change(i);
            var began = Stopwatch.GetTimestamp();
            // Whoever acted reads it with their next request.
            foreach (var (client, device) in here.Zip(devices))
            {
                if (await Says(client, widget, device) is var said && said != expected)
                    Assert.Fail($"{i} {device}: {said} instead of {expected}\n{await client.GetStringAsync("/api/home/explain" + device)}");
            }

            foreach (var (client, device) in there.Zip(devices))
                await Feeds.Eventually(async () => await Says(client, widget, device) == expected);
            late.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            (await Says(bob, widget, "")).ShouldBe(widget == TestSource.Yours ? "For bob." : "For all.");
        }

        output.WriteLine($"{way}: {string.Join(' ', late.Select(ms => $"{ms:0}"))} ms until {2 + there.Length} devices had it");
        // Far more than a signal takes, and less than the second in which each node looks for itself.
        late.Order().ElementAt(Changes / 2).ShouldBeLessThan(1000);
    }

    /// <returns>The widget, and what brings about the next change and answers what it says then.</returns>
    private async Task<(string Widget, Func<int, Task<string>> Change)> Told(string way, SourceTeam team, string ada)
    {
        if (way == "event in this process")
        {
            InProcess(ada, "For all.");
            return (TestSource.Yours, i => TellInProcess(ada, i));
        }

        var segment = team.Name;
        await Fine(team.Push(1, "For all."));
        if (way == "attribute")
        {
            await Fine(team.Client.PutAsJsonAsync(
                $"/api/home/sources/{team.Name}/attributes/stage", new { type = "text", privacy = "personal", description = "How far." }));
            await Segment(new { key = segment, title = segment, rule = new JsonObject { [$"{team.Name}.stage"] = "contract" } });
        }
        else if (way is "segment's content" or "list of a segment")
        {
            await Segment(new { key = segment, title = segment, persons = way == "list of a segment" ? new[] { "carl" } : [ada] });
        }

        if (way is "attribute" or "list of a segment") await Fine(team.Push(1, "For contracts.", new { segment }));
        return (team.Widget, way switch
        {
            "attribute" => i => TellAttribute(team, ada, i),
            "segment's content" => i => Push(team, new { segment }, i),
            "list of a segment" => i => ChangeList(segment, ada, i),
            "own content" => i => Push(team, new { userId = ada }, i),
            _ => i => PushAndWithdraw(team, ada, i),
        });
    }

    private void InProcess(string ada, string said) => app.Source.Answer = (_, user, _) =>
        TestSource.Says(user == ada ? said : user == Neighbour(ada) ? "For bob." : "For all.");

    private async Task<string> TellInProcess(string ada, int i)
    {
        InProcess(ada, $"The {i}th.");
        await app.Database.Write(tx =>
        {
            new WidgetStale("test", "yours", ada).Tell(tx);
            return Task.CompletedTask;
        });
        return $"The {i}th.";
    }

    private static async Task<string> TellAttribute(SourceTeam team, string ada, int i)
    {
        var attributes = new { stage = i % 2 == 1 ? "contract" : "quote" };
        await Fine(team.Client.PutAsJsonAsync($"/api/home/sources/{team.Name}/persons/{ada}", new { version = i, attributes }));
        return i % 2 == 1 ? "For contracts." : "For all.";
    }

    private static async Task<string> Push(SourceTeam team, object audience, int i)
    {
        await Fine(team.Push(i, $"The {i}th.", audience));
        return $"The {i}th.";
    }

    private async Task<string> ChangeList(string segment, string ada, int i)
    {
        object change = i % 2 == 1 ? new { add = new[] { ada } } : new { remove = new[] { ada } };
        (await app.Admin.PatchAsJsonAsync($"/api/admin/segments/{segment}", change)).StatusCode.ShouldBe(HttpStatusCode.OK);
        return i % 2 == 1 ? "For contracts." : "For all.";
    }

    private static async Task<string> PushAndWithdraw(SourceTeam team, string ada, int i)
    {
        if (i % 2 == 1) return await Push(team, new { userId = ada }, i);
        (await team.Tell(ada)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        return "For all.";
    }

    private static string Neighbour(string ada) => $"bob-of-{ada}";

    private async Task Segment(object segment) =>
        (await app.Admin.PostAsJsonAsync("/api/admin/segments", segment)).StatusCode.ShouldBe(HttpStatusCode.Created);

    private static async Task Fine(Task<HttpResponseMessage> answer) => (await answer).StatusCode.ShouldBe(HttpStatusCode.NoContent);

    private static async Task<string?> Says(HttpClient client, string key, string query) => (await client.Feed(query))
        .GetProperty("widgets").EnumerateArray()
        .Where(widget => widget.GetProperty("key").GetString() == key)
        .Select(widget => widget.GetProperty("content").GetProperty("paragraphs")[0].GetString())
        .SingleOrDefault();
}
