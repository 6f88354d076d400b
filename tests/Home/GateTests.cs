using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>A widget forbidden by its gate never leaves the server, whoever asked before and whatever is cached.</summary>
public class GateTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task A_gate_lets_pass_who_has_one_of_its_roles()
    {
        await app.GivenText("gate-none");
        await app.GivenText("gate-premium", with => with["roles"] = new JsonArray("premium"));
        await app.GivenText("gate-either", with => with["roles"] = new JsonArray("premium", "customer"));
        await app.GivenText("gate-strangers", with => with["roles"] = new JsonArray("anonymous"));

        (await Seen(app.Anonymous)).ShouldBe(["gate-none", "gate-strangers"], ignoreOrder: true);
        (await Seen(app.As("a"))).ShouldBe(["gate-none"]);
        (await Seen(app.As("b", "customer"))).ShouldBe(["gate-either", "gate-none"], ignoreOrder: true);
        (await Seen(app.As("c", "premium"))).ShouldBe(["gate-either", "gate-none", "gate-premium"], ignoreOrder: true);
        // An admin is a person like any other to the feed.
        (await Seen(app.As("d", "admin"))).ShouldBe(["gate-none"]);
        // No name of a role is taken for a part of another, and nobody becomes a stranger by a role of that name.
        (await Seen(app.As("e", "prem", "premium-plus", "anonymous", "premium."))).ShouldBe(["gate-none"]);
    }

    [Fact]
    public async Task A_personal_widget_is_not_for_strangers_even_if_its_gate_says_so()
    {
        (await app.Anonymous.Keys()).ShouldNotContain(TestSource.Yours);
        (await app.As("somebody").Keys()).ShouldContain(TestSource.Yours);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whoever_asks_in_whatever_order_sees_exactly_what_the_gates_allow(int seed)
    {
        var random = new Random(seed);
        string[] roles = ["alpha", "beta", "gamma", "alphabet"];
        var gates = new Dictionary<string, string[]>();
        for (var i = 0; i < 10; i++)
        {
            var gate = roles.Append("anonymous").Where(_ => random.Next(3) == 0).ToArray();
            var key = $"mixed-{seed}-{i}";
            gates[key] = gate;
            await app.GivenText(key, with => with["roles"] = new JsonArray([.. gate.Select(role => (JsonNode)role)]));
        }

        // Each mix of roles, signed in and not, three times over, so that most answers come from what an earlier reader left in the cache.
        var readers = Enumerable.Range(0, 16).SelectMany(mix => new[] { true, false }.Select(isSignedIn => (mix, isSignedIn)))
            .Where(reader => reader.isSignedIn || reader.mix == 0);
        var asked = readers.Concat(readers).Concat(readers).ToArray();
        random.Shuffle(asked);
        foreach (var (mix, isSignedIn) in asked)
        {
            var own = roles.Where((_, i) => (mix & (1 << i)) != 0).ToArray();
            random.Shuffle(own);
            using var client = isSignedIn ? app.As($"reader-{mix}", [.. own, "unrelated"]) : app.Anonymous;
            var query = random.Next(2) == 0 ? "" : "?renderers=text,hero&locale=de";

            var seen = (await client.Keys(query)).Where(gates.ContainsKey).Order(StringComparer.Ordinal);

            seen.ShouldBe(gates
                .Where(gate => gate.Value.Length == 0 || (isSignedIn ? gate.Value.Intersect(own).Any() : gate.Value.Contains("anonymous")))
                .Select(gate => gate.Key).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task Nobody_sees_anothers_personal_widget_however_many_ask_at_once()
    {
        var persons = Enumerable.Range(0, 40).Select(i => $"person-{i}").ToArray();

        var answers = await Task.WhenAll(persons.Concat(persons).Select(async person =>
        {
            using var client = app.As(person, "customer");
            return (person, says: await client.Says(TestSource.Yours));
        }));

        foreach (var (person, says) in answers) says.ShouldBe($"yours for {person}");
    }

    private static async Task<List<string>> Seen(HttpClient client) =>
        [.. (await client.Keys()).Where(key => key.StartsWith("gate-", StringComparison.Ordinal))];
}
