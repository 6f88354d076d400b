using System.Text;
using System.Text.Json.Nodes;

namespace Kontor.EndToEnd.Tests.Api;

/// <summary>Requests that no endpoint may take, made from the description of what it does take.</summary>
internal static class Attacks
{
    /// <param name="Name">What is wrong, for the message of a failed test.</param>
    /// <param name="MustRefuse">Whether nothing but 4xx will do; else only a 5xx is a failure.</param>
    public sealed record Attack(string Name, string PathAndQuery, HttpContent? Body, bool MustRefuse);

    /// <summary>U+FFFE, which the framework will not normalise; a change of direction, Hebrew, and an accent.</summary>
    private const string OddText = "%EF%BF%BE%E2%80%AE%D7%90%CC%81";

    private static readonly string[] OddPathParts =
        ["nope", "%F0%9F%98%80", "..%2F..%2Fetc", "'--", new string('x', 1500), "-1", "%20", OddText];

    private static readonly string[] OddQueryValues =
    [
        "", "-1", "999999999999999999999999", "NaN", "1e400", "%F0%9F%98%80", "'%20OR%201=1--", "%25_%25", "null", "a&a",
        new string('x', 3000), OddText,
    ];

    public static IEnumerable<Attack> On(ApiDescription api, ApiDescription.Operation operation)
    {
        var path = FillPath(operation.Path, "nope");
        foreach (var odd in operation.Path.Contains('{', StringComparison.Ordinal) ? OddPathParts : [])
            yield return new($"path part {Short(odd)}", FillPath(operation.Path, odd), operation.Body is null ? null : Json("{}"), false);
        foreach (var parameter in operation.QueryParameters)
        {
            foreach (var odd in OddQueryValues) yield return new($"{parameter}={Short(odd)}", $"{path}?{parameter}={odd}", null, false);
            yield return new($"{parameter} with NUL", $"{path}?{parameter}=a%00b", null, true);
        }

        if (operation.Body is null) yield break;
        foreach (var attack in OnBody(path)) yield return attack;
        foreach (var attack in OnProperties(api, operation.Body, path)) yield return attack;
    }

    private static IEnumerable<Attack> OnBody(string path)
    {
        foreach (var broken in new[] { "", "{", "nul", "[1,2", "\"text\"", "7", "{}x", "{\"a\":1,}", new string('[', 5000) })
            yield return new($"body {Short(broken)}", path, Json(broken), true);
        yield return new("body null", path, Json("null"), true);
        yield return new("invalid UTF-8", path, Bytes([.. "{\""u8, 0xC3, 0x28, .. "\":1}"u8]), false);
        yield return new("10 MB", path, Json($$"""{"x": "{{new string('x', 10_000_000)}}"}"""), true);
        yield return new("no content type", path, new ByteArrayContent("{}"u8.ToArray()), false);
        yield return new("XML", path, new StringContent("<a/>", Encoding.UTF8, "application/xml"), true);
    }

    private static IEnumerable<Attack> OnProperties(ApiDescription api, JsonObject schema, string path)
    {
        if (schema["properties"] is not JsonObject properties) yield break;
        var required = schema["required"]?.AsArray().Select(name => (string)name!).ToHashSet() ?? [];
        foreach (var (name, property) in properties)
        {
            var (type, nullable) = api.TypeOf(property!);
            if (required.Contains(name)) yield return new($"without {name}", path, Json(Example(api, schema, name, null)), true);
            foreach (var (wrong, mustRefuse) in WrongValues(type, nullable))
                yield return new($"{name}: {Short(wrong)}", path, Json(Example(api, schema, name, wrong)), mustRefuse);
            foreach (var (wrong, mustRefuse) in NullsInside(api, property!, depthMax: 5))
                yield return new($"{name}: {wrong}", path, Json(Example(api, schema, name, wrong)), mustRefuse);
        }
    }

