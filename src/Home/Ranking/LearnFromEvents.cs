using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Insight;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Ranking;

/// <summary>Takes what a person saw, clicked and sent away into what is known of them, unless they do not want that.</summary>
internal sealed class LearnFromEvents(FeedModels models, IOptions<RankingOptions> options) : IFeedEventReader
{
    public async Task Seen(Tx tx, Visitor visitor, IReadOnlyList<FeedEvent> events, long now)
    {
        if (visitor.UserId is not { } userId) return;
        var row = await StoredTastes.Lock(tx, userId, now);
        if (!row.IsOn) return;
        // Read after the lock, and of this run alone: the work may be run again.
        var state = PersonalState.Of(row, options.Value);
        var (isChanged, isSeen) = (false, false);
        foreach (var one in events)
        {
            var effect = Take(state, one, now);
            isChanged |= effect is not Effect.None;
            isSeen |= effect is Effect.Today;
        }

        if (isChanged) await StoredTastes.Save(tx, userId, state, now, isSeen);
    }

    private enum Effect
    {
        None,

        /// <summary>What was seen in vain makes nothing fall on the day on which it was seen.</summary>
        Tomorrow,
        Today,
    }

    private Effect Take(PersonalState state, FeedEvent one, long now)
    {
        // Archived meanwhile: there is nothing to be learned of it.
        if (models.Current.ById.GetValueOrDefault(one.WidgetId) is not { Widget: var widget }) return Effect.None;
        var (day, minute) = (one.At / Clock.Day, (int)(one.At % Clock.Day / Clock.Minute));
        // Whatever was clicked was seen too, whichever is told first.
        var visits = state.Seen.Seen(widget.Id, day, minute);
        // What was recorded without a connection is of an earlier day.
        var effect = visits is null ? Effect.None
            : day < now / Clock.Day || visits >= options.Value.DayMax ? Effect.Today : Effect.Tomorrow;
        if (one.Kind == FeedEventKind.Impression) return effect;
        // The same again on one day says nothing new, so nobody's taste is made by tapping.
        var response = one.Kind == FeedEventKind.Click ? Response.Clicked : Response.Dismissed;
        if (!state.Seen.Answered(widget.Id, day, minute, response)) return effect;
        if (response == Response.Clicked) state.Taste.Clicked(widget.Category, now);
        else state.Taste.Dismissed(widget.Category, now);
        return Effect.Today;
    }
}
