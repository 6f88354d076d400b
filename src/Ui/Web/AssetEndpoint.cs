using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Kontor.Ui;

/// <summary>`GET /assets/{module}/{path}`: an embedded file from memory, for ever when the address names its version.</summary>
internal static class AssetEndpoint
{
    private const string ForEver = "public, max-age=31536000, immutable";
    private const string ForMinutes = "public, max-age=300";

    /// <summary>A picture that is opened by itself runs nothing, whoever made it.</summary>
    private const string SvgPolicy = "default-src 'none'; style-src 'unsafe-inline'";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/assets/{**path}", Handle).ExcludeFromDescription();

    private static Results<FileContentHttpResult, StatusCodeHttpResult, NotFound> Handle(
        string? path, string? v, HttpContext http, Assets assets)
    {
        if (assets.Find(path ?? "") is not { } asset) return TypedResults.NotFound();
        var headers = http.Response.Headers;
        var encoding = asset.IsText ? EncodingOf(http.Request) : null;
        var tag = $"\"{asset.Version}{(encoding is null ? "" : "-" + encoding)}\"";
        headers.CacheControl = v == asset.Version ? ForEver : ForMinutes;
        headers.ETag = tag;
        headers.XContentTypeOptions = "nosniff";
        if (asset.IsText) headers.Vary = HeaderNames.AcceptEncoding;
        if (asset.IsSvg) headers.ContentSecurityPolicy = SvgPolicy;
        if (IsKnown(http.Request, tag)) return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        if (encoding is not null) headers.ContentEncoding = encoding;
        return TypedResults.Bytes(asset.As(encoding), asset.ContentType);
    }

    private static bool IsKnown(HttpRequest request, string tag) =>
        request.GetTypedHeaders().IfNoneMatch.Any(known =>
            known.Equals(EntityTagHeaderValue.Any) || known.Compare(new EntityTagHeaderValue(tag), useStrongComparison: false));

    /// <summary>The smallest form that the client takes; null is the file as it is.</summary>
    private static string? EncodingOf(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding;
        foreach (var encoding in (ReadOnlySpan<string>)["br", "gzip"])
        {
            if (accepted.Any(one => one.Quality is not 0 && one.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase)))
                return encoding;
        }

        return null;
    }
}
