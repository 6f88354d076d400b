using Kontor.Foundation.Data;

namespace Kontor.Home.Insight;

/// <summary>For parts of Home that learn from what readers do.</summary>
internal interface IFeedEventReader
{
    /// <summary>
    /// Called in the transaction that stores the events, with those that are counted for the first time, in the order in which they were
    /// sent; so a part that stores something of them does so exactly once. What it writes for many visitors at once it writes in sorted
    /// order, or two of these transactions may wait for each other for ever.
    /// </summary>
    /// <param name="now">Milliseconds since 1970; an event may be days older.</param>
    Task Seen(Tx tx, Visitor visitor, IReadOnlyList<FeedEvent> events, long now);
}
