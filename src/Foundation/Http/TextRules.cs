using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Kontor.Foundation.Http;

/// <summary>
/// Text that only one of the engines could store is refused at the edge: NUL everywhere. Unpaired surrogates never get so far,
/// because neither UTF-8 nor the JSON reader lets them pass.
/// </summary>
internal sealed class TextConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException();
        return text!.Contains('\0', StringComparison.Ordinal) ? throw new JsonException() : text;
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

internal static class TextRules
{
    /// <summary>The query's half of the rule; forms and bodies are read later, by <see cref="TextConverter"/> and the binder.</summary>
    public static Task RefuseBadText(HttpContext context, RequestDelegate next)
    {
        if (context.Request.QueryString.Value is { } query && query.Contains("%00", StringComparison.Ordinal))
            throw new BadHttpRequestException("The query has a NUL character.");
        return next(context);
    }
}
