using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Sources;
using Kontor.Home.Sources.Pulled;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home;

/// <summary>All that an admin sees of one source.</summary>
internal sealed class SourceDesk(Database database, OfferedWidgets offered, FeedModels models, PushedContent pushed, WidgetTypes types,
    TimeProvider time)
{
    private const int CallsShown = 20;
    private const int LettersShown = 50;

    /// <summary>Null when there is no such source.</summary>
    public async Task<ShowSource.View?> Of(string source, CancellationToken ct)
    {
        var now = time.NowMs();
        var isInProcess = offered.Sources.Contains(source);
        return await database.Snapshot(
            async tx =>
            {
                var view = isInProcess ? new(source, source, true, [], null) : await ManageSources.One(tx, source, now);
                if (view is null) return null;
                var calls = await StoredPulls.Calls(tx, source, CallsShown);
                var letters = await Refusals.Of(tx, source);
                var names = (await types.All(tx)).Select(type => type.Name.ToString()).ToList();
                return new ShowSource.View(
                    view, [.. models.Current.Widgets.Where(one => one.Widget.Source == source).Select(one => WidgetOf(one, now))],
                    [.. calls.Select(call => new ShowSource.Call(call.At.ToTime(), call.Outcome, call.TookMs, call.Bytes))],
                    [.. letters.Take(LettersShown).Select(LetterOf)], letters.Count, names);
            }, ct);
    }

    private ShowSource.Filled WidgetOf(FeedWidget one, long now)
    {
        var slot = one.Offered?.Shared;
        // Not the model's: what was renewed without a change is younger here.
        var told = one.Pushed is null ? null : pushed.Shared(one.Widget.Key, now) ?? one.Pushed;
        var shown = told?.Snapshot ?? one.Content;
        var state = one.IsPersonal || one.HasPersons && one.Content is null ? (ContentState?)null
            : one.Content?.Content is null ? ContentState.None
            : one.IsFallback ? ContentState.Fallback
            : slot?.IsOutdated(now) == true || told?.FreshUntil <= now ? ContentState.Stale
            : ContentState.Fresh;
        return new(
            one.Widget.Id, one.Widget.Key, one.Widget.Type.ToString(), state,
            shown is null || one.IsFallback ? null : shown.AsOf.ToTime(), slot?.LastFailure);
    }

    private static ShowSource.Letter LetterOf(Refusals.Refusal one) => new(
        one.At.ToTime(), one.Key, one.UserId, one.Version, one.Code,
        [.. JsonElement.Parse(one.Reasons).EnumerateArray().Select(reason =>
            $"{Text(reason, "pointer")} {Text(reason, "reason")}".Trim())], one.Payload);

    private static string? Text(JsonElement reason, string member) => reason.TryGetProperty(member, out var text) ? text.GetString() : null;
}
