using System.Net;
using System.Net.Sockets;
using Kontor.Foundation.Data;
using Microsoft.Extensions.Options;

namespace Kontor;

/// <summary>Why the server cannot start, in words for the person at the terminal.</summary>
internal sealed class StartException(string message) : Exception(message)
{
    /// <summary>Looked at before anything is begun; the web server itself would say it only at the end, and at length.</summary>
    /// <exception cref="StartException">Something else listens there, or nobody can.</exception>
    public static void RefuseUnusable(IPAddress listen, int port)
    {
        try
        {
            using var listener = new TcpListener(listen, port);
            // As the web server does; else IPv4's half would not be looked at.
            if (listen.Equals(IPAddress.IPv6Any)) listener.Server.DualMode = true;
            listener.Start();
        }
        catch (SocketException exception)
        {
            throw new StartException(exception.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => $"Port {port} is in use. Choose another one, for instance: --port {port + 1}",
                SocketError.AccessDenied => $"Port {port} is not for this user. Choose one from 1024 on, for instance: --port 5080",
                SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported =>
                    $"KONTOR_LISTEN: {listen} is no address of this machine.",
                _ => $"Nothing can listen on {listen}, port {port}: {exception.Message}",
            });
        }
    }

    /// <summary>Null when this is no everyday reason, and the whole exception should be seen.</summary>
    public static StartException? Of(Exception exception, Settings settings) => exception switch
    {
        StartException known => known,
        DatabaseUnavailableException when settings.Postgres is { } url =>
            new($"PostgreSQL at {url.Host}:{url.Port} does not answer, or refuses this user or database."),
        MigrationException migration => new(migration.Message),
        OptionsValidationException invalid => new(string.Join(' ', invalid.Failures)),
        _ => null,
    };
}
