using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace Kontor;

/// <summary>
/// `KONTOR_PROXIES`: whose word on a client's address, scheme and host is believed. Limits count addresses, and cookies are for https only
/// where the client came by https; so nobody else's headers change anything.
/// </summary>
internal static class Proxies
{
    /// <summary>Before everything else, so that nothing sees the proxy in the client's place.</summary>
    public static void Use(IApplicationBuilder app, IReadOnlyList<IPNetwork> known)
    {
        // The middleware believes everybody when it knows nobody.
        if (known.Count == 0) return;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            // From the nearest to the first that is not known: that one's address is the client's.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var network in known) options.KnownIPNetworks.Add(network);
        app.UseForwardedHeaders(options);
    }

    /// <exception cref="ArgumentException">With a message for the person at the terminal.</exception>
    public static IReadOnlyList<IPNetwork> Read(string? text) =>
        [.. (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Network)];

    private static IPNetwork Network(string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        if (Address(text) is { } address) return new(address, 8 * address.GetAddressBytes().Length);
        throw new ArgumentException(
            $"KONTOR_PROXIES are addresses and networks with commas between, like 10.0.0.5,10.1.0.0/16,fd00::/8; '{text}' is neither.");
    }

    /// <summary>Null when it is none as people write it: `1` would be 0.0.0.1.</summary>
    public static IPAddress? Address(string text) =>
        IPAddress.TryParse(text, out var address) && (text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3)
            ? address
            : null;
}
