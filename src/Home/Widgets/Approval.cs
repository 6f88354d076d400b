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
        if (after.State != WidgetState.Published || !IsNeeded(before, after)) return after with { Proposal = null };
        var wish = WidgetView.Json(after);
        return wish == WidgetView.Json(before) ? before : before with { Proposal = new(userId, wish) };
    }

    /// <summary>Shows a widget, or what somebody wishes to be shown of it.</summary>
    public Outcome<Widget> Publish(Widget before, string userId)
    {
        if (before.Proposal is not { } wish) return Decide(before, before with { State = WidgetState.Published }, userId);
        var after = WidgetView.Apply(before, wish.Json) with { State = WidgetState.Published, Proposal = null };
        return wish.UserId == userId && IsNeeded(before, after) ? SecondPersonNeeded : after;
    }

    private bool IsNeeded(Widget before, Widget after) =>
        IsNeeded(before.Target.Team, after.Target.Team) || simulator.IsTooFar(after);

    // Giving something to another team is no way around it.
    public bool IsNeeded(string before, string after) =>
        options.Value.FourEyes.Any(team => team == "*" || team == before || team == after);
}
