using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.StaticFiles;

namespace Kontor.Ui;

/// <summary>One embedded file. Its compressed forms are made when they are first asked for, once.</summary>
internal sealed class Asset
{
    private static readonly FileExtensionContentTypeProvider Types = new();

    private readonly Lazy<byte[]> _brotli;
    private readonly Lazy<byte[]> _gzip;

    public Asset(string name, byte[] bytes)
    {
        Bytes = bytes;
        Version = Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
        var type = Types.TryGetContentType(name, out var known) ? known : "application/octet-stream";
        IsText = type.StartsWith("text/", StringComparison.Ordinal)
            || type is "image/svg+xml" or "application/json" or "application/manifest+json";
        ContentType = IsText ? type + "; charset=utf-8" : type;
        _brotli = new(() => Compress(to => new BrotliStream(to, CompressionLevel.SmallestSize)));
        _gzip = new(() => Compress(to => new GZipStream(to, CompressionLevel.SmallestSize)));
    }

    public byte[] Bytes { get; }

    public string Version { get; }

    public string ContentType { get; }

    /// <summary>Only text is worth compressing; pictures and fonts are compressed already.</summary>
    public bool IsText { get; }

    public bool IsSvg => ContentType.StartsWith("image/svg", StringComparison.Ordinal);

    public byte[] As(string? encoding) => encoding switch { "br" => _brotli.Value, "gzip" => _gzip.Value, _ => Bytes };

    private byte[] Compress(Func<Stream, Stream> compressor)
    {
        using var memory = new MemoryStream();
        using (var stream = compressor(memory)) stream.Write(Bytes);
        return memory.ToArray();
    }
}
