using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Kontor.Foundation;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Widgets;

/// <summary>What a widget shows, checked and written once; every feed then copies its bytes.</summary>
internal static class WidgetContent
{
    public const int BytesMax = 64 * 1024;

    public static readonly Problem Invalid = new(422, "content-invalid", "The content is not valid for its type.");

    /// <summary>Letters of every language stand as they are; what could end a script or an attribute does not.</summary>
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    /// <summary>The content as compact UTF-8, or <see cref="Invalid"/> with its `reasons`.</summary>
    public static Outcome<byte[]> Read(JsonElement content, WidgetType type)
    {
        var reasons = type.Schema.Validate(content);
        if (reasons.Count > 0) return Invalid.With("reasons", reasons);
        if (Written(content) is not { } json)
            return Invalid.With("reasons", new[] { new SchemaError("", "has text that is not valid Unicode") });
        var bytesMax = type.Contract.Limits.MaxBytes ?? BytesMax;
        return json.Length <= bytesMax ? json : Invalid.With("reasons", new[] { new SchemaError("", $"is larger than {bytesMax} bytes") });
    }

    /// <summary>Null when some text of it has half of a surrogate pair, which could not be sent on.</summary>
    public static byte[]? Written(JsonElement json)
    {
        try
        {
            return JsonSerializer.SerializeToUtf8Bytes(json, Compact);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Of content that was checked when it was stored.</summary>
    public static byte[] Bytes(JsonElement content) => JsonSerializer.SerializeToUtf8Bytes(content, Compact);
}
