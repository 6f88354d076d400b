using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Kontor.Foundation.Http;

/// <summary>Set by the host.</summary>
public sealed class PublicUrlOptions
{
    /// <summary>Scheme, host and port; null is the address that the server listens on.</summary>
    public Uri? Origin { get; set; }
}

/// <summary>
/// Where people reach this installation. Addresses that leave it, such as links in letters, begin with this and never with the host that
/// a request names, because anybody can write that.
/// </summary>
public sealed class PublicUrl(IOptions<PublicUrlOptions> options, IServer server)
{
    public Uri Origin => options.Value.Origin
        ?? new Uri(server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://127.0.0.1");

    /// <summary>The whole address of a path of this server, which begins with `/`.</summary>
    public string Of(string path) => path is ['/', ..] and not ['/', '/', ..]
        ? Origin.GetLeftPart(UriPartial.Authority) + path
        : throw new ArgumentException("This is no path of this server.", nameof(path));

    /// <summary>
    /// An address of this server as a path, so that somebody who reached it by another name stays there; any other address as it is.
    /// </summary>
    public string PathOf(string address) =>
        address.StartsWith(Of("/"), StringComparison.OrdinalIgnoreCase) ? new Uri(address).PathAndQuery : address;
}
