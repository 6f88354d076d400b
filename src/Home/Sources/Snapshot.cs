using System.Security.Cryptography;

namespace Kontor.Home.Sources;

/// <summary>What a widget showed at one moment.</summary>
/// <param name="Content">Checked JSON in UTF-8; null when there was nothing to show.</param>
/// <param name="Hash">Equal exactly when the content is.</param>
/// <param name="AsOf">When it was asked for, milliseconds since 1970.</param>
internal sealed record Snapshot(byte[]? Content, byte[] Hash, long AsOf)
{
    /// <param name="before">Shares what is the same with it; null where nothing was shown before.</param>
    public static Snapshot Of(byte[]? content, long asOf, Snapshot? before = null)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content ?? [], hash);
        return before is not null && hash.SequenceEqual(before.Hash) ? before with { AsOf = asOf } : new(content, hash.ToArray(), asOf);
    }
}
