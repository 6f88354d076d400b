using System.Net;
using System.Net.Sockets;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts;

/// <summary>Who does something, and from where. A handler takes it as a parameter.</summary>
/// <param name="Id">A person's id, or the one of <see cref="System"/>, <see cref="Command"/> or a stranger.</param>
/// <param name="Network">The part of the address that a neighbourhood shares: the /24 of IPv4, the /48 of IPv6.</param>
internal sealed record Actor(string Id, string? Network = null)
{
    private const string Stranger = "stranger";

    /// <summary>Nobody asked for it: a schedule or a rule.</summary>
    public static readonly Actor System = new("system");

    /// <summary>Whoever runs commands on the server itself: `./kontor admin ...`.</summary>
    public static readonly Actor Command = new("command");

    public bool IsServer => Id == System.Id || Id == Command.Id;

    public static Actor Of(HttpContext http) =>
        new(CurrentUser.Of(http.User)?.Id ?? Stranger, NetworkOf(http.Connection.RemoteIpAddress));

    public static ValueTask<Actor?> BindAsync(HttpContext context) => ValueTask.FromResult<Actor?>(Of(context));

    /// <summary>The same, once it is known who the stranger is.</summary>
    public Actor As(string person) => this with { Id = person };

    internal static string? NetworkOf(IPAddress? address)
    {
        if (address is null) return null;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bits = address.AddressFamily == AddressFamily.InterNetworkV6 ? 48 : 24;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(bits / 8).Clear();
        return $"{new IPAddress(bytes)}/{bits}";
    }
}
