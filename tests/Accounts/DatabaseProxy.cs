using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Kontor.Accounts.Tests;

/// <summary>Stands between a node and PostgreSQL, and can be cut, or made to let no listener through.</summary>
internal sealed class DatabaseProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, Socket> _pairs = new();
    private readonly Uri _database;
    private readonly Task _accepting;
    private readonly ConcurrentDictionary<Socket, bool> _listeners = new();
    private volatile bool _isCut, _isDeaf;
    private int _refused;

    public DatabaseProxy(Uri database)
    {
        _database = database;
        _listener.Start();
        _accepting = Accept();
    }

    /// <summary>The database's address by way of this.</summary>
    public Uri Address => new UriBuilder(_database) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri;

    /// <summary>How many connections listen to the other nodes.</summary>
    public int Listeners => _listeners.Count;

    /// <summary>How many that wanted to were cut.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Whoever listens is cut, and whoever tries to; all else goes on.</summary>
    public void Deafen()
    {
        _isDeaf = true;
        foreach (var client in _listeners.Keys) client.Dispose();
    }

    public void Cut()
    {
        _isCut = true;
        foreach (var (client, server) in _pairs)
        {
            client.Dispose();
            server.Dispose();
        }
    }

    public void Mend() => _isCut = _isDeaf = false;

    public async ValueTask DisposeAsync()
    {
        Cut();
        _listener.Stop();
        await _accepting;
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync();
                _ = Serve(client);
            }
        }
        catch (SocketException)
        {
            // It was stopped.
        }
    }

    private async Task Serve(Socket client)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            if (_isCut) return;
            await server.ConnectAsync(_database.Host, _database.Port);
            _pairs[client] = server;
            await Task.WhenAny(Carry(client, server, toServer: true), Carry(server, client, toServer: false));
            _pairs.TryRemove(client, out _);
            _listeners.TryRemove(client, out _);
        }
    }

    private async Task Carry(Socket from, Socket to, bool toServer)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var received)
            {
                if (toServer && buffer.AsSpan(0, received).IndexOf("LISTEN kontor"u8) >= 0)
                {
                    if (_isDeaf)
                    {
                        Interlocked.Increment(ref _refused);
                        return;
                    }

                    _listeners[from] = true;
                }

                await to.SendAsync(buffer.AsMemory(0, received));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One of both ends has gone.
        }
    }
}
