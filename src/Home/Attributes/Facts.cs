using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Home.Rules;

namespace Kontor.Home.Attributes;

/// <summary>One value that somebody told of a person.</summary>
internal sealed record Fact(string Source, string Name, JsonElement Value)
{
    public string Key { get; } = $"{Source}.{Name}";
}

/// <summary>What is told of a person beside what each request says: attributes, and the lists that name them.</summary>
/// <param name="Told">Ordered by source and name.</param>
/// <param name="Lists">Keys of segments, in order.</param>
internal sealed record Facts(IReadOnlyList<Fact> Told, IReadOnlyList<string> Lists)
{
    /// <summary>Beside the attributes, the member that holds <see cref="Lists"/>; no attribute can have its name.</summary>
    public const string ListsMember = "$segments";

    public static Facts None { get; } = new([], []);

    /// <summary>Nothing that is stored is missing because it could not be read.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>How a rule says that it asks whether a list names the reader.</summary>
    public static string ListKey(string segment) => $"{ListsMember}.{segment}";

    /// <param name="attributes">`{"shop": {"orders": 3}}`; null for nothing.</param>
    /// <param name="lists">Keys of segments whose lists name the reader.</param>
    public static Facts Of(JsonElement? attributes, IReadOnlyList<string>? lists) => new(
        attributes is not { ValueKind: JsonValueKind.Object } told ? [] : [.. told.EnumerateObject()
            .Where(source => source.Value.ValueKind == JsonValueKind.Object)
            .SelectMany(source => source.Value.EnumerateObject().Select(one => new Fact(source.Name, one.Name, one.Value)))
            // Of a name that is there twice the last counts, as everywhere in JSON.
            .GroupBy(fact => fact.Key, StringComparer.Ordinal).Select(same => same.Last())
            .OrderBy(fact => fact.Source, StringComparer.Ordinal).ThenBy(fact => fact.Name, StringComparer.Ordinal)],
        [.. (lists ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    public static Facts Of(IReadOnlyList<Facts> parts) => parts.Count == 1
        ? parts[0]
        : new(
            [.. parts.SelectMany(part => part.Told).OrderBy(fact => fact.Source, StringComparer.Ordinal)
                .ThenBy(fact => fact.Name, StringComparer.Ordinal)],
            [.. parts.SelectMany(part => part.Lists).Order(StringComparer.Ordinal)]);

    /// <summary>An object of attributes with those that are wanted; what it says itself counts.</summary>
    public JsonElement Under(JsonElement attributes, IReadOnlySet<string> wanted)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            Write(json, wanted);
            json.WriteEndObject();
        }

        var all = JsonNode.Parse(buffer.WrittenSpan)!.AsObject();
        foreach (var own in attributes.EnumerateObject())
        {
            if (own.Value.ValueKind != JsonValueKind.Object)
            {
                all[own.Name] = JsonSerializer.SerializeToNode(own.Value);
                continue;
            }

            // Member by member, because one of them may be there twice, which is JSON and no dictionary.
            if (all[own.Name] is not JsonObject told) all[own.Name] = told = [];
            foreach (var inner in own.Value.EnumerateObject()) told[inner.Name] = JsonSerializer.SerializeToNode(inner.Value);
        }

        return JsonSerializer.SerializeToElement(all);
    }

    /// <summary>Those that are wanted, as members of the object that is being written.</summary>
    public void Write(Utf8JsonWriter json, IReadOnlySet<string> wanted)
    {
        string? source = null;
        foreach (var fact in Told)
        {
            if (!wanted.Contains(fact.Key)) continue;
            if (fact.Source != source)
            {
                if (source is not null) json.WriteEndObject();
                json.WriteStartObject(source = fact.Source);
            }

            json.WritePropertyName(fact.Name);
            fact.Value.WriteTo(json);
        }

        if (source is not null) json.WriteEndObject();
        var isOnOne = false;
        foreach (var list in Lists)
        {
            if (!wanted.Contains(ListKey(list))) continue;
            if (!isOnOne) json.WriteStartArray(ListsMember);
            isOnOne = true;
            json.WriteStringValue(list);
        }

        if (isOnOne) json.WriteEndArray();
    }
}

/// <summary>Whom rules make a feed ask about a person.</summary>
/// <param name="Stored">Home's own tables: lists, and what other systems told.</param>
/// <param name="Sources">Products of this process.</param>
internal sealed record FactsNeeded(bool Stored, IReadOnlyList<string> Sources)
{
    public static FactsNeeded Nothing { get; } = new(false, []);

    public bool IsNothing => !Stored && Sources.Count == 0;

    /// <param name="reads">What rules read.</param>
    public static FactsNeeded By(IEnumerable<string> reads, Vocabulary vocabulary)
    {
        var (stored, sources) = (false, new SortedSet<string>(StringComparer.Ordinal));
        foreach (var key in reads)
        {
            var attribute = vocabulary.Find(key);
            if (attribute is { InProcess: true }) sources.Add(attribute.Source!);
            else stored |= attribute is not { Source: null };
        }

        return stored || sources.Count > 0 ? new(stored, [.. sources]) : Nothing;
    }
}
