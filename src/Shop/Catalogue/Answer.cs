using System.Reflection;
using System.Security.Cryptography;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Kontor.Shop.Catalogue;

/// <summary>An answer as it leaves: bytes of JSON, and the tag by which a client asks whether they changed.</summary>
/// <param name="Version">The catalogue's version before it was read.</param>
/// <param name="FreshUntil">Milliseconds since 1970.</param>
internal sealed record KeptAnswer(byte[] Body, StringValues ETag, long Version, long FreshUntil)
{
    /// <summary>The one product that it shows; null when it shows another thing.</summary>
    public string? ProductId { get; init; }

    private static readonly StringValues Json = "application/json; charset=utf-8";

    /// <summary>Whoever keeps a copy asks each time whether it is still right, which costs neither side much.</summary>
    private static readonly StringValues AskAgain = "no-cache";

    public static StringValues ETagOf(byte[] body) => $"\"{Convert.ToHexStringLower(SHA256.HashData(body).AsSpan(0, 12))}\"";

    public Task Write(HttpContext http)
    {
        var response = http.Response;
        response.Headers.ETag = ETag;
        response.Headers.CacheControl = AskAgain;
        if (http.Request.Headers.IfNoneMatch is { Count: > 0 } known && IsKnown(known))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.Headers.ContentType = Json;
        response.ContentLength = Body.Length;
        var written = response.BodyWriter.WriteAsync(Body);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : written.AsTask();
    }

    private bool IsKnown(StringValues known)
    {
        if (known == ETag) return true;
        var own = new EntityTagHeaderValue(ETag.ToString());
        return EntityTagHeaderValue.TryParseList(known, out var tags)
            && tags.Any(tag => tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(own, useStrongComparison: false));
    }
}

/// <summary>A <see cref="KeptAnswer"/> as an endpoint's result, with what the API reference says of it.</summary>
internal sealed class Answer<T>(KeptAnswer kept) : IResult, IEndpointMetadataProvider
{
    public Task ExecuteAsync(HttpContext httpContext) => kept.Write(httpContext);

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder)
    {
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(T), ["application/json"]));
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status304NotModified, typeof(void)));
    }
}

internal static class AnswersFromMemory
{
    /// <summary>
    /// Answers before anything of the request is read but its address, when the answer is in memory; else the endpoint's handler runs.
    /// Admins see more than others, so theirs always does.
    /// </summary>
    public static RouteHandlerBuilder AnsweredFromMemory(this RouteHandlerBuilder endpoint, Func<HttpContext, string> addressOf)
    {
        endpoint.Add(builder =>
        {
            var handler = builder.RequestDelegate!;
            var cache = builder.ApplicationServices.GetRequiredService<CatalogueCache>();
            var views = builder.ApplicationServices.GetRequiredService<ProductViews>();
            builder.RequestDelegate = http =>
            {
                if (cache.Find(addressOf(http)) is not { } kept || http.User.HasClaim(Claims.Role, RoleNames.Admin)) return handler(http);
                views.Count(kept.ProductId, http.User);
                return kept.Write(http);
            };
        });
        return endpoint;
    }
}
