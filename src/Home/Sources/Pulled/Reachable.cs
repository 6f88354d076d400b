using System.Net;
using System.Net.Sockets;

namespace Kontor.Home.Sources.Pulled;

/// <summary>How the addresses of a host are found.</summary>
internal delegate Task<IPAddress[]> ResolveHost(string host, CancellationToken ct);

/// <summary>
/// Which machines a pull may reach. What an admin enters, or somebody writes into a name server later, must not turn this server into a way
/// to the network behind it.
/// </summary>
internal static class Reachable
{
    // The registries of special purpose addresses (RFC 6890 and later), but for those that are reachable by everybody.
    private static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
            // Those that carry an address of version 4 within them would be a way around the list above.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Unicast = IPNetwork.Parse("2000::/3");

    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && !Unicast.Contains(address)) return false;
        return !Special.Any(network => network.Contains(address));
    }

    /// <summary>Opens a connection to one of the addresses that were looked at, so that none can be exchanged in between.</summary>
    /// <exception cref="PullException">A name leads where no pull may go.</exception>
    public static async ValueTask<Stream> Connect(
        ResolveHost resolve, DnsEndPoint target, bool isLoopbackName, bool allowsLoopback, CancellationToken ct)
    {
        IPAddress[] found = IPAddress.TryParse(target.Host, out var written) ? [written] : await resolve(target.Host, ct);
        var mayBeHere = isLoopbackName && allowsLoopback;
        // One that is not allowed among others is no accident, and not passed over.
        if (found.Length == 0 || !found.All(address => IsPublic(address) || (mayBeHere && IPAddress.IsLoopback(address))))
            throw new PullException("its name leads to an address that is not public");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(found, target.Port, ct);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
