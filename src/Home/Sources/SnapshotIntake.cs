using System.Text;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Segments;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using static Kontor.Home.Sources.StoredSnapshots;

namespace Kontor.Home.Sources;

/// <summary>What somebody says a widget shows, before it is checked; pushed and pulled ones alike.</summary>
/// <param name="UserId">As <see cref="Audience"/> has it.</param>
/// <param name="Type">As it was written: `card-list`, or `card-list@2`.</param>
internal sealed record Incoming(
    string Source, string Key, string UserId, long Version, string Type, JsonElement Content, int TtlSeconds, int StaleSeconds)
{
    public static Incoming Of(PushSnapshot.Target target, PushSnapshot.Request request) => new(
        target.Source, target.Key, request.UserId!, request.Version, request.Type, request.Content, request.TtlSeconds,
        request.StaleSeconds);

    /// <summary>Stands for what was no snapshot.</summary>
    public static Incoming None(string source) => new(source, "", "", 0, "", default, 0, 0);
}

/// <summary>The one door for content from outside: whatever came by whichever way is held against the same contract.</summary>
internal sealed class SnapshotIntake(WidgetTypes types)
{
    public const int DayS = 24 * 60 * 60;
    public const int TtlSecondsDefault = 300;

    private static readonly Problem WidgetUnknown = new(404, "not-found", "The source has no such widget. An admin adds it first.");
    private static readonly Problem TypeWrong = new(422, "snapshot-type-wrong", "The widget is of another type.");
    private static readonly Problem SegmentUnknown = new(422, "segment-unknown", "There is no such segment. An admin adds it first.");
    private static readonly Problem NotPersonal = new(422, "widget-not-personal", "The widget shows the same to all.");

    /// <summary>Checked and stored.</summary>
    public async Task<Outcome<bool>> Take(Tx tx, Incoming incoming, long now)
    {
        var (pushed, refusal) = await Check(tx, incoming, now);
        return refusal is not null ? refusal : await Store(tx, pushed!);
    }

    public async Task<Outcome<Pushed>> Check(Tx tx, Incoming incoming, long now)
    {
        if (await StoredWidgets.BySource(tx, incoming.Source, incoming.Key) is not { } widget) return WidgetUnknown;
        if (TypeName.Parse(incoming.Type) != widget.Type) return TypeWrong.Because($"It is of the type {widget.Type}.");
        if (Audience.SegmentOf(incoming.UserId) is { } segment)
        {
            if (!await StoredSegments.Exists(tx, segment)) return SegmentUnknown;
        }
        else if (incoming.UserId != Audience.All && !widget.Target.Personal)
        {
            return NotPersonal;
        }

        string? content = null;
        if (incoming.Content.ValueKind != JsonValueKind.Null)
        {
            // A stored widget's type is there: the table refers to it.
            var (json, problem) = WidgetContent.Read(incoming.Content, (await types.Find(tx, widget.Type))!);
            if (problem is not null) return problem;
            content = Encoding.UTF8.GetString(json!);
        }

        var freshUntil = now + incoming.TtlSeconds * Clock.Second;
        return new Pushed(
            incoming.Source, incoming.Key, incoming.UserId, incoming.Version, content, now, freshUntil,
            freshUntil + incoming.StaleSeconds * Clock.Second);
    }
}
