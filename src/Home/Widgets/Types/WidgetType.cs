using System.Globalization;
using System.Text.RegularExpressions;

namespace Kontor.Home.Widgets.Types;

/// <summary>A type and its version, as a client says what it renders: `product-grid@2`, or `product-grid` for the first version.</summary>
internal readonly partial record struct TypeName(string Key, long Version)
{
    public static TypeName? Parse(string text)
    {
        var match = Shape().Match(text);
        if (!match.Success) return null;
        var version = match.Groups["version"];
        return new(match.Groups["key"].Value, version.Success ? long.Parse(version.ValueSpan, CultureInfo.InvariantCulture) : 1);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Key}@{Version}");

    [GeneratedRegex(@"\A(?<key>[a-z][a-z0-9-]{0,63})(@(?<version>[1-9][0-9]{0,5}))?\z")]
    private static partial Regex Shape();
}

/// <summary>What the content of its widgets looks like; a product writes it, a client renders it.</summary>
/// <param name="IsBuiltIn">Its schema is what the build says.</param>
internal sealed record WidgetType(TypeName Name, JsonSchema Schema, string SchemaText, TypeContract Contract, bool IsBuiltIn);
