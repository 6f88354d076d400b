using System.Net;
using Kontor.Foundation.Http;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.Passkeys;

/// <summary>Whom passkeys are for: what browsers call this installation. A passkey of one site is never used on another.</summary>
internal sealed class PasskeySite(PublicUrl url, IOptions<AccountOptions> options)
{
    /// <summary>
    /// Scheme, host and port of the pages that may use passkeys. A passkey belongs to a name and never to an address, so where people would
    /// reach this server by a loopback address, it is `localhost`.
    /// </summary>
    public Uri Origin => IPAddress.TryParse(url.Origin.DnsSafeHost, out var address) && IPAddress.IsLoopback(address)
        ? new UriBuilder(url.Origin) { Host = "localhost" }.Uri
        : url.Origin;

    /// <summary>The relying party's id, which passkeys are bound to.</summary>
    public string Id => Origin.IdnHost;

    /// <summary>Browsers refuse passkeys for an address, and without encryption but on this machine.</summary>
    public bool IsPossible => Origin.HostNameType == UriHostNameType.Dns && (Origin.Scheme == Uri.UriSchemeHttps || Origin.IsLoopback);

    /// <param name="origin">As the browser, or the app's platform, has put it in what was signed.</param>
    public bool Allows(string origin) =>
        origin == Origin.GetLeftPart(UriPartial.Authority) || options.Value.PasskeyOrigins.Contains(origin, StringComparer.Ordinal);
}
