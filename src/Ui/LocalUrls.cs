namespace Kontor.Ui;

/// <summary>A form says where to go afterwards; nobody is sent to another site by a link that looks like ours.</summary>
public static class LocalUrls
{
    /// <summary>The address when it is a path of this server, else `/`.</summary>
    public static string OrHome(string? url) => IsLocal(url) ? url! : "/";

    /// <summary>`//host` and `/\host` are other servers, and browsers skip tabs and line breaks within an address.</summary>
    public static bool IsLocal(string? url) =>
        url is ['/', ..] and not ['/', '/' or '\\', ..] && !url.Any(c => char.IsControl(c) || c == '\\');
}
