using Kontor.Foundation.Data;
using Kontor.Home.Feed;
using Kontor.Home.Insight;
using static Kontor.Home.Experiments.ExperimentSettings;
using static Kontor.Home.Widgets.WidgetSettings;
using Row = Kontor.Home.Experiments.StoredAssignments.Row;

namespace Kontor.Home.Experiments;

/// <summary>
/// Who has had a widget of an experiment on their screen has seen a variation: from then on they keep it, and what they do counts for it.
/// A click says as much as an impression, for whichever is told first. Nothing is written when a variation is given.
/// </summary>
internal sealed class Exposures(FeedModels models) : IFeedEventReader
{
    public async Task Seen(Tx tx, Visitor visitor, IReadOnlyList<FeedEvent> events, long now)
    {
        var model = models.Current;
        var told = Told(model, events);
        if (told.Count == 0 || (visitor.UserId is null && visitor.DeviceId is null)) return;
        var device = visitor.DeviceId is { } id ? Devices.Hash(id) : null;
        var units = new Units(visitor, device, await StoredAssignments.Of(tx, visitor.UserId, device));
        var own = OfExperiments(model, events);
        foreach (var (experiment, variation, all) in told)
        {
            var ofIt = all.Where(one => own.GetValueOrDefault(one.WidgetId) == experiment.Stored.Key).ToList();
            // Whoever is shown nothing has nothing on their screen, so for all alike it is the feed that counts. Where clicks decide, that
            // a widget was taken off makes nobody take part who could click nothing.
            var looks = experiment.Stored.Design.Goal != ClickGoal && HasEmptyVariation(model, experiment) ? all : ofIt;
            if (looks.Count > 0) await Expose(tx, units, experiment, variation, looks.Min(one => one.At));
            if (units.Find(experiment, variation) is not { } row) continue;
            await EventCounts.Add(tx, visitor, ofIt, experiment.StickyKey, variation);
            await StoredAssignments.Count(
                tx, row, ofIt.Count(one => one.Kind == FeedEventKind.Click), ofIt.Count(one => one.Kind == FeedEventKind.Dismiss),
                all.Count(one => one.Kind == FeedEventKind.Click));
        }
    }

    /// <param name="Device">The hash of the device's id.</param>
    private sealed record Units(Visitor Visitor, string? Device, List<Row> Rows)
    {
        /// <summary>Who saw this variation: the person, else the device that they had before they signed in.</summary>
        public Row? Find(LiveExperiment experiment, int variation) => Rows
            .Where(row => row.StickyKey == experiment.StickyKey && row.Variation == experiment.Stored.Design.Variations[variation].Key)
            .OrderBy(row => row.Attribute == Subject.Person ? 0 : 1)
            .FirstOrDefault();

        public bool Has(string attribute, string stickyKey) => Rows.Any(row => row.Attribute == attribute && row.StickyKey == stickyKey);
    }

    /// <summary>
    /// The events by what their feeds showed of each running experiment; in one order, so that the events of two people on one device
    /// never wait for each other crosswise.
    /// </summary>
    private static List<(LiveExperiment Experiment, int Variation, List<FeedEvent> Events)> Told(
        FeedModel model, IReadOnlyList<FeedEvent> events) =>
    [
        .. from experiment in model.Experiments.InUse
           where experiment.Stored.State == ExperimentState.Running
           orderby experiment.Stored.Key
           from shown in events.GroupBy(one => FeedMark.VariationIn(one.FeedId, experiment)).OrderBy(shown => shown.Key)
           where shown.Key >= 0 && shown.Key < experiment.Stored.Design.Variations.Count
           select (experiment, shown.Key, shown.ToList()),
    ];

    private static Dictionary<string, string> OfExperiments(FeedModel model, IReadOnlyList<FeedEvent> events)
    {
        var ids = events.Select(one => one.WidgetId).ToHashSet(StringComparer.Ordinal);
        return model.Widgets.Where(one => ids.Contains(one.Widget.Id) && one.Variations is { Index: >= 0 })
            .ToDictionary(one => one.Widget.Id, one => one.Widget.Target.Experiment!.Key!, StringComparer.Ordinal);
    }

    private static bool HasEmptyVariation(FeedModel model, LiveExperiment experiment) => model.Widgets
        .Where(one => one.Widget is { State: WidgetState.Published, Target.Experiment.Key: { } key } && key == experiment.Stored.Key)
        .SelectMany(one => one.Variations!.ShownIn)
        .Distinct().Count() < experiment.Stored.Design.Variations.Count;

    private static async Task Expose(Tx tx, Units units, LiveExperiment experiment, int variation, long at)
    {
        if (Whose(units, experiment, variation) is not { } attribute || units.Has(attribute, experiment.StickyKey)) return;
        var design = experiment.Stored.Design;
        var row = new Row(
            attribute, attribute == Subject.Person ? units.Visitor.UserId! : units.Device!, experiment.Stored.Key, design.BucketVersion,
            design.Variations[variation].Key, at, 0, 0, 0, null, true);
        if (attribute == Subject.Person && units.Find(experiment, variation) is { } device
            && await StoredAssignments.HandOver(tx, device) is { } counted)
        {
            // The same somebody as before they signed in: counted once, with what they did on the device.
            row = counted with { Attribute = attribute, Unit = row.Unit, IsCounted = true };
        }

        if (await StoredAssignments.Add(tx, row)) units.Rows.Add(row);
    }

    /// <summary>
    /// By which attribute the reader is given this variation: as who they are, or, for what was seen before they signed in, as their
    /// device. Null when neither is, whatever the feed's id says. Condition and prerequisites are not asked again, for the feed has;
    /// everything that makes it this variation is.
    /// </summary>
    private static string? Whose(Units units, LiveExperiment experiment, int variation)
    {
        var drawn = experiment.Drawn with { Prerequisites = [] };
        var remembered = Remembered.Read(units.Rows);
        return Draw(units.Visitor.UserId) ?? (units.Visitor.UserId is null ? null : Draw(null));

        string? Draw(string? userId)
        {
            var given = Assignment.Draw(drawn, new(default)
            {
                Units = attribute => attribute == Subject.Person ? userId : units.Visitor.DeviceId,
                Remembered = remembered.Of,
                Answers = _ => true,
            });
            return given.HashUsed && given.Variation == variation ? given.Attribute : null;
        }
    }
}
