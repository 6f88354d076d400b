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
/// Widgets in the order of a feed, slot after slot: in each pinned ones in their places, the others by their scores, no more of one kind
/// than the caps allow, and neighbours that differ where that costs little. The same input always gives the same order.
/// </summary>
internal sealed record Arrangement(IReadOnlyList<Placed> Placed, IReadOnlyList<Dropped> Dropped)
{
    /// <param name="widgets">Only those that have something to show: others would take places and count towards caps.</param>
    /// <param name="viewer">Whose feed it is.</param>
    /// <param name="rates">How often who clicks what.</param>
    /// <param name="options">How much each reason weighs.</param>
    /// <param name="day">Since 1970, UTC.</param>
    public static Arrangement Of(
        IReadOnlyList<Candidate> widgets, Viewer viewer, ClickRates rates, RankingOptions options, long day)
    {
        var scored = new Scored[widgets.Count];
        for (var i = 0; i < scored.Length; i++)
        {
            var seen = viewer.Impressions?.Of(widgets[i].Id, day, options) ?? default;
            scored[i] = new(widgets[i], Score.Of(widgets[i], viewer, seen, rates, options, day), seen);
        }

        Array.Sort(scored);
        var arranging = new Arranging(options);
        arranging.Choose(scored);
        arranging.Place();
        return new(arranging.Placed, arranging.Dropped);
    }

    /// <summary>Slot after slot, and in each the best first.</summary>
    private sealed record Scored(Candidate Widget, Score Score, Facts Seen) : IComparable<Scored>
    {
        public double Total { get; } = Score.Total;

        public int CompareTo(Scored? other)
        {
            if (Widget.Slot != other!.Widget.Slot) return Widget.Slot.CompareTo(other.Widget.Slot);
            var better = other.Total.CompareTo(Total);
            return better != 0 ? better : string.CompareOrdinal(Widget.Key, other.Widget.Key);
        }
    }

    private sealed class Arranging(RankingOptions options)
    {
        private readonly Dictionary<string, int> _products = new(StringComparer.Ordinal);
        private readonly Dictionary<string, int> _categories = new(StringComparer.Ordinal);
        private readonly List<Scored> _pinned = [];
        private readonly List<Scored> _free = [];

        public List<Placed> Placed { get; } = [];

        public List<Dropped> Dropped { get; } = [];

        /// <summary>What stands further up has the first right to the places that the caps leave.</summary>
        public void Choose(Scored[] scored)
        {
            foreach (var one in scored)
            {
                // Somebody decided that everybody shall see it, so it counts, and stays.
                if (one.Widget.Pin is not null) Take(one, _pinned);
            }

            var enough = new List<Scored>();
            foreach (var one in scored)
            {
                if (one.Widget.Pin is not null) continue;
                if (one.Seen.IsDismissed) Drop(one, Cap.Dismissed);
                else if (one.Seen.VisitsToday >= options.DayMax) enough.Add(one);
                else TakeOrDrop(one);
            }

            foreach (var one in enough)
            {
                if (_pinned.Count + _free.Count < options.DayLeaves) TakeOrDrop(one);
                else Drop(one, Cap.Day);
            }

            // What came back stands where it would have stood.
            _free.Sort();
        }

        public void Place()
        {
            _pinned.Sort((one, other) => (one.Widget.Slot, one.Widget.Pin!.Value) == (other.Widget.Slot, other.Widget.Pin!.Value)
                ? one.CompareTo(other)
                : (one.Widget.Slot, one.Widget.Pin!.Value).CompareTo((other.Widget.Slot, other.Widget.Pin!.Value)));
            var (begin, slot) = (0, -1);
            while (_pinned.Count + _free.Count > 0)
            {
                var next = Math.Min(SlotOf(_pinned), SlotOf(_free));
                if (next != slot) (slot, begin) = (next, Placed.Count);
                // A pin beyond the end of its slot is its end.
                if (SlotOf(_pinned) == slot && (_pinned[0].Widget.Pin <= Placed.Count - begin || SlotOf(_free) != slot))
                {
                    Placed.Add(new(_pinned[0].Widget, _pinned[0].Score, Diversity: 0));
                    _pinned.RemoveAt(0);
                    continue;
                }

                var best = Best(slot);
                Placed.Add(new(_free[best].Widget, _free[best].Score, DiversityOf(_free[best].Widget)));
                _free.RemoveAt(best);
            }
        }

        private static int SlotOf(List<Scored> sorted) => sorted.Count > 0 ? sorted[0].Widget.Slot : int.MaxValue;

        private void TakeOrDrop(Scored one)
        {
            if (CapOf(one.Widget) is { } cap) Drop(one, cap);
            else Take(one, _free);
        }

        private void Drop(Scored one, Cap cap) => Dropped.Add(new(one.Widget, one.Score, cap));

        private void Take(Scored one, List<Scored> list)
        {
            list.Add(one);
            var widget = one.Widget;
            _products[widget.Product] = _products.GetValueOrDefault(widget.Product) + 1;
            if (widget.Category is { } category) _categories[category] = _categories.GetValueOrDefault(category) + 1;
        }

        private Cap? CapOf(Candidate widget)
        {
            if (options.UncappedTeams.Contains(widget.Product)) return null;
            if (_products.GetValueOrDefault(widget.Product) >= options.ProductMax) return Cap.Product;
            if (widget.Category is { } category && _categories.GetValueOrDefault(category) >= options.CategoryMax) return Cap.Category;
            return null;
        }

        /// <summary>The first of the slot's best once neighbours are taken into account.</summary>
        private int Best(int slot)
        {
            var (best, most) = (0, double.NegativeInfinity);
            for (var i = 0; i < _free.Count && _free[i].Widget.Slot == slot; i++)
            {
                // The others are worth less even without a neighbour like them.
                if (_free[i].Total <= most) break;
                var worth = _free[i].Total - DiversityOf(_free[i].Widget);
                if (worth > most) (best, most) = (i, worth);
            }

            return best;
        }

        private double DiversityOf(Candidate widget) =>
            widget.Category is { } category && Placed.Count > 0 && Placed[^1].Widget.Category == category ? options.DiversityPoints : 0;
    }
}
