using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Insight;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Ranking;

/// <summary>
/// In which order a reader is shown what a skeleton has. Strangers and those who want nothing personal share an order; everybody else has
/// their own, remembered as long as nothing that it depends on has changed.
/// </summary>
internal sealed class FeedOrders(KnownPersons persons, CurrentRates rates, IOptions<RankingOptions> options, TimeProvider time)
{
    private readonly RankingOptions _options = options.Value;

    /// <param name="skeleton">What the reader may see.</param>
    /// <param name="present">Which of its personal widgets have something to show.</param>
    /// <param name="user">Null for a stranger.</param>
    /// <param name="person">The same; null for a stranger.</param>
    /// <param name="state">What is known of them; null when that could not be read, and for a stranger.</param>
    public FeedOrder Of(Skeleton skeleton, string present, CurrentUser? user, KnownPersons.Person? person, PersonalState? state)
    {
        if (state is { IsOn: false }) state = null;
        var (current, day) = (rates.Current, time.NowMs() / Clock.Day);
        var memo = state is null ? skeleton.SharedOrders(SegmentOf(user)) : person!.Orders;
        var key = new OrderKey(skeleton.Number, present, day, current.Number);
        if (memo.Find(key) is { } known) return known;
        var arranged = Arrangement.Of(skeleton.Candidates(present), ViewerOf(user, state), current, _options, day);
        var order = new FeedOrder(skeleton.PlacesOf(arranged), IsShared: state is null);
        var grown = memo.Add(key, order);
        if (state is null) skeleton.Grow(grown);
        else persons.Grow(grown);
        return order;
    }

    /// <summary>For those of whose taste nothing is known.</summary>
    public Arrangement Shared(IReadOnlyList<Candidate> shown, CurrentUser? user) => Arrangement.Of(
        shown, ViewerOf(user, null), rates.Current, _options, time.NowMs() / Clock.Day);

    /// <summary>The same for an explanation: with every term, and with what is left out.</summary>
    public async Task<Arrangement> Explain(IReadOnlyList<Candidate> shown, CurrentUser? user, CancellationToken ct)
    {
        var state = user is not null && await persons.StateOf(persons.Of(user.Id), ct) is { IsOn: true } known ? known : null;
        return Arrangement.Of(
            shown, ViewerOf(user, state), rates.Current, _options, time.NowMs() / Clock.Day);
    }

    private static Viewer ViewerOf(CurrentUser? user, PersonalState? state)
    {
        var segment = SegmentOf(user);
        return new(
            state is null ? null : user!.Id,
            segment == RoleNames.Premium ? [segment, RoleNames.Customer] : [segment], state?.Taste, state?.Seen);
    }

    /// <summary>What administrators do does not count, so they see what a reader with their other roles would.</summary>
    private static string SegmentOf(CurrentUser? user) => Visitor.SegmentOf(
        user is { IsAdmin: true } ? user with { Roles = [.. user.Roles.Where(role => role != RoleNames.Admin)] } : user);
}
