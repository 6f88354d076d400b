using System.Buffers.Text;
using System.IO.Compression;
using System.IO.Pipelines;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Kontor.Sync.Pull;

/// <summary>Sends a spooled answer, compressed where the client takes that; or, most often, that there is nothing new.</summary>
internal sealed class PullAnswer : IResult
{
    private readonly Spool? _spool;
    private readonly byte[] _nothing = [];
    private readonly long _timestamp;
    private readonly bool _paged;

    /// <summary>Shorter answers fit into one packet as they are.</summary>
    private const int CompressFromBytes = 1024;

    public PullAnswer(Spool spool) => _spool = spool;

    private PullAnswer(byte[] nothing, long timestamp, bool paged) => (_nothing, _timestamp, _paged) = (nothing, timestamp, paged);

    /// <summary>The device has everything up to its timestamp.</summary>
    public static PullAnswer Nothing(SyncTables tables, PullQuery query) => new(tables.Nothing, query.Since, query.Limit is not null);

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "application/json; charset=utf-8";
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        return _spool is null ? SendNothing(response) : Send(_spool, httpContext);
    }

    private Task SendNothing(HttpResponse response)
    {
        const int TimestampBytesMax = 20;
        var end = _paged ? ",\"has_more\":false}"u8 : "}"u8;
        var bytes = response.BodyWriter.GetSpan(_nothing.Length + TimestampBytesMax + end.Length);
        _nothing.CopyTo(bytes);
        Utf8Formatter.TryFormat(_timestamp, bytes[_nothing.Length..], out var digits);
        end.CopyTo(bytes[(_nothing.Length + digits)..]);
        var length = _nothing.Length + digits + end.Length;
        response.ContentLength = length;
        response.BodyWriter.Advance(length);
        var sent = response.BodyWriter.FlushAsync();
        return sent.IsCompletedSuccessfully ? Task.CompletedTask : sent.AsTask();
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
                // In large pieces, because each is compressed by itself.
                var writer = PipeWriter.Create(compressed, new(minimumBufferSize: Spool.SegmentBytes, leaveOpen: true));
                await spool.CopyTo(writer, ct);
                await writer.CompleteAsync();
                return;
            }

            response.ContentLength = spool.Length;
            // What is written before the headers is copied once more.
            await response.StartAsync(ct);
            await spool.CopyTo(response.BodyWriter, ct);
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
