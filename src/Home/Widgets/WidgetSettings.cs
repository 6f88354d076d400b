using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;

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
    /// <param name="Hours">Only then, between both ends.</param>
    public sealed record WidgetSchedule(DateTimeOffset? StartsAt = null, DateTimeOffset? EndsAt = null, WidgetHours? Hours = null);

    /// <param name="TimeZone">Of the IANA database, such as `Europe/Berlin`; UTC when it is left out.</param>
    /// <param name="Days">`mon` to `sun`; every day when left out.</param>
    /// <param name="From">Such as `08:00`; midnight when left out.</param>
    /// <param name="Until">Such as `18:30`, before which it ends; on the next day when it is not after <paramref name="From"/>.</param>
    public sealed record WidgetHours(
        string? TimeZone = null, IReadOnlyList<string>? Days = null, string? From = null, string? Until = null);

    /// <summary>The parts of a feed, from the top down.</summary>
    public enum WidgetSlot
    {
        Top,
        Main,
        Bottom,
    }

    /// <param name="Pin">A fixed place in the slot, 0 first, whatever its priority.</param>
    public sealed record WidgetPlacement(WidgetSlot Slot = WidgetSlot.Main, int? Pin = null);

    /// <summary>Who takes no part in the experiment sees its first variation.</summary>
    /// <param name="Key">None takes the widget out of its experiment.</param>
    /// <param name="Variations">The keys of those in which the widget is shown.</param>
    public sealed record WidgetExperiment(string? Key = null, IReadOnlyList<string>? Variations = null)
    {
        // Compared by what it says, as widgets are.
        public bool Equals(WidgetExperiment? other) => other is not null && Key == other.Key
            && (Variations ?? []).SequenceEqual(other.Variations ?? []);

        public override int GetHashCode() => HashCode.Combine(Key, Variations?.Count);
    }

    /// <summary>Of each count the smaller one counts: this, or what the source says itself. So it narrows, and never widens.</summary>
    /// <param name="FreshSeconds">How long its content is fresh after its source said it.</param>
    /// <param name="StaleSeconds">How long it is shown after that; then its fallback is.</param>
    public sealed record WidgetCache(int? FreshSeconds = null, int? StaleSeconds = null)
    {
        internal (long FreshUntil, long ShownUntil) Narrow(long asOf, long freshUntil, long shownUntil)
        {
            var fresh = Math.Min(freshUntil - asOf, FreshSeconds * Clock.Second ?? long.MaxValue);
            var stale = Math.Min(shownUntil - freshUntil, StaleSeconds * Clock.Second ?? long.MaxValue);
            return (asOf + fresh, asOf + fresh + stale);
        }
    }

    private const int CacheSecondsMax = 30 * 24 * 60 * 60;
    private const int PinMax = 99;

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
        if (schedule.Hours is { } hours && OpenHours.Parse(hours) is null)
            yield return Wrong("Hours have a `timeZone` like `Europe/Berlin`, `days` like `mon`, and times like `08:00`.", "Schedule");
    }

    internal static IEnumerable<ValidationResult> CheckTarget(
        string? team, WidgetPlacement? placement, Assurance? assurance, JsonElement? rule, JsonElement? fallback)
    {
        if (team is not null && !IsTeam(team)) yield return Wrong("A team is a word in lower case, such as `lending`.", "Team");
        if (placement is not null && (!Enum.IsDefined(placement.Slot) || placement.Pin is < 0 or > PinMax))
            yield return Wrong($"A slot is `top`, `main` or `bottom`, and a pin 0 to {PinMax}.", "Placement");
        if (assurance is { } level && !Enum.IsDefined(level)) yield return Wrong("It is `one-factor` or `two-factors`.", "Assurance");
        if (rule is { ValueKind: not JsonValueKind.Object }) yield return Wrong("A rule is a JSON object.", "Rule");
        if (fallback is { ValueKind: not JsonValueKind.Object }) yield return Wrong("Content is a JSON object.", "Fallback");
    }

    internal static IEnumerable<ValidationResult> CheckCategory(string? category)
    {
        if (category is { Length: > 0 } && !Role().IsMatch(category))
            yield return Wrong("A category is a word in lower case, such as `tents`.", "Category");
    }

    internal static IEnumerable<ValidationResult> CheckCache(WidgetCache? cache)
    {
        if (cache?.FreshSeconds is < 1 or > CacheSecondsMax)
            yield return Wrong($"It is fresh for 1 to {CacheSecondsMax} seconds.", "FreshSeconds");
        if (cache?.StaleSeconds is < 0 or > CacheSecondsMax)
            yield return Wrong($"It is shown for 0 to {CacheSecondsMax} seconds after that.", "StaleSeconds");
    }

    internal static WidgetCache? NullWhenEmpty(WidgetCache? cache) => cache is { FreshSeconds: null, StaleSeconds: null } ? null : cache;

    internal static string? NullWhenEmpty(string? text) => text is { Length: > 0 } ? text : null;

    internal static IEnumerable<ValidationResult> CheckState(WidgetState state)
    {
        if (!Enum.IsDefined(state)) yield return Wrong("A state is `draft`, `published` or `archived`.", "State");
    }

    private static ValidationResult Wrong(string reason, string field) => new(reason, [field]);

    [GeneratedRegex(@"\A[a-z]{2,3}\z")]
    private static partial Regex Language();

    internal static bool IsTeam(string word) => Role().IsMatch(word);

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,63}\z")]
    private static partial Regex Role();
}
