using Kontor.Foundation.Time;

namespace Kontor.Home.Ranking;

/// <summary>Why a widget that might be shown is not.</summary>
internal enum Cap
{
    Product,
    Category,
    Day,
    Dismissed,
}

/// <param name="Diversity">Taken off its score because its neighbour above is of the same category.</param>
internal sealed record Placed(Candidate Widget, Score Score, double Diversity);

internal sealed record Dropped(Candidate Widget, Score Score, Cap Cap);

/// <summary>
/// Widgets in the order of a feed: pinned ones in their places, the others by their scores, no more of one kind than the caps allow, and
/// neighbours that differ where that costs little. The same input always gives the same order.
/// </summary>
internal sealed record Arrangement(IReadOnlyList<Placed> Placed, IReadOnlyList<Dropped> Dropped)
{
    public static Arrangement Of(
        IEnumerable<Candidate> widgets, Viewer viewer, ClickRates rates, RankingOptions options, long now)
    {
        var scored = widgets.Select(widget => (Widget: widget, Score: Score.Of(widget, viewer, rates, options, now)))
            .OrderByDescending(one => one.Score.Total)
            .ThenBy(one => one.Widget.Key, StringComparer.Ordinal)
            .ToList();
        var arranging = new Arranging(options);
        var pinned = scored.Where(one => one.Widget.Pin is not null).OrderBy(one => one.Widget.Pin).ToList();
        foreach (var (widget, _) in pinned) arranging.Count(widget);
        var free = new List<(Candidate Widget, Score Score)>();
        foreach (var one in scored.Where(one => one.Widget.Pin is null))
        {
            if ((Personal(one.Widget, viewer, options, now) ?? arranging.CapOf(one.Widget)) is { } cap)
            {
                arranging.Dropped.Add(new(one.Widget, one.Score, cap));
                continue;
            }

            arranging.Count(one.Widget);
            free.Add(one);
        }

        arranging.Place(pinned, free);
        return new(arranging.Placed, arranging.Dropped);
    }

    /// <summary>A person has had enough of it; a pinned one stays, because somebody decided that everybody shall see it.</summary>
    private static Cap? Personal(Candidate widget, Viewer viewer, RankingOptions options, long now)
    {
        if (viewer.Impressions is not { } seen) return null;
        if (seen.WasDismissedAfter(widget.Id, now - options.DismissedDays * Clock.Day)) return Cap.Dismissed;
        return seen.InTheLastDay(widget.Id, now) >= options.DayMax ? Cap.Day : null;
    }

    private sealed class Arranging(RankingOptions options)
    {
        private readonly Dictionary<string, int> _products = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _categories = new(StringComparer.Ordinal);

        public List<Placed> Placed { get; } = [];

        public List<Dropped> Dropped { get; } = [];

        public void Count(Candidate widget)
        {
            _products[widget.Product] = _products.GetValueOrDefault(widget.Product) + 1;
            if (widget.Category is { } category) _categories[category] = _categories.GetValueOrDefault(category) + 1;
        }

        public Cap? CapOf(Candidate widget)
        {
            if (_products.GetValueOrDefault(widget.Product) >= options.ProductMax) return Cap.Product;
            if (widget.Category is { } category && _categories.GetValueOrDefault(category) >= options.CategoryMax) return Cap.Category;
            return null;
        }

        /// <param name="pinned">By their places; two with one place stand one after the other, the better first.</param>
        /// <param name="free">The best first.</param>
        public void Place(List<(Candidate Widget, Score Score)> pinned, List<(Candidate Widget, Score Score)> free)
        {
            while (pinned.Count + free.Count > 0)
            {
                // A pin beyond the end of the feed is its end.
                if (pinned.Count > 0 && (pinned[0].Widget.Pin <= Placed.Count || free.Count == 0))
                {
                    Placed.Add(new(pinned[0].Widget, pinned[0].Score, Diversity: 0));
                    pinned.RemoveAt(0);
                    continue;
                }

                var best = Best(free);
                Placed.Add(new(free[best].Widget, free[best].Score, DiversityOf(free[best].Widget)));
                free.RemoveAt(best);
            }
        }

        private int Best(List<(Candidate Widget, Score Score)> free)
        {
            var best = 0;
            for (var i = 1; i < free.Count; i++)
            {
                if (Worth(free[i]) > Worth(free[best])) best = i;
            }

            return best;
        }

        private double Worth((Candidate Widget, Score Score) one) => one.Score.Total - DiversityOf(one.Widget);

        private double DiversityOf(Candidate widget) =>
            widget.Category is { } category && Placed.Count > 0 && Placed[^1].Widget.Category == category ? options.DiversityPoints : 0;
    }
}
