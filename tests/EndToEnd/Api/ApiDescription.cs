using System.Text.Json.Nodes;
using Kontor.Testing;

namespace Kontor.EndToEnd.Tests.Api;

/// <summary>The operations of an OpenAPI document, as far as an attacker needs to know them.</summary>
internal sealed class ApiDescription(JsonNode document)
{
    public sealed record Operation(string Method, string Path, IReadOnlyList<string> QueryParameters, JsonObject? Body);

    public static string SnapshotFile => System.IO.Path.Combine(Repository.Root, "tests/EndToEnd/Api/openapi.json");

    public static ApiDescription Snapshot() => new(JsonNode.Parse(File.ReadAllText(SnapshotFile))!);

    public IEnumerable<Operation> Operations =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Key is "get" or "post" or "put" or "patch" or "delete"
        let parameters = operation.Value!["parameters"]?.AsArray() ?? []
        select new Operation(
            operation.Key.ToUpperInvariant(),
            path.Key,
            [.. parameters.Where(parameter => (string?)parameter!["in"] == "query").Select(parameter => (string)parameter!["name"]!)],
            BodyOf(operation.Value!));

    /// <summary>The schema behind a `$ref`, or the node itself; of alternatives the one that is not null.</summary>
    public JsonObject Resolve(JsonNode schema)
    {
        if ((string?)schema["$ref"] is { } reference)
            return Resolve(document["components"]!["schemas"]![reference.Split('/')[^1]]!);
        var choice = (schema["oneOf"] ?? schema["anyOf"])?.AsArray().FirstOrDefault(option => (string?)option!["type"] != "null");
        return choice is null ? schema.AsObject() : Resolve(choice);
    }

    /// <summary>`string`, `integer`, `number`, `boolean`, `array` or `object`, and whether null is allowed too.</summary>
    public (string Type, bool Nullable) TypeOf(JsonNode schema)
    {
        var nullable = (schema["oneOf"] ?? schema["anyOf"])?.AsArray().Any(option => (string?)option!["type"] == "null") == true;
        var type = Resolve(schema)["type"];
        if (type is not JsonArray several) return ((string?)type ?? "object", nullable);
        var names = several.Select(one => (string)one!).ToList();
        return (names.First(name => name != "null"), nullable || names.Contains("null"));
    }

    /// <summary>What has no type at all takes anything.</summary>
    public bool RefusesNull(JsonNode schema) => Resolve(schema)["type"] is not null && !TypeOf(schema).Nullable;

    private JsonObject? BodyOf(JsonNode operation) =>
        operation["requestBody"]?["content"]?["application/json"]?["schema"] is { } schema ? Resolve(schema) : null;
}
