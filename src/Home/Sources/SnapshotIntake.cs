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
internal sealed class SnapshotIntake(WidgetTypes types, KnownAccounts accounts)
{
    public const int DayS = 24 * 60 * 60;
    public const int TtlSecondsDefault = 300;

    /// <summary>Nothing is fresh, or shown once it is stale, for longer.</summary>
    public const int SecondsMax = 30 * DayS;

    private static readonly Problem TimesRefused = new(422, "snapshot-times-refused", "The type's contract allows no such times.");
    private static readonly Problem TooSlow = new(422, "pull-too-slow", "The source took longer than the type's contract allows.");
    private static readonly Problem WidgetUnknown = new(404, "not-found", "The source has no such widget. An admin adds it first.");
    private static readonly Problem TypeWrong = new(422, "snapshot-type-wrong", "The widget is of another type.");
    private static readonly Problem SegmentUnknown = new(422, "segment-unknown", "There is no such segment. An admin adds it first.");
    private static readonly Problem NotPersonal = new(422, "widget-not-personal", "The widget shows the same to all.");

    /// <param name="Type">Whose contract it keeps.</param>
    internal sealed record Accepted(Pushed Pushed, WidgetType Type);

    /// <summary>Null when it is for somebody, or for many. Asked before the transaction, which waits for no other module.</summary>
    public Task<Problem?> CheckPerson(Incoming incoming, CancellationToken ct) =>
        Audience.IsShared(incoming.UserId) ? Task.FromResult<Problem?>(null) : accounts.Check(incoming.UserId, ct);

    /// <summary>Checked, counted and stored.</summary>
    public async Task<Outcome<bool>> Take(Tx tx, Incoming incoming, long now)
    {
        var (accepted, refusal) = await Check(tx, incoming, null, now);
        refusal ??= await PushRates.Count(tx, incoming.Source, accepted!.Type, now);
        return refusal is not null ? refusal : await Store(tx, accepted!.Pushed);
    }

    /// <param name="tookMs">How long its source was waited for; null for what came by itself.</param>
    public async Task<Outcome<Accepted>> Check(Tx tx, Incoming incoming, long? tookMs, long now)
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

        // A stored widget's type is there: the table refers to it.
        var type = (await types.Find(tx, widget.Type))!;
        if (LimitProblem(type.Contract.Limits, incoming, tookMs) is { } limit) return limit;
        string? content = null;
        if (incoming.Content.ValueKind != JsonValueKind.Null)
        {
            var (json, problem) = WidgetContent.Read(incoming.Content, type);
            if (problem is not null) return problem;
            content = Encoding.UTF8.GetString(json!);
        }

        var freshUntil = now + incoming.TtlSeconds * Clock.Second;
        return new Accepted(
            new(incoming.Source, incoming.Key, incoming.UserId, incoming.Version, content, now, freshUntil,
                freshUntil + incoming.StaleSeconds * Clock.Second),
            type);
    }

    private static Problem? LimitProblem(TypeLimits limits, Incoming incoming, long? tookMs)
    {
        if (incoming.TtlSeconds < limits.TtlSecondsMin) return TimesRefused.Because($"It is fresh for less than {limits.TtlSecondsMin} s.");
        if (incoming.TtlSeconds > limits.TtlSecondsMax) return TimesRefused.Because($"It is fresh for more than {limits.TtlSecondsMax} s.");
        if (incoming.StaleSeconds > limits.StaleSecondsMax)
            return TimesRefused.Because($"It is shown, once stale, for more than {limits.StaleSecondsMax} s.");
        return tookMs > limits.TimeoutMs ? TooSlow.Because($"It took {tookMs} ms, and may take {limits.TimeoutMs}.") : null;
    }
}
