using System.Text.Json;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>A widget as an admin sees it, and as a revision keeps it.</summary>
/// <param name="Source">The product that fills it; null when an admin wrote its content.</param>
/// <param name="Content">Only of one that an admin wrote.</param>
/// <param name="Assurance">The least that a session must be.</param>
/// <param name="Rule">The condition under which it is shown; null for always.</param>
/// <param name="Fallback">Shown while its source has nothing to show.</param>
/// <param name="Personal">Its source may push to each person what only they are shown.</param>
/// <param name="Proposal">What waits for a second admin.</param>
/// <param name="Experiment">In whose variations it is shown; null for one that is part of none.</param>
/// <param name="Cache">Narrows how long what its source says is fresh, and shown.</param>
/// <param name="Category">What it is about; null for the part of its key before the dot, or its team.</param>
public sealed record WidgetView(
    string Id,
    string Key,
    string? Source,
    string Type,
    long TypeVersion,
    IReadOnlyDictionary<string, string> Titles,
    JsonElement? Content,
    IReadOnlyList<string> Roles,
    WidgetSchedule Schedule,
    long Priority,
    WidgetState State,
    long Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    string Team,
    WidgetPlacement Placement,
    Assurance Assurance,
    JsonElement? Rule,
    JsonElement? Fallback,
    bool Personal,
    ProposalView? Proposal,
    string? Category = null,
    WidgetExperiment? Experiment = null,
    WidgetCache? Cache = null)
{
    internal static WidgetView Of(Widget widget) => new(
        widget.Id, widget.Key, widget.Source, widget.Type.Key, widget.Type.Version, widget.Titles,
        widget.Content is null ? null : JsonElement.Parse(widget.Content), widget.Roles,
        new(widget.StartsAt?.ToTime(), widget.EndsAt?.ToTime(), widget.Target.Hours), widget.Priority, widget.State, widget.Version,
        widget.CreatedAt.ToTime(), widget.UpdatedAt.ToTime(), widget.Target.Team, new(widget.Target.Slot, widget.Target.Pin),
        widget.Target.Assurance, widget.Target.Rule, widget.Target.Fallback, widget.Target.Personal,
        widget.Proposal is { } wish ? new(wish.UserId, JsonElement.Parse(wish.Json), wish.Mark) : null, widget.Target.Category,
        widget.Target.Experiment, widget.Target.Cache);

    /// <summary>As a revision or a proposal is stored.</summary>
    internal static string Json(Widget widget) => JsonSerializer.Serialize(Of(widget with { Proposal = null }), Targeting.Json);

    /// <summary>Of the widget that was changed: of a proposal, the one that its admin saw.</summary>
    internal static long VersionIn(string json) => JsonSerializer.Deserialize<WidgetView>(json, Targeting.Json)!.Version;

    /// <summary>The widget with all that was stored of it, but for what only its source may say.</summary>
    internal static Widget Apply(Widget widget, string json)
    {
        var view = JsonSerializer.Deserialize<WidgetView>(json, Targeting.Json)!;
        var isOwn = widget.Source is null;
        return widget with
        {
            Type = isOwn ? new(view.Type, view.TypeVersion) : widget.Type,
            Titles = widget.HasOwnTitles ? view.Titles : widget.Titles,
            Content = isOwn ? view.Content?.GetRawText() : null,
            Roles = view.Roles,
            StartsAt = view.Schedule.StartsAt?.ToUnixTimeMilliseconds(),
            EndsAt = view.Schedule.EndsAt?.ToUnixTimeMilliseconds(),
            Priority = view.Priority,
            State = view.State,
            Target = new()
            {
                Team = view.Team,
                Category = view.Category,
                Experiment = view.Experiment,
                Slot = view.Placement.Slot,
                Pin = view.Placement.Pin,
                Assurance = view.Assurance,
                Rule = view.Rule,
                Hours = view.Schedule.Hours,
                Fallback = view.Fallback,
                Cache = view.Cache,
                Personal = widget.Target.Personal,
            },
        };
    }
}

/// <param name="UserId">The admin who wants it; somebody else has to publish it.</param>
/// <param name="Widget">The widget as it shall be.</param>
/// <param name="Mark">Names what is wished, for whoever agrees to it.</param>
public sealed record ProposalView(string UserId, JsonElement Widget, string Mark);
