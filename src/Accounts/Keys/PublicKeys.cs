using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace Kontor.Accounts.Keys;

/// <summary>The public halves of the signing keys, by `kid`, for systems that check access tokens themselves (RFC 7517).</summary>
public static class PublicKeys
{
    /// <summary>A key is published for twice as long before it signs, and for longer than its tokens live after.</summary>
    private const string CacheFor = "public, max-age=300";

    public sealed record PublicKey(string Kty, string Crv, string X, string Y, string Kid, string Use, string Alg);

    public sealed record Response(IReadOnlyList<PublicKey> Keys);

    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/.well-known/jwks.json", Handle).WithName("PublicKeys").WithTags("Accounts").WithoutSignIn();

    private static Results<Ok<Response>, StatusCodeHttpResult> Handle(KeyRing ring, HttpContext http)
    {
        var tag = TagOf(ring);
        http.Response.Headers.ETag = tag.ToString();
        http.Response.Headers.CacheControl = CacheFor;
        var known = http.Request.GetTypedHeaders().IfNoneMatch;
        if (known.Any(one => one.Equals(EntityTagHeaderValue.Any) || one.Compare(tag, useStrongComparison: false)))
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        return TypedResults.Ok(new Response(
            [.. ring.SigningKeys.Select(key => new PublicKey("EC", "P-256", key.X, key.Y, key.Kid, "sig", "ES256"))]));
    }

    /// <summary>A kid is its key's hash, so the kids say whether anything changed.</summary>
    private static EntityTagHeaderValue TagOf(KeyRing ring)
    {
        var kids = string.Join(' ', ring.SigningKeys.Select(key => key.Kid));
        return new($"\"{Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(kids)).AsSpan(0, 12))}\"");
    }
}
