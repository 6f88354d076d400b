using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Kontor.Bench;

/// <summary>
/// A connection that is kept open: sends a request, reads past its answer, and does as little else as possible, because it
/// shares the machine with the server that it measures. Understands what Kestrel sends, and no more.
/// </summary>
/// <param name="port">Of 127.0.0.1.</param>
internal sealed class HttpConnection(int port) : IDisposable
{
    private static readonly byte[] TokenHeader = "\r\nX-Cart-Token: "u8.ToArray();

    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;
    private int _start;
    private int _end;

    /// <summary>The last `X-Cart-Token` that an answer carried.</summary>
    public string? CartToken { get; private set; }

    public async Task Open(CancellationToken ct = default)
    {
        _socket?.Dispose();
        (_start, _end) = (0, 0);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(IPAddress.Loopback, port, ct);
    }

    /// <returns>The answer's status; its body has been read.</returns>
    /// <exception cref="SocketException">The connection is lost.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> Exchange(ReadOnlyMemory<byte> request)
    {
        await _socket!.SendAsync(request);
        int length;
        while ((length = Unread.IndexOf("\r\n\r\n"u8)) < 0) await Fill();
        var (status, body) = ReadHead(length);
        if (body is { } bytes)
        {
            while (bytes > _end - _start)
            {
                bytes -= _end - _start;
                _start = _end;
                await Fill();
            }

            _start += bytes;
            return status;
        }

        int chunk;
        do
        {
            int line;
            while ((line = Unread.IndexOf("\r\n"u8)) < 0) await Fill();
            chunk = SizeOfChunk(line);
            var rest = chunk + 2;
            while (rest > _end - _start)
            {
                rest -= _end - _start;
                _start = _end;
                await Fill();
            }

            _start += rest;
        }
        while (chunk > 0);
        return status;
    }

    public void Dispose() => _socket?.Dispose();

    private Span<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <returns>The status, and the length of the body; null when it comes in chunks.</returns>
    private (int Status, int? Body) ReadHead(int length)
    {
        // With the first of the two line ends behind it, so that every header stands between line ends.
        var head = Unread[..(length + 2)];
        _start += length + 4;
        var status = Number(head[9..12]);
        if (head.IndexOf(TokenHeader) is var token and >= 0)
        {
            var value = head[(token + TokenHeader.Length)..];
            CartToken = Encoding.ASCII.GetString(value[..value.IndexOf("\r\n"u8)]);
        }

        if (status is 204 or 304) return (status, 0);
        var at = head.IndexOf("\r\nContent-Length: "u8);
        if (at < 0) return (status, null);
        return (status, Number(head[(at + "\r\nContent-Length: ".Length)..]));
    }

    private int SizeOfChunk(int line)
    {
        var size = Number(Unread[..line], 'x');
        _start += line + 2;
        return size;
    }

    private static int Number(ReadOnlySpan<byte> text, char format = default) =>
        Utf8Parser.TryParse(text, out int number, out _, format) ? number : throw new InvalidDataException("Not HTTP/1.1.");

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask Fill()
    {
        if (_start == _end) (_start, _end) = (0, 0);
        if (_end == _buffer.Length)
        {
            if (_start == 0) throw new InvalidDataException("A head or chunk line is longer than the buffer.");
            Unread.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        var read = await _socket!.ReceiveAsync(_buffer.AsMemory(_end));
        if (read == 0) throw new SocketException((int)SocketError.ConnectionReset);
        _end += read;
    }
}
