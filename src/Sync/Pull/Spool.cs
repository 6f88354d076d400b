using System.Buffers;
using System.IO.Pipelines;

namespace Kontor.Sync.Pull;

/// <summary>
/// Holds an answer until it is sent: its beginning in pooled memory, the rest, should it be long, in a temporary file. So a
/// database snapshot is open only as long as reading takes, however slowly the client receives - on SQLite there are few
/// readers and an old snapshot keeps the log from being reused, on PostgreSQL it keeps dead rows - and memory does not grow
/// with the answer.
/// </summary>
internal sealed class Spool : IBufferWriter<byte>, IDisposable
{
    /// <summary>32 MiB of all answers: what many phones pull at once goes to files the sooner.</summary>
    public const int SegmentsOfAllMax = 512;

    public const int SegmentBytes = 64 * 1024;

    /// <summary>Handed over at once: whoever writes less wakes the connection, and waits for it, the more often.</summary>
    private const int FlushBytes = 256 * 1024;

    /// <summary>4 MiB of one answer.</summary>
    private const int SegmentsMax = 64;

    private static int _segmentsOfAll;

    private readonly List<ArraySegment<byte>> _segments = [];
    private byte[] _current = ArrayPool<byte>.Shared.Rent(SegmentBytes);
    private int _used;
    private FileStream? _file;

    public long Length { get; private set; }

    /// <summary>Of all answers that are on their way.</summary>
    public static int SegmentsInMemory => Volatile.Read(ref _segmentsOfAll);

    public void Advance(int count)
    {
        _used += count;
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        if (_current.Length - _used < Math.Max(sizeHint, 1)) BeginSegment(sizeHint);
        return _current.AsMemory(_used);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public async Task CopyTo(PipeWriter target, CancellationToken ct)
    {
        foreach (var segment in _segments)
        {
            target.Write(segment);
            await FlushWhenFull(target, ct);
        }

        if (_file is not null)
        {
            _file.Position = 0;
            while (await _file.ReadAsync(target.GetMemory(SegmentBytes), ct) is > 0 and var read)
            {
                target.Advance(read);
                await FlushWhenFull(target, ct);
            }
        }

        target.Write(_current.AsSpan(0, _used));
        await target.FlushAsync(ct);
    }

    public void Dispose()
    {
        foreach (var segment in _segments) ArrayPool<byte>.Shared.Return(segment.Array!);
        Interlocked.Add(ref _segmentsOfAll, -_segments.Count);
        _segments.Clear();
        ArrayPool<byte>.Shared.Return(_current);
        _file?.Dispose();
    }

    private static ValueTask<FlushResult> FlushWhenFull(PipeWriter target, CancellationToken ct) =>
        target.UnflushedBytes >= FlushBytes ? target.FlushAsync(ct) : default;

    private void BeginSegment(int sizeHint)
    {
        if (MayKeep())
        {
            _segments.Add(new ArraySegment<byte>(_current, 0, _used));
        }
        else
        {
            _file ??= OpenFile();
            _file.Write(_current, 0, _used);
            ArrayPool<byte>.Shared.Return(_current);
        }

        _current = ArrayPool<byte>.Shared.Rent(Math.Max(SegmentBytes, sizeHint));
        _used = 0;
    }

    /// <summary>After the first that went to the file, all do.</summary>
    private bool MayKeep()
    {
        if (_file is not null || _segments.Count >= SegmentsMax) return false;
        if (Interlocked.Increment(ref _segmentsOfAll) <= SegmentsOfAllMax) return true;
        Interlocked.Decrement(ref _segmentsOfAll);
        return false;
    }

    /// <summary>Readable by this process's user only, and gone when it is closed.</summary>
    private static FileStream OpenFile()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(Path.GetTempPath(), $"kontor-{Guid.NewGuid():N}"), options);
    }
}
