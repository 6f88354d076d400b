using System.ComponentModel.DataAnnotations;
using System.Net;
using Kontor.Foundation;

namespace Kontor.Home.Sources.Pulled;

/// <summary>How a pull says who asks.</summary>
public enum PullAuth
{
    None,
    Bearer,
    Signed,
}

/// <summary>What a source declares that is pulled: where it is asked, and how much of that it bears.</summary>
/// <param name="Url">`https`; on this machine `http` too, where the option `Home:PullLoopback` allows it. Null: it is not pulled.</param>
/// <param name="IntervalSeconds">Between two pulls, while nothing is known to have changed.</param>
/// <param name="CallsPerMinute">At most, over all nodes and for whatever reason.</param>
/// <param name="TimeoutMs">An answer that is not whole by then is none.</param>
/// <param name="MaxBytes">A larger answer is none.</param>
/// <param name="Auth">`none`, `bearer` (the secret is the token) or `signed` (HMAC-SHA256 by the secret).</param>
/// <param name="Secret">Shared with the source, and never shown; visible ASCII. When left out of a change, the earlier one stays.</param>
public sealed record PullSettings(
    [property: MaxLength(2000)] string? Url = null,
    [property: Range(1, 24 * 60 * 60)] int IntervalSeconds = 60,
    [property: Range(1, 600)] int CallsPerMinute = 6,
    [property: Range(100, 10_000)] int TimeoutMs = 2000,
    [property: Range(1024, 1024 * 1024)] int MaxBytes = 256 * 1024,
    PullAuth Auth = PullAuth.None,
    [property: Length(16, 200)] string? Secret = null)
{
    internal static readonly Problem UrlRefused = new(422, "pull-url-refused", "A source cannot be pulled from there.");

    internal static readonly Problem SecretRefused =
        new(422, "pull-secret-refused", "A secret has only ASCII characters from the space to the tilde.");

    internal static readonly Problem SecretMissing = new(422, "pull-secret-missing", "To say who asks it needs a secret.");

    /// <summary>Null when it may be called, as far as can be seen from the address alone; what its name leads to is looked at in each
    /// call.</summary>
    internal static Problem? CheckUrl(string url, bool allowsLoopback)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http"))
            return UrlRefused.Because("It is no `https` address.");
        if (uri.UserInfo.Length > 0 || uri.Fragment.Length > 0) return UrlRefused.Because("It has a user or a fragment.");
        var isHere = IsLoopbackName(uri);
        if (isHere && !allowsLoopback) return UrlRefused.Because("It is this machine, and `Home:PullLoopback` is off.");
        if (uri.Scheme == "http" && !isHere) return UrlRefused.Because("It is not encrypted: use `https`.");
        if (!isHere && IPAddress.TryParse(uri.DnsSafeHost, out var address) && !Reachable.IsPublic(address))
            return UrlRefused.Because("It is no public address.");
        return null;
    }

    /// <summary>Anything else could not be said in a header.</summary>
    internal static Problem? CheckSecret(string? secret) =>
        secret?.All(one => one is >= ' ' and <= '~') == false ? SecretRefused : null;

    internal static bool IsLoopbackName(Uri uri) =>
        uri.DnsSafeHost == "localhost" || (IPAddress.TryParse(uri.DnsSafeHost, out var address) && IPAddress.IsLoopback(address));
}
