using System.Net;
using System.Net.Sockets;
using Kontor.Foundation.Data;
using Microsoft.Extensions.Options;

namespace Kontor;

/// <summary>Why the server cannot start, in words for the person at the terminal.</summary>
internal sealed class StartException(string message) : Exception(message)
{
    /// <summary>Looked at before anything is begun; the web server itself would say it only at the end, and at length.</summary>
    /// <exception cref="StartException">Something else listens there.</exception>
    public static void RefuseTakenPort(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new StartException($"Port {port} is in use. Choose another one, for instance: --port {port + 1}");
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
