using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Kontor.Foundation;

/// <summary>Ids are UUIDs of version 7 as text: opaque outside, ordered by time inside, so that indexes grow at their end.</summary>
public static class Ids
{
    private const int IdBytes = 16;
    private const int TimeBytes = 6;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _used;

    public static string New() => New(TimeProvider.System);

    public static string New(TimeProvider time)
    {
        Span<byte> id = stackalloc byte[IdBytes];
        BinaryPrimitives.WriteInt64BigEndian(id, time.GetUtcNow().ToUnixTimeMilliseconds() << 16);
        Draw(id[TimeBytes..]);
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true).ToString();
    }

    /// <summary>The system is asked for many at once: a call for each id costs as much as all the rest of it.</summary>
    private static void Draw(Span<byte> random)
    {
        var drawn = _random ??= new byte[1024];
        if (_used == 0 || _used + random.Length > drawn.Length)
        {
            RandomNumberGenerator.Fill(drawn);
            _used = 0;
        }

        drawn.AsSpan(_used, random.Length).CopyTo(random);
        _used += random.Length;
    }
}
