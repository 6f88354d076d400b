using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Kontor.Foundation.Http;

/// <summary>
/// Where a request comes from, as limits count it: an address of IPv4, or the /64 of one of IPv6, because a household has all of that. A
/// handler takes it as a parameter.
/// </summary>
/// <param name="Name">`203.0.113.7`, the first 16 hexadecimal digits of an IPv6 address, or `unknown`.</param>
public sealed record ClientNetwork(string Name)
{
    private const int PrefixBytes = 8;

    /// <summary>Of what this server does by itself, such as its commands.</summary>
    public static readonly ClientNetwork Own = new("own");

    public static ClientNetwork Of(HttpContext http) => Of(http.Connection.RemoteIpAddress);

    public static ClientNetwork Of(IPAddress? address)
    {
        if (address is null) return new("unknown");
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return new(address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, PrefixBytes))
            : address.ToString());
    }

    public static ValueTask<ClientNetwork?> BindAsync(HttpContext context) => ValueTask.FromResult<ClientNetwork?>(Of(context));
}
