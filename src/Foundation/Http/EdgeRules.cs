using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Kontor.Foundation.Http;

/// <summary>
/// Text that only one of the engines could store is refused at the edge: NUL everywhere. Unpaired surrogates never get so far,
/// because neither UTF-8 nor the JSON reader lets them pass; in JSON of any kind <see cref="BrokenText"/> does not.
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

/// <summary>What no endpoint wants, refused before any of them is asked.</summary>
internal static class EdgeRules
{
    public static Task Check(HttpContext context, RequestDelegate next)
    {
        if (context.Request.QueryString.Value is { } query && query.Contains("%00", StringComparison.Ordinal))
            throw new BadHttpRequestException("The query has a NUL character.");
        CheckCharset(context.Request);
        // The web server itself would close the connection on a client that is still sending, which then never sees the answer.
        if (context.Request.ContentLength > FoundationSetup.BodyBytesMax)
            throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        if (context.Request.ContentLength is null && context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = FoundationSetup.BodyBytesMax;
        return next(context);
    }

    /// <summary>Bodies are in UTF-8. The framework takes another name, and that one in quotes, for a mistake of ours: 500.</summary>
    private static void CheckCharset(HttpRequest request)
    {
        if (request.ContentType is not { } type || !MediaTypeHeaderValue.TryParse(type, out var media)) return;
        if (!media.Charset.HasValue) return;
        if (!HeaderUtilities.RemoveQuotes(media.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw new BadHttpRequestException("The body is not in UTF-8.", StatusCodes.Status415UnsupportedMediaType);
        if (media.Charset[0] != '"') return;
        media.Charset = "utf-8";
        request.ContentType = media.ToString();
    }
}
