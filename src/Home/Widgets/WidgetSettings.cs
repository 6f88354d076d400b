using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;

namespace Kontor.Home.Widgets;

/// <summary>What an admin may set, of a new widget and of a changed one, and its rules.</summary>
public static partial class WidgetSettings
{
    public enum WidgetState
    {
        Draft,
        Published,
        Archived,
    }

    /// <summary>When a widget is shown; without a start since ever, without an end for ever.</summary>
    /// <param name="EndsAt">From then on it is not shown.</param>
    public sealed record WidgetSchedule(DateTimeOffset? StartsAt = null, DateTimeOffset? EndsAt = null);

    private const int LanguagesMax = 20;
    private const int TitleLengthMax = 200;
    private const int RolesMax = 20;

    internal static IEnumerable<ValidationResult> CheckTitles(IReadOnlyDictionary<string, string> titles)
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

    internal static IEnumerable<ValidationResult> CheckRoles(IReadOnlyList<string> roles)
    {
        if (roles.Count > RolesMax) yield return Wrong($"There are more than {RolesMax} roles.", "Roles");
        if (roles.Any(role => role is null || !Role().IsMatch(role)))
            yield return Wrong("A role is a word in lower case, such as `premium`.", "Roles");
    }

    internal static IEnumerable<ValidationResult> CheckSchedule(WidgetSchedule schedule)
    {
        // Compared as they are stored: in whole milliseconds.
        if (schedule.StartsAt?.ToUnixTimeMilliseconds() >= schedule.EndsAt?.ToUnixTimeMilliseconds())
            yield return Wrong("It ends before it starts.", "Schedule");
    }

    internal static IEnumerable<ValidationResult> CheckState(WidgetState state)
    {
        if (!Enum.IsDefined(state)) yield return Wrong("A state is `draft`, `published` or `archived`.", "State");
    }

    private static ValidationResult Wrong(string reason, string field) => new(reason, [field]);

    [GeneratedRegex(@"\A[a-z]{2,3}\z")]
    private static partial Regex Language();

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,63}\z")]
    private static partial Regex Role();
}
