using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kontor.Home.Widgets.Types;

/// <summary>
/// How content of one type becomes content of another: each member of the result names where its value stands, by a JSON Pointer (RFC
/// 6901). What is not there is left out. There is nothing to compute, so a mapping can be read, and cannot fail or take long.
/// </summary>
internal sealed class ContentMapping
{
    private const int DepthMax = 8;

    private readonly JsonElement _template;

    private ContentMapping(JsonElement template) => _template = template;

    /// <summary>Throws a <see cref="FormatException"/> that says what is wrong.</summary>
    public static ContentMapping Parse(JsonElement template)
    {
        if (WidgetContent.Written(template) is null) throw new FormatException("It has text that is not valid Unicode.");
        if (template.ValueKind != JsonValueKind.Object || IsOperator(template))
            throw new FormatException("A mapping is an object of members.");
        Check(template, 0);
        return new(template.Clone());
    }

    public JsonElement Apply(JsonElement content) => JsonSerializer.SerializeToElement(Build(_template, content));

    private static bool IsOperator(JsonElement part) => part.TryGetProperty("each", out _) || part.TryGetProperty("const", out _);

    private static void Check(JsonElement part, int depth)
    {
        if (depth > DepthMax) throw new FormatException($"A mapping has at most {DepthMax} levels.");
        switch (part.ValueKind)
        {
            case JsonValueKind.String when part.GetString() is "" or ['/', ..]:
                return;
            case JsonValueKind.Object when part.TryGetProperty("const", out _) && part.EnumerateObject().Count() == 1:
                return;
            case JsonValueKind.Object when part.TryGetProperty("each", out var each):
                if (each.ValueKind != JsonValueKind.String || each.GetString() is not ['/', ..])
                    throw new FormatException("`each` is a JSON Pointer.");
                if (!part.TryGetProperty("to", out var to) || part.EnumerateObject().Count() != 2)
                    throw new FormatException("With `each` stands `to`, and nothing else.");
                Check(to, depth + 1);
                return;
            case JsonValueKind.Object:
                foreach (var member in part.EnumerateObject()) Check(member.Value, depth + 1);
                return;
            default:
                throw new FormatException("A part of a mapping is a JSON Pointer (\"/title\"), an object, `each` with `to`, or `const`.");
        }
    }

    private static JsonNode? Build(JsonElement part, JsonElement content)
    {
        if (part.ValueKind == JsonValueKind.String) return At(content, part.GetString()!) is { } value ? Node(value) : null;
        if (part.TryGetProperty("const", out var fixedValue)) return Node(fixedValue);
        if (part.TryGetProperty("each", out var each))
        {
            if (At(content, each.GetString()!) is not { ValueKind: JsonValueKind.Array } list) return null;
            return new JsonArray([.. list.EnumerateArray().Select(one => Build(part.GetProperty("to"), one))]);
        }

        var made = new JsonObject();
        foreach (var member in part.EnumerateObject())
        {
            if (Build(member.Value, content) is { } some) made[member.Name] = some;
        }

        return made;
    }

    private static JsonNode? Node(JsonElement value) => JsonSerializer.SerializeToNode(value);

    private static JsonElement? At(JsonElement content, string pointer)
    {
        if (pointer.Length == 0) return content;
        foreach (var step in pointer.Split('/').Skip(1))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (content.ValueKind == JsonValueKind.Object && content.TryGetProperty(name, out var member)) content = member;
            else if (content.ValueKind == JsonValueKind.Array && int.TryParse(name, out var at) && at >= 0 && at < content.GetArrayLength())
                content = content[at];
            else return null;
        }

        return content.ValueKind == JsonValueKind.Null ? null : content;
    }
}
