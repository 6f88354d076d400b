using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Foundation.Time;

namespace Kontor.Home.Widgets;

/// <summary>When a widget is shown; without a start since ever, without an end for ever.</summary>
/// <param name="EndsAt">From then on it is not shown.</param>
public sealed record WidgetSchedule(DateTimeOffset? StartsAt = null, DateTimeOffset? EndsAt = null);

/// <summary>A widget as an admin sees it.</summary>
/// <param name="Source">The product that fills it; null when an admin wrote its content.</param>
/// <param name="Content">Only of one that an admin wrote.</param>
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
    DateTimeOffset UpdatedAt)
{
    internal static WidgetView Of(Widget widget) => new(
        widget.Id, widget.Key, widget.Source, widget.Type.Key, widget.Type.Version, widget.Titles,
        widget.Content is null ? null : JsonElement.Parse(widget.Content), widget.Roles,
        new(widget.StartsAt?.ToTime(), widget.EndsAt?.ToTime()), widget.Priority, widget.State, widget.Version,
        widget.CreatedAt.ToTime(), widget.UpdatedAt.ToTime());
}

/// <summary>The rules of what an admin may set, for a new widget and for a changed one.</summary>
internal static partial class WidgetRules
{
    private const int LanguagesMax = 20;
    private const int TitleLengthMax = 200;
    private const int RolesMax = 20;

    public static IEnumerable<ValidationResult> Titles(IReadOnlyDictionary<string, string> titles)
    {
        if (!titles.ContainsKey(Widget.FallbackLanguage)) yield return Wrong("There is no title in English (`en`).", "Titles");
        if (titles.Count > LanguagesMax) yield return Wrong($"There are more than {LanguagesMax} languages.", "Titles");
        foreach (var (language, title) in titles)
        {
            if (!Language().IsMatch(language)) yield return Wrong("A language is a code such as `en` or `de`.", "Titles");
            if (string.IsNullOrWhiteSpace(title) || title.Length > TitleLengthMax)
                yield return Wrong($"A title has 1 to {TitleLengthMax} characters.", "Titles");
        }
    }

    public static IEnumerable<ValidationResult> Roles(IReadOnlyList<string> roles)
    {
        if (roles.Count > RolesMax) yield return Wrong($"There are more than {RolesMax} roles.", "Roles");
        if (roles.Any(role => role is null || !Role().IsMatch(role)))
            yield return Wrong("A role is a word in lower case, such as `premium`.", "Roles");
    }

    public static IEnumerable<ValidationResult> Schedule(WidgetSchedule schedule)
    {
        // Compared as they are stored: in whole milliseconds.
        if (schedule.StartsAt?.ToUnixTimeMilliseconds() >= schedule.EndsAt?.ToUnixTimeMilliseconds())
            yield return Wrong("It ends before it starts.", "Schedule");
    }

    public static IEnumerable<ValidationResult> State(WidgetState state)
    {
        if (!Enum.IsDefined(state)) yield return Wrong("A state is `draft`, `published` or `archived`.", "State");
    }

    private static ValidationResult Wrong(string reason, string field) => new(reason, [field]);

    [GeneratedRegex(@"\A[a-z]{2,3}\z")]
    private static partial Regex Language();

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,63}\z")]
    private static partial Regex Role();
}
