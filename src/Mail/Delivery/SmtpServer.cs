using System.Net;

namespace Kontor.Mail.Delivery;

/// <summary>
/// The mail server of `KONTOR_SMTP`. All goes encrypted (STARTTLS), unless the server is this machine or the URL ends with `?tls=off`.
/// </summary>
/// <param name="User">Null where the server asks for none.</param>
internal sealed record SmtpServer(string Host, int Port, bool Tls, string? User, string? Password)
{
    private const int PortDefault = 587;

    /// <returns>The server, or a sentence for the person at the terminal, in which the password does not occur.</returns>
    public static (SmtpServer? Server, string? Error) Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url is not { Scheme: "smtp", Host.Length: > 0, PathAndQuery: var rest })
            return (null, "KONTOR_SMTP is a URL like smtp://user:password@host:587; encryption by STARTTLS, so no smtps://.");
        if (rest is not ("/" or "" or "/?tls=off" or "?tls=off" or "/?tls=on" or "?tls=on"))
            return (null, "KONTOR_SMTP has nothing after the port but ?tls=off or ?tls=on.");
        var asked = url.Query.Length > 0 ? url.Query == "?tls=on" : !IsHere(url.Host);
        var login = url.UserInfo.Split(':', 2);
        var user = login[0].Length > 0 ? Uri.UnescapeDataString(login[0]) : null;
        if (user is not null && !asked && !IsHere(url.Host))
            return (null, "KONTOR_SMTP has a password, which does not go to another machine without encryption.");
        var password = login.Length > 1 ? Uri.UnescapeDataString(login[1]) : "";
        return (new(url.Host, url.Port > 0 ? url.Port : PortDefault, asked, user, password), null);
    }

    /// <summary>Without the password, wherever it is printed.</summary>
    public override string ToString() => $"{Host}:{Port}";

    private static bool IsHere(string host) =>
        host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
