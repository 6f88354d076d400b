using System.Collections;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Kontor.Foundation.Http;

/// <summary>
/// Refuses null inside of a list or a dictionary whose type does not allow it: the reader itself looks at nulls of members only, so each
/// request would have to ask for itself, and one that forgets fails later.
/// </summary>
internal static class NullEntries
{
    /// <summary>Under which an exception's data name the member of the object at its path.</summary>
    public const string Member = "member";

    /// <summary>Is given every type once, before the first value of it is read.</summary>
    public static void Refuse(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return;
        var members = type.Properties
            .Where(member => member.AttributeProvider is PropertyInfo property && HasEntries(property.PropertyType))
            .ToList();
        if (members.Count == 0) return;
        // What may be null is worked out for the types that are read; most are only written.
        var checks = new Lazy<List<(JsonPropertyInfo Member, NullabilityInfo Allowed)>>(
            () => members.ConvertAll(member => (member, new NullabilityInfoContext().Create((PropertyInfo)member.AttributeProvider!))));
        var before = type.OnDeserialized;
        type.OnDeserialized = read =>
        {
            before?.Invoke(read);
            foreach (var (member, allowed) in checks.Value)
            {
                if (member.Get?.Invoke(read) is not IEnumerable entries || !HasForbidden(entries, allowed)) continue;
                throw new JsonException("An entry is null.") { Data = { [Member] = member.Name } };
            }
        };
    }

    private static bool HasEntries(Type type) => type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type)
        && (type.IsArray || type.IsGenericType);

    private static bool HasForbidden(IEnumerable entries, NullabilityInfo allowed)
    {
        var entry = allowed.ElementType ?? allowed.GenericTypeArguments[^1];
        if (entry.Type.IsValueType) return false;
        foreach (var one in entries is IDictionary dictionary ? dictionary.Values : entries)
        {
            if (one is null && entry.ReadState == NullabilityState.NotNull) return true;
            if (one is IEnumerable nested && HasEntries(entry.Type) && HasForbidden(nested, entry)) return true;
        }

        return false;
    }
}
