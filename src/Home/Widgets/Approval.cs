using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Home.Simulation;
using Microsoft.Extensions.Options;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>Four eyes: what is to be shown of a team's widgets waits until an admin agrees who did not wish it.</summary>
internal sealed class Approval(IOptions<HomeOptions> options, Simulator simulator, DailyReach alone)
{
    public static readonly Problem SecondPersonNeeded =
        new(409, "second-person-needed", "Somebody else has to publish what you wish to be shown.");

    public static readonly Problem WishChanged =
        new(409, "wish-changed", "What waits is not what you have read. Look again.");

    public static readonly Problem WishWaits =
        new(409, "wish-waits", "Somebody else wishes a change of this. Agree to it or refuse it first.");

    private static readonly Problem PutAway = StoredWidgets.Changed.Because(
        "It was archived after this was wished. Bring it back as a draft first, or refuse what is wished.");

    /// <summary>Nobody agrees to their own wish, nor to one that they have not read.</summary>
    /// <param name="mark">Of the wish that they have read.</param>
    public static Problem? CannotAgree(Proposal wish, string userId, string? mark) =>
        wish.UserId == userId ? SecondPersonNeeded : wish.Mark == mark ? null : WishChanged;

    /// <summary>Somebody else's wish is not lost by another's change, unless whoever makes it has read it.</summary>
    public static Problem? CannotReplace(Proposal? wish, string userId, string? mark) =>
        wish is null || wish.UserId == userId || wish.Mark == mark ? null : WishWaits;

    /// <summary>To take something off leaves alone what somebody else wishes of it, and ends one's own wish.</summary>
    public static Proposal? Others(Proposal? wish, string userId) => wish?.UserId == userId ? null : wish;

    /// <param name="mark">Null for whatever waits.</param>
    public static Problem? CannotRefuse(Proposal? wish, string? mark) => mark is null || wish?.Mark == mark ? null : WishChanged;

    /// <summary>The widget as it is to be stored: changed, or as it was with a wish that waits.</summary>
    /// <param name="mark">Of somebody else's wish that may be replaced.</param>
    public async Task<Outcome<Widget>> Decide(Tx tx, Widget before, Widget after, string userId, string? mark, Reach reach)
    {
        var wish = WidgetView.Json(after);
        if (wish == WidgetView.Json(before)) return before;
        if (after.State != WidgetState.Published && wish == WidgetView.Json(before with { State = after.State }))
            return after with { Proposal = Others(before.Proposal, userId) };
        if (CannotReplace(before.Proposal, userId, mark) is { } problem) return problem;
        var isShown = after.State == WidgetState.Published;
        var isNeeded = IsNeeded(before.Target.Team, after.Target.Team, isShown);
        if (!isNeeded && isShown)
        {
            if (!reach.IsKnown(after)) return StoredWidgets.Changed;
            isNeeded = await IsTooFar(tx, userId, reach);
        }

        return isNeeded ? before with { Proposal = new(userId, wish) } : after with { Proposal = null };
    }

    /// <summary>Shows a widget, or does what somebody wishes of it.</summary>
    /// <param name="mark">Of the wish that the admin has read; null where they saw none.</param>
    /// <param name="check">Of what would be: what it names may be gone.</param>
    public async Task<Outcome<Widget>> Publish(
        Tx tx, Widget before, string userId, string? mark, Reach reach, Func<Tx, Widget, Task<Outcome<Widget>>> check)
    {
        if (before.Proposal is { } wish)
        {
            if (CannotAgree(wish, userId, mark) is { } refusal) return refusal;
            // Whoever put it away did not know what waits, and whoever agrees may not know that it is away. To bring it back can be wished.
            if (before.State == WidgetState.Archived && WidgetView.VersionIn(wish.Json) != before.Version) return PutAway;
            return await check(tx, WidgetView.Apply(before, wish.Json) with { Proposal = null });
        }

        if (mark is not null) return WishChanged;
        var (after, problem) = await check(tx, before with { State = WidgetState.Published });
        return problem is not null ? problem : await Decide(tx, before, after!, userId, null, reach);
    }

    /// <summary>It would alter more feeds than one person alone may on one day; else it is counted towards that.</summary>
    public async Task<bool> IsTooFar(Tx tx, string userId, Reach reach) =>
        simulator.Limit is { } limit && !await alone.Add(tx, userId, reach.Share, limit);

    /// <summary>
    /// Whose second person is asked: of what is shown, that of every team whose it is, was or would be; of what is not, that of the team
    /// that would lose it. Giving something to another team is no way around its own, and taking something off needs one person.
    /// </summary>
    /// <param name="others">Teams whose widgets show something else when this is shown.</param>
    public bool IsNeeded(string before, string after, bool isShown, params IEnumerable<string> others) =>
        IsCareful(before) ? isShown || before != after : isShown && others.Append(after).Any(IsCareful);

    /// <summary>Two have to agree to what this team's widgets show.</summary>
    public bool IsCareful(string team) => options.Value.FourEyes.Any(one => one == "*" || one == team);
}
