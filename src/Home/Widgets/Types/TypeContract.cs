using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kontor.Foundation.Http;

namespace Kontor.Home.Widgets.Types;

/// <summary>What content of a type may cost; a limit that is left out is the server's own.</summary>
/// <param name="MaxBytes">Of the content, as compact JSON.</param>
/// <param name="TtlSecondsMin">A snapshot is fresh for at least that long, as <paramref name="TtlSecondsMax"/> at most.</param>
/// <param name="StaleSecondsMax">And shown for that long after it, at most.</param>
/// <param name="PushesPerMinute">From each source, of all that it pushes of this type.</param>
/// <param name="TimeoutMs">A source that takes longer when it is asked has not answered.</param>
public sealed record TypeLimits(
    [property: Range(100, WidgetContent.BytesMax)] int? MaxBytes = null,
    [property: Range(1, 2_592_000)] int? TtlSecondsMin = null,
    [property: Range(1, 2_592_000)] int? TtlSecondsMax = null,
    [property: Range(0, 2_592_000)] int? StaleSecondsMax = null,
    [property: Range(1, 100_000)] int? PushesPerMinute = null,
    [property: Range(10, 10_000)] int? TimeoutMs = null);

/// <summary>The type that stands in where a client cannot show this one.</summary>
/// <param name="Type">`card-list`, or `card-list@2`. Null: nothing does, and the widget is left out.</param>
/// <param name="Mapping">How its content is made of this type's: an object of members, each a JSON Pointer into the content (`"/title"`),
/// an object of members, `{"each": "/items", "to": {...}}` for a list, or `{"const": ...}`. Null: the content as it is.</param>
public sealed record TypeFallback(
    [property: MaxLength(100)] string? Type = null, [property: ChecksItsText] JsonElement? Mapping = null);

/// <summary>All of a type but its schema, as it is stored.</summary>
internal sealed record TypeContract
{
    public const int ExamplesMax = 10;

    /// <summary>Absent is the default, so what is added later needs no migration.</summary>
    public static readonly JsonSerializerOptions Json =
        new(JsonSerializerOptions.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Valid for the schema.</summary>
    public IReadOnlyList<JsonElement> Examples { get; init; } = [];

    public TypeLimits Limits { get; init; } = new();

    public TypeFallback? Fallback { get; init; }
}
