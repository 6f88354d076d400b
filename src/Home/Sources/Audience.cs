namespace Kontor.Home.Sources;

/// <summary>
/// To whom a snapshot was pushed, as it is stored in place of a person's id: nothing for all, `/` and its key for a segment. No person's id
/// has a slash.
/// </summary>
internal static class Audience
{
    public const string All = "";

    public static string OfSegment(string key) => $"/{key}";

    /// <summary>Null when it is not a segment's.</summary>
    public static string? SegmentOf(string audience) => audience is ['/', .. var key] ? key : null;

    /// <summary>It is held in memory for everybody, not read when a person comes.</summary>
    public static bool IsShared(string audience) => audience is "" or ['/', ..];
}
