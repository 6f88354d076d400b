namespace Kontor.Home.Insight;

public enum FeedEventKind
{
    /// <summary>At least half of the widget was on screen for a second.</summary>
    Impression,
    Click,

    /// <summary>The reader does not want to see it for now.</summary>
    Dismiss,
}

/// <summary>What a reader did with a widget.</summary>
/// <param name="Id">Of the visitor's own making; an event whose id was counted before is the same event.</param>
/// <param name="At">Milliseconds since 1970, never in the future.</param>
/// <param name="Position">In the feed, 0 stands first; null when the client did not say.</param>
internal sealed record FeedEvent(string Id, string WidgetId, string FeedId, FeedEventKind Kind, long At, int? Position);
