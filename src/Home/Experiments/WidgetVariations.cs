using System.Text.Json;
using Kontor.Home.Feed;
using Kontor.Home.Widgets;

namespace Kontor.Home.Experiments;

/// <summary>In which variations of which experiment a widget is shown.</summary>
/// <param name="Index">The experiment's place among those in use; -1 when there is no such experiment any more.</param>
/// <param name="ShownIn">The variations, by their place.</param>
internal sealed record WidgetVariations(int Index, IReadOnlyList<int> ShownIn)
{
    public static WidgetVariations? Of(Widget widget, ExperimentBook book)
    {
        if (widget.Target.Experiment is not { Key: { } key } named) return null;
        var index = book.IndexOf(key);
        return new(index, index < 0 ? [] : [.. (named.Variations ?? []).Select(book.At(index).Stored.Design.IndexOf).Where(i => i >= 0)]);
    }

    /// <summary>Without the experiment nobody can say who may see it, so nobody does.</summary>
    public bool AreFor(Projection projection) => Index >= 0 && ShownIn.Contains(ExperimentBook.VariationOf(projection.Variations[Index]));

    /// <summary>Tells a client that the widget is part of an experiment; nothing where a hand decided, for that does not count.</summary>
    public void Write(Utf8JsonWriter tracking, ExperimentBook book, Projection projection)
    {
        if (Index < 0 || projection.Variations[Index] is var letter && !ExperimentBook.Counts(letter)) return;
        var design = book.At(Index).Stored;
        tracking.WriteString("experiment", design.Key);
        tracking.WriteString("variation", design.Design.Variations[ExperimentBook.VariationOf(letter)].Key);
    }
}
