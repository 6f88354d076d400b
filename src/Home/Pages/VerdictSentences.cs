using System.Globalization;
using System.Text.Json;
using Kontor.Foundation.Security;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Home.Widgets;
using Kontor.Ui;
using static Kontor.Home.Feed.ExplainHome;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home;

/// <summary>Why a widget is shown or not, as one would say it.</summary>
internal static class VerdictSentences
{
    /// <param name="at">The moment that is looked at.</param>
    public static string Of(ExplainedWidget widget, DateTimeOffset at, Texts texts) => widget.Verdict switch
    {
        Verdict.Shown => texts["Shown at place {0}", widget.Position! + 1] + Score(widget, texts),
        Verdict.NotPublished => texts["Hidden: it is not published"],
        Verdict.Gate => Gate(widget.Gate, texts),
        Verdict.NotSignedIn => texts["Hidden: it shows each person their own, and nobody is signed in"],
        Verdict.Schedule => Schedule(widget.Schedule, at, texts),
        Verdict.Rule => Rule(widget.Rule?.Trace, texts),
        Verdict.RuleBroken => texts["Hidden: its rule cannot be evaluated: {0}", string.Join("; ", widget.Rule?.Faults ?? [])],
        Verdict.Experiment => Experiment(widget, texts),
        Verdict.Renderer => texts["Hidden: the app cannot show {0}", $"{widget.Type}@{widget.Version}"],
        Verdict.NothingToShow => texts["Hidden: there is nothing to show"],
        Verdict.Dismissed => texts["Hidden: this person hid it"],
        Verdict.DayCap => texts["Hidden: this person saw it often enough today"],
        Verdict.TeamCap => texts["Hidden: its team has enough places already"],
        Verdict.CategoryCap => texts["Hidden: its category has enough places already"],
        _ => texts["Hidden"],
    };

    private static string Score(ExplainedWidget widget, Texts texts)
    {
        if (widget.Score is not { } score) return "";
        if (score.Pin is not null) return $" · {texts["pinned"]}";
        var parts = new[]
        {
            (score.Affinity, "taste"), (score.ClickRate, "clicks"), (score.Exploration, "trial"), (-score.Fatigue, "seen often"),
            (-score.Diversity, "neighbour alike"),
        };
        var terms = parts.Where(part => part.Item1 != 0).Select(part => $"{Signed(part.Item1)} ({texts[part.Item2]})");
        return $" · {texts["priority"]} {Number(score.Priority)} {string.Join(' ', terms)}".TrimEnd();
    }

    private static string Gate(ExplainedGate gate, Texts texts)
    {
        var roles = gate.Roles.Select(role => role == Widget.Anonymous ? texts["nobody signed in"] : role).ToList();
        if (gate.Assurance == Assurance.TwoFactors && roles.Count == 0) return texts["Hidden: needs a sign-in with two factors"];
        var needs = roles.Count == 1 && gate.Roles[0] != Widget.Anonymous
            ? texts["Hidden: needs role {0}", roles[0]]
            : texts["Hidden: needs one of: {0}", string.Join(", ", roles)];
        return gate.Assurance == Assurance.TwoFactors ? $"{needs} {texts["and two factors"]}" : needs;
    }

    private static string Schedule(WidgetSchedule schedule, DateTimeOffset at, Texts texts)
    {
        if (schedule.StartsAt > at) return texts["Hidden: begins on {0}", Moment(schedule.StartsAt.Value)];
        if (schedule.EndsAt <= at) return texts["Hidden: ended on {0}", Moment(schedule.EndsAt.Value)];
        var hours = schedule.Hours ?? new();
        var names = CultureInfo.CurrentCulture.DateTimeFormat;
        var days = string.Join(' ', (hours.Days ?? []).Select(day => names.GetAbbreviatedDayName(OpenHours.DayOf(day))));
        return texts["Hidden: only at {0}", $"{days} {hours.From ?? "00:00"}–{hours.Until ?? "24:00"} {hours.TimeZone ?? "UTC"}".Trim()];
    }

    private static string Experiment(ExplainedWidget widget, Texts texts) => widget.Experiment is { } drawn
        ? texts["Hidden: for {0} of the experiment {1}; this reader has {2}", string.Join(", ", drawn.ShownIn), drawn.Key,
            drawn.Variation ?? "–"]
        : texts["Hidden"];

    private static string Rule(RuleStep? trace, Texts texts) => Part(trace, "", isWanted: true) switch
    {
        ({ Name: "$inGroup" } group, _, true) => texts["Hidden: only for the group {0}", Word(group.Expected)],
        ({ Name: "$inGroup" } group, _, false) => texts["Hidden: not for the group {0}", Word(group.Expected)],
        ({ } part, { Length: > 0 } attribute, true) =>
            texts["Hidden: its rule asks for {0}; here it is {1}", $"{attribute} {Sign(part.Name)} {Word(part.Expected)}", Word(part.Seen)],
        ({ } part, { Length: > 0 } attribute, false) =>
            texts["Hidden: its rule excludes {0}; here it is {1}", $"{attribute} {Sign(part.Name)} {Word(part.Expected)}", Word(part.Seen)],
        _ => texts["Hidden: its rule does not hold"],
    };

    /// <summary>Down to the part that decided: a group, or what was compared with an attribute.</summary>
    private static (RuleStep? Step, string Attribute, bool IsWanted) Part(RuleStep? step, string attribute, bool isWanted)
    {
        if (step is null || step.IsHidden) return (null, "", isWanted);
        if (step.Name == "$inGroup" || (step.Steps.Count == 0 && attribute.Length > 0)) return (step, attribute, isWanted);
        if (step.Name[0] != '$' && char.IsLetter(step.Name[0])) attribute = step.Name;
        var isTurned = step.Name is "$not" or "$nor";
        var decisive = step.Steps.FirstOrDefault(one => one.Result == (isTurned ? isWanted : !isWanted));
        return Part(decisive, attribute, isTurned ? !isWanted : isWanted);
    }

    private static string Sign(string name) => name switch
    {
        "=" or "$eq" => "=",
        "$ne" => "≠",
        "$lt" or "$vlt" => "<",
        "$lte" or "$vlte" => "≤",
        "$gt" or "$vgt" => ">",
        "$gte" or "$vgte" => "≥",
        "$in" => "∈",
        "$nin" => "∉",
        _ => name,
    };

    private static string Word(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Undefined or JsonValueKind.Null => "–",
        JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Word)),
        _ => value.GetRawText(),
    };

    private static string Signed(double points) => (points > 0 ? "+" : "−") + Number(Math.Abs(points));

    private static string Number(double points) => points.ToString("0.#", CultureInfo.CurrentCulture);

    private static string Moment(DateTimeOffset at) =>
        at.UtcDateTime.ToString($"{Texts.Day} yyyy, HH:mm", CultureInfo.CurrentCulture) + " UTC";
}
