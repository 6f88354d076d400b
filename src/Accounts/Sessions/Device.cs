using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.Sessions;

/// <summary>What a session is called in its owner's list: "Firefox (Windows)", or what an app calls itself.</summary>
internal static class Device
{
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

    public static string Of(HttpRequest request)
    {
        var agent = request.Headers.UserAgent.ToString();
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