    /// <summary>Plausible values with null in each list and each dictionary, however deep, one at a time.</summary>
    private static IEnumerable<(string Json, bool MustRefuse)> NullsInside(ApiDescription api, JsonNode schema, int depthMax)
    {
        var value = api.Resolve(schema);
        if (depthMax == 0) yield break;
        if (value["items"] is { } item)
        {
            yield return ("[null]", api.RefusesNull(item));
            foreach (var (inner, mustRefuse) in NullsInside(api, item, depthMax - 1)) yield return ($"[{inner}]", mustRefuse);
        }

        if (value["additionalProperties"] is JsonObject entry)
        {
            yield return ("{\"en\": null}", api.RefusesNull(entry));
            foreach (var (inner, mustRefuse) in NullsInside(api, entry, depthMax - 1)) yield return ($"{{\"en\": {inner}}}", mustRefuse);
        }

        foreach (var (name, property) in value["properties"] as JsonObject ?? [])
        {
            foreach (var (inner, mustRefuse) in NullsInside(api, property!, depthMax - 1))
                yield return (Example(api, value, name, inner), mustRefuse);
        }
    }

    private static IEnumerable<(string Json, bool MustRefuse)> WrongValues(string type, bool nullable)
    {
        if (!nullable) yield return ("null", true);
        var others = new (string Type, string Json)[]
        {
            ("string", "\"x\""), ("integer", "7"), ("boolean", "true"), ("array", "[7]"), ("object", "{\"a\": 7}"),
        };
        foreach (var other in others)
        {
            if (other.Type != type && !(type == "number" && other.Type == "integer")) yield return (other.Json, type is not "object");
        }

        if (type == "string")
        {
            yield return ("\"a\\u0000b\"", true);
            yield return ("\"\\ud800\"", true);
            yield return ($"\"{Uri.UnescapeDataString(OddText)}\"", false);
            yield return ($"\"text {Uri.UnescapeDataString(OddText)}\"", false);
            yield return ($"\"{new string('x', 300_000)}\"", false);
        }

        if (type is not ("integer" or "number")) yield break;
        foreach (var odd in new[] { "1e400", "-1e400", "9223372036854775808", "79228162514264337593543950336" }) yield return (odd, true);
        foreach (var odd in new[] { "-1", "0", "9223372036854775807", "0.001" }) yield return (odd, false);
    }

    /// <summary>A body with plausible values but for one member, which is left out or has the given JSON.</summary>
    private static string Example(ApiDescription api, JsonObject schema, string attacked, string? json)
    {
        var members = schema["properties"]!.AsObject()
            .Where(property => property.Key != attacked)
            .Select(property => $"{JsonValue.Create(property.Key).ToJsonString()}: {Plausible(api, property.Key, property.Value!)}");
        if (json is not null) members = members.Append($"\"{attacked}\": {json}");
        return $"{{{string.Join(", ", members)}}}";
    }

    private static string Plausible(ApiDescription api, string name, JsonNode schema) => (api.TypeOf(schema).Type, name) switch
    {
        (_, "email") => "\"somebody@kontor.example\"",
        (_, "password") => "\"a plausible password\"",
        (_, "country") => "\"DE\"",
        (_, "method") => "\"invoice\"",
        ("string", _) => "\"text\"",
        ("integer" or "number", _) => "1",
        ("boolean", _) => "true",
        ("array", _) => "[]",
        _ => Example(api, WithProperties(api.Resolve(schema)), "", null),
    };

    private static JsonObject WithProperties(JsonObject schema) =>
        schema["properties"] is null ? new JsonObject { ["properties"] = new JsonObject() } : schema;

    private static string FillPath(string path, string part) =>
        string.Join('/', path.Split('/').Select(segment => segment.StartsWith('{') ? part : segment));

    private static StringContent Json(string text) => new(text, Encoding.UTF8, "application/json");

    private static ByteArrayContent Bytes(byte[] bytes) => new(bytes) { Headers = { ContentType = new("application/json") } };

    private static string Short(string text) => text.Length > 24 ? $"{text[..24]}... ({text.Length})" : text;
}
