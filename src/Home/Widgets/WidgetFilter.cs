using Kontor.Foundation.Data;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>Which of the widgets an admin looks for; null is any.</summary>
/// <param name="State">`draft`, `published` or `archived`.</param>
/// <param name="Type">`hero`, in whichever version.</param>
/// <param name="Waiting">Only those of which something waits for a second admin.</param>
internal sealed record WidgetFilter(
    string? State = null, string? Team = null, WidgetSlot? Slot = null, string? Type = null, bool Waiting = false)
{
    /// <summary>Read at a time, and looked at for one page at most: archived widgets may be many.</summary>
    private const int ReadMax = 200;
    private const int LookedAtMax = 2000;

    public bool IsAny => this is { State: null, Team: null, Slot: null, Type: null, Waiting: false };

    /// <summary>By key, from after a key.</summary>
    /// <returns>At most as many as asked for, and the key after which there may be more; null at the end.</returns>
    public async Task<(List<Widget> Widgets, string? After)> Page(Tx tx, string? after, int most)
    {
        var found = new List<Widget>();
        for (var looked = 0; looked < LookedAtMax; looked += ReadMax)
        {
            var read = await StoredWidgets.Page(tx, State, after, ReadMax);
            foreach (var widget in read.Where(Matches))
            {
                // One more than asked for tells that there are more.
                if (found.Count == most) return (found, found[^1].Key);
                found.Add(widget);
            }

            if (read.Count < ReadMax) return (found, null);
            after = read[^1].Key;
        }

        return (found, after);
    }

    public bool Matches(Widget widget) =>
        (State is null || State.Equals(widget.State.ToString(), StringComparison.OrdinalIgnoreCase))
        && (Team is null || Team == widget.Target.Team)
        && (Slot is null || Slot == widget.Target.Slot)
        && (Type is null || Type == widget.Type.Key)
        && (!Waiting || widget.Proposal is not null);
}
