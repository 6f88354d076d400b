using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Kontor.Sync.Pull;

/// <summary>Sends a spooled answer, compressed where the client takes that.</summary>
internal sealed class PullAnswer(Spool spool) : IResult
{
    /// <summary>Shorter answers fit into one packet as they are.</summary>
    private const int CompressFromBytes = 1024;

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (spool)
        {
            var response = httpContext.Response;
            var ct = httpContext.RequestAborted;
            response.ContentType = "application/json; charset=utf-8";
            response.Headers.CacheControl = "no-store";
            response.Headers.Vary = HeaderNames.AcceptEncoding;
            if (spool.Length >= CompressFromBytes && EncodingFor(httpContext.Request) is { } encoding)
            {
                response.Headers.ContentEncoding = encoding;
                await using Stream compressed = encoding == "br"
                    ? new BrotliStream(response.Body, CompressionLevel.Fastest, leaveOpen: true)
                    : new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
                await spool.CopyTo(compressed, ct);
                return;
            }

            response.ContentLength = spool.Length;
            await spool.CopyTo(response.Body, ct);
        }
    }

    private static string? EncodingFor(HttpRequest request)
    {
        var taken = request.GetTypedHeaders().AcceptEncoding
            .Where(encoding => encoding.Quality is null or > 0)
            .Select(encoding => encoding.Value.Value)
            .ToList();
        return taken.Contains("br") ? "br" : taken.Contains("gzip") ? "gzip" : null;
    }
}
