using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kontor.Bench;

/// <summary>
/// The home feed of a big shop: 100,000 persons on phones and in browsers of several kinds, 60 widgets of three teams, 20 rules and 5
/// experiments. A person comes, asks a few times, and another one comes.
/// </summary>
internal sealed class HomePersons(Setup setup, string keys, int connections)
{
    public const string Name = "home feed of 100,000 persons";

    private const int Persons = 100_000;
    private const int Widgets = 60;
    private const int Experiments = 5;

    /// <summary>A visit: the feed is asked for when the app is opened, pulled down, and come back to.</summary>
    private const int AsksOfAVisit = 10;

    private static readonly string[] Platforms = ["web", "ios", "android"];
    private static readonly string[] Versions = ["2.0.1", "2.1.0", "2.3.4", "3.0.0"];
    private static readonly string[] Languages = ["en", "de"];

    /// <summary>What each person's device asks for, by the person's number.</summary>
    private static readonly string[] Targets =
    [
        .. from platform in Platforms
        from version in Versions
        from language in Languages
        select $"/api/home?platform={platform}&appVersion={version}&locale={language}",
    ];

    public async Task<Workload> Prepare()
    {
        await WriteWidgets();
        var tokens = await SignIn();
        Report.Progress("every person's first visit");
        await Parallel.ForAsync(0, Persons, new ParallelOptions { MaxDegreeOfParallelism = connections }, async (i, ct) =>
        {
            using var answer = await setup.Get(TargetOf(i), tokens[i]);
            await answer.Content.CopyToAsync(Stream.Null, ct);
        });
        var answers = new List<RecordedAnswer>();
        for (var i = 0; i < Targets.Length; i++) answers.Add(await setup.Record("GET", TargetOf(i), tokens[i]));
        return new(Name, "0.50 of bare, p99 under 5 ms", answers, caller => Visiting(tokens, caller));
    }

    private static string TargetOf(int person) => Targets[person % Targets.Length];

    /// <summary>Each caller draws persons on its own, always in the same order.</summary>
    private static Caller Visiting(string[] tokens, int caller)
    {
        var random = new Random(caller);
        byte[] request = [];
        var asked = 0;
        return connection =>
        {
            if (asked++ % AsksOfAVisit == 0)
            {
                var person = random.Next(Persons);
                request = Requests.Get(TargetOf(person), tokens[person]);
            }

            return connection.Exchange(request);
        };
    }

    private async Task WriteWidgets()
    {
        var admin = await setup.SignInAsAdmin();
        for (var i = 0; i < Experiments; i++)
        {
            await setup.Send("POST", "/api/admin/experiments", admin, new
            {
                key = $"measured-{i}",
                name = $"Measured {i}",
                hypothesis = "Nothing changes.",
            });
        }

        var there = (await setup.Send("GET", "/api/admin/widgets?state=published&limit=200", admin, null)).GetProperty("widgets");
        for (var i = 0; i < Widgets - there.GetArrayLength(); i++) await setup.Send("POST", "/api/admin/widgets", admin, Widget(i));
        for (var i = 0; i < Experiments; i++)
            await setup.Send("POST", $"/api/admin/experiments/measured-{i}/start", admin, new { });
    }

    private static JsonObject Widget(int number)
    {
        var widget = new JsonObject
        {
            ["key"] = $"measured-{number}",
            ["type"] = "text",
            ["titles"] = new JsonObject { ["en"] = $"For you, part {number}", ["de"] = $"Für Sie, Teil {number}" },
            ["content"] = new JsonObject { ["paragraphs"] = new JsonArray($"What {number} says to those who may read it.") },
            ["priority"] = 100 + (number % 7 * 10),
            ["team"] = $"team-{number % 3}",
            ["state"] = "published",
            ["rule"] = Rule(number % 20),
        };
        // One in each variation, without which none of them starts.
        if (number < 2 * Experiments)
        {
            var variation = number % 2 == 0 ? "control" : "treatment";
            widget["experiment"] = new JsonObject { ["key"] = $"measured-{number / 2}", ["variations"] = new JsonArray(variation) };
        }

        return widget;
    }

    /// <summary>Twenty of them; most persons see most of the widgets.</summary>
    private static JsonNode Rule(int number) => JsonNode.Parse((number % 5) switch
    {
        0 => $$"""{"platform": {"$in": ["{{Platforms[number % 3]}}", "{{Platforms[(number + 1) % 3]}}"]} }""",
        1 => $$"""{"appVersion": {"$vgte": "2.{{number}}.0"} }""",
        2 => $$"""{"$or": [{"language": "{{Languages[number / 5 % 2]}}"}, {"platform": "{{Platforms[number % 3]}}"}]}""",
        3 => $$"""{"$not": {"appVersion": {"$vlt": "1.{{number}}.0"} } }""",
        _ => $$"""{"$or": [{"roles": "premium"}, {"appVersion": {"$vgte": "2.{{number / 5}}.0"} }]}""",
    })!;

    /// <summary>
    /// Tokens as the server would issue them, by its own key: a hundred thousand passwords would take longer to check than all
    /// measurements.
    /// </summary>
    private async Task<string[]> SignIn()
    {
        var issued = (await setup.Register()).Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(issued[1]))!.AsObject();
        var pem = File.ReadAllLines(Directory.GetFiles(keys, "signing-*.pem").Order(StringComparer.Ordinal).First());
        using var key = ECDsa.Create();
        // The lines in front say when it was made.
        key.ImportFromPem(string.Join('\n', pem.SkipWhile(line => !line.StartsWith("-----", StringComparison.Ordinal))));
        var tokens = new string[Persons];
        for (var i = 0; i < Persons; i++)
        {
            var person = i.ToString("x12", CultureInfo.InvariantCulture);
            claims["sub"] = $"01900000-0000-7000-8000-{person}";
            claims["sid"] = $"01900000-0000-7000-9000-{person}";
            claims["jti"] = $"01900000-0000-7000-a000-{person}";
            claims["roles"] = i % 10 == 0 ? new JsonArray("customer", "premium") : new JsonArray("customer");
            var signed = $"{issued[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
            var signature = key.SignData(
                Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            tokens[i] = $"{signed}.{Base64Url.EncodeToString(signature)}";
        }

        return tokens;
    }
}
