using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Kontor.Foundation.Http;

/// <summary>The endpoint says itself, in its own words, what is wrong with JSON whose text is broken.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ChecksItsTextAttribute : Attribute;

/// <summary>
/// Refuses JSON of any kind (<see cref="JsonElement"/>) with half of a surrogate pair, or with what is not UTF-8, in a text or a name: the
/// reader looks at neither before somebody asks for it, which would then fail.
/// </summary>
public static class BrokenText
{
    /// <summary>Is given every type once, before the first value of it is read.</summary>
    internal static void Refuse(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return;
        var members = type.Properties
            .Where(member => member.AttributeProvider is PropertyInfo property && HasElements(property.PropertyType)
                && !property.IsDefined(typeof(ChecksItsTextAttribute)))
            .ToList();
        if (members.Count == 0) return;
        var before = type.OnDeserialized;
        type.OnDeserialized = read =>
        {
            before?.Invoke(read);
            if (members.Find(member => !Elements(member.Get?.Invoke(read)).All(IsWhole)) is { } broken)
                throw new JsonException("A text is broken.") { Data = { [NullEntries.Member] = broken.Name } };
        };
    }

    /// <summary>All texts and names can be read.</summary>
    public static bool IsWhole(JsonElement json)
    {
        try
        {
            Read(json);
            return true;
        }
        catch (InvalidOperationException)
        {
            // How the reader says, at the first look at a text, that it is none.
            return false;
        }
    }

    private static bool HasElements(Type type) => (Nullable.GetUnderlyingType(type) ?? type) == typeof(JsonElement)
        || typeof(IEnumerable<JsonElement>).IsAssignableFrom(type)
        || typeof(IEnumerable<KeyValuePair<string, JsonElement>>).IsAssignableFrom(type);

    private static IEnumerable<JsonElement> Elements(object? value) => value switch
    {
        JsonElement one => [one],
        IEnumerable<JsonElement> all => all,
        IEnumerable<KeyValuePair<string, JsonElement>> named => named.Select(one => one.Value),
        _ => [],
    };

    private static void Read(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                _ = element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (var one in element.EnumerateArray()) Read(one);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    _ = member.Name;
                    Read(member.Value);
                }

                break;
        }
    }
}
