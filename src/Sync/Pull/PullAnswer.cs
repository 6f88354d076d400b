using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Kontor.Sync.Pull;

/// <summary>Sends a spooled answer, compressed where the client takes that; or, most often, that there is nothing new.</summary>
internal sealed class PullAnswer : IResult
{
    private readonly Spool? _spool;
    private readonly byte[] _nothing = [];
    private readonly string _end = "";

    /// <summary>Shorter answers fit into one packet as they are.</summary>
    private const int CompressFromBytes = 1024;

    public PullAnswer(Spool spool) => _spool = spool;

    private PullAnswer(byte[] nothing, string end) => (_nothing, _end) = (nothing, end);

    /// <summary>The device has everything up to the timestamp.</summary>
    public static PullAnswer Nothing(SyncTables tables, long timestamp, bool paged) => new(
        tables.Nothing, string.Create(CultureInfo.InvariantCulture, $"{timestamp}{(paged ? ",\"has_more\":false}" : "}")}"));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        return _spool is null ? SendNothing(response, httpContext.RequestAborted) : Send(_spool, httpContext);
    }

    private async Task SendNothing(HttpResponse response, CancellationToken ct)
    {
        response.ContentLength = _nothing.Length + _end.Length;
        response.BodyWriter.Write(_nothing);
        Encoding.ASCII.GetBytes(_end, response.BodyWriter);
        await response.BodyWriter.FlushAsync(ct);
    }

    private static async Task Send(Spool spool, HttpContext httpContext)
    {
        using (spool)
        {
            var response = httpContext.Response;
            var ct = httpContext.RequestAborted;
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
