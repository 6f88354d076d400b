using Kontor.Foundation;
using Kontor.Home.Simulation;
using Microsoft.Extensions.Options;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>Four eyes: what is to be shown of a team's widgets waits until an admin agrees who did not wish it.</summary>
internal sealed class Approval(IOptions<HomeOptions> options, Simulator simulator)
{
    public static readonly Problem SecondPersonNeeded =
        new(409, "second-person-needed", "Somebody else has to publish what you wish to be shown.");

    /// <summary>The widget as it is to be stored: changed, or as it was with a wish that waits.</summary>
    public Widget Decide(Widget before, Widget after, string userId)
    {
        if (!IsNeeded(before, after)) return after with { Proposal = null };
        var wish = WidgetView.Json(after);
        return wish == WidgetView.Json(before) ? before : before with { Proposal = new(userId, wish) };
    }

    /// <summary>Shows a widget, or does what somebody wishes of it.</summary>
    public Outcome<Widget> Publish(Widget before, string userId)
    {
        if (before.Proposal is not { } wish) return Decide(before, before with { State = WidgetState.Published }, userId);
        var after = WidgetView.Apply(before, wish.Json) with { Proposal = null };
        return wish.UserId == userId && IsNeeded(before, after) ? SecondPersonNeeded : after;
    }

    /// <summary>
    /// Whose second person is asked: of what is shown, that of every team whose it is, was or would be; of what is not, that of the team
    /// that would lose it. Giving something to another team is no way around its own, and taking something off needs one person.
    /// </summary>
    /// <param name="others">Teams whose widgets show something else when this is shown.</param>
    public bool IsNeeded(string before, string after, bool isShown, params IEnumerable<string> others) =>
        IsCareful(before) ? isShown || before != after : isShown && others.Append(after).Any(IsCareful);

    /// <summary>Two have to agree to what this team's widgets show.</summary>
    public bool IsCareful(string team) => options.Value.FourEyes.Any(one => one == "*" || one == team);

    private bool IsNeeded(Widget before, Widget after)
    {
        var isShown = after.State == WidgetState.Published;
        return IsNeeded(before.Target.Team, after.Target.Team, isShown) || (isShown && simulator.IsTooFar(after));
    }
}
