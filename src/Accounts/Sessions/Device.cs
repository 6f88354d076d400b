using Kontor.Accounts.Attempts;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.Sessions;

/// <summary>What a session is known by in its owner's list.</summary>
/// <param name="Name">"Firefox (Windows)", or what an app calls itself.</param>
/// <param name="Network">Where the sign-in came from, too coarse to tell a household (`203.0.113.0/24`); null when unknown.</param>
internal sealed record Device(string Name, string? Network)
{
    /// <summary>What <see cref="KnownDevices"/> left on it, if anything.</summary>
    public string? Cookie { get; init; }

    private const int LengthMax = 60;

    // The first that occurs decides: every browser claims to be its predecessors too.
    private static readonly (string Sign, string Name)[] Browsers =
    [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
    ];

    private static readonly (string Sign, string Name)[] Systems =
    [
        ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Macintosh", "Mac"),
        ("CrOS", "ChromeOS"), ("Linux", "Linux"),
    ];

    public static Device Of(HttpRequest request) =>
        new(NameOf(request.Headers.UserAgent.ToString()), Actor.NetworkOf(request.HttpContext.Connection.RemoteIpAddress))
        {
            Cookie = request.Cookies[KnownDevices.Cookie],
        };

    private static string NameOf(string agent)
    {
        var system = Find(Systems, agent);
        if (Find(Browsers, agent) is { } browser) return system is null ? browser : $"{browser} ({system})";
        // An app or a script: its first word, such as `Kontor/1.4`.
        var name = new string([.. agent.TakeWhile(c => c is > ' ' and <= '~').Take(LengthMax)]);
        return name.Length > 0 ? name : "Unknown device";
    }

    private static string? Find((string Sign, string Name)[] known, string agent)
    {
        foreach (var (sign, name) in known)
        {
            if (agent.Contains(sign, StringComparison.Ordinal)) return name;
        }

        return null;
    }
}
