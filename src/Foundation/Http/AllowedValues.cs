using System.Text.Json;

namespace Kontor.Foundation.Http;

/// <summary>Where the parser only says that a field of a body is wrong, this says what it may be if it is an enum.</summary>
internal static class AllowedValues
{
    /// <summary>One sentence for people; null where there is no enum.</summary>
    /// <param name="path">From the body's root, as the parser writes it: `state` or `address.kind`.</param>
    public static string? At(Type body, string path, JsonSerializerOptions json)
    {
        var type = body;
        foreach (var name in path.Split('.'))
        {
            var member = json.GetTypeInfo(type).Properties
                .FirstOrDefault(property => string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase));
            if (member is null) return null;
            type = Nullable.GetUnderlyingType(member.PropertyType) ?? member.PropertyType;
        }

        if (!type.IsEnum) return null;
        var values = Enum.GetValues(type).Cast<object>().Select(value => $"`{JsonSerializer.SerializeToElement(value, type, json)}`");
        return $"The values are {string.Join(", ", values)}.";
    }
}
