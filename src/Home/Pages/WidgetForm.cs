using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Security;
using Kontor.Home.Rules;
using Kontor.Home.Widgets;
using Microsoft.AspNetCore.Http;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home;

/// <summary>A widget as an admin types it: whatever was typed is shown again when it is refused.</summary>
public sealed record WidgetForm
{
    /// <summary>Of what an admin writes, and of what stands in for a source; beside it stands the JSON Pointer.</summary>
    public const string ContentField = "content";

    public const string FallbackField = "fallback";

    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string Key { get; init; } = "";

    /// <summary>The version that the admin saw; null for a new one.</summary>
    public string? Version { get; init; }

    /// <summary>By language, in the order in which they are asked for.</summary>
    public IReadOnlyDictionary<string, string> Titles { get; init; } = new Dictionary<string, string>();

    public string NewLanguage { get; init; } = "";

    public string NewTitle { get; init; } = "";

    public string Team { get; init; } = "";

    public string Slot { get; init; } = "main";

    public string Pin { get; init; } = "";

    public string Priority { get; init; } = "100";

    public IReadOnlyList<string> Roles { get; init; } = [];

    public string OtherRoles { get; init; } = "";

    public string Assurance { get; init; } = "one-factor";

    public string Rule { get; init; } = "";

    /// <summary>What was made of it in rows or as JSON; null for what is stored.</summary>
    public RuleForms.Form? RuleForm { get; init; }

    public string Category { get; init; } = "";

    /// <summary>Its key; empty for none.</summary>
    public string Experiment { get; init; } = "";

    public IReadOnlyList<string> Variations { get; init; } = [];

    public string FreshSeconds { get; init; } = "";

    public string StaleSeconds { get; init; } = "";

    /// <summary>Of both ends and of the hours.</summary>
    public string TimeZone { get; init; } = "";

    public string StartsAt { get; init; } = "";

    public string EndsAt { get; init; } = "";

    public IReadOnlyList<string> Days { get; init; } = [];

    public string From { get; init; } = "";

    public string Until { get; init; } = "";

    public bool Personal { get; init; }

    /// <summary>The content is typed as JSON, into <see cref="Json"/>.</summary>
    public bool IsJson { get; init; }

    public string Json { get; init; } = "";

    /// <summary>What the form's fields say.</summary>
    public JsonNode? Content { get; init; }

    internal static WidgetForm Of(WidgetView widget)
    {
        var hours = widget.Schedule.Hours;
        var zone = ZoneOf(hours?.TimeZone) ?? TimeZoneInfo.Utc;
        var content = widget.Source is null ? widget.Content : widget.Fallback;
        return new()
        {
            Key = widget.Key,
            Version = widget.Version.ToString(CultureInfo.InvariantCulture),
            Titles = widget.Titles,
            Team = widget.Team,
            Slot = Name(widget.Placement.Slot),
            Pin = widget.Placement.Pin?.ToString(CultureInfo.InvariantCulture) ?? "",
            Priority = widget.Priority.ToString(CultureInfo.InvariantCulture),
            Roles = widget.Roles,
            Assurance = Name(widget.Assurance),
            Rule = widget.Rule is { } rule ? Written(JsonNode.Parse(rule.GetRawText())) : "",
            TimeZone = hours?.TimeZone ?? "",
            StartsAt = Local(widget.Schedule.StartsAt, zone),
            EndsAt = Local(widget.Schedule.EndsAt, zone),
            Days = hours?.Days ?? [],
            From = hours?.From ?? "",
            Until = hours?.Until ?? "",
            Category = widget.Category ?? "",
            Experiment = widget.Experiment?.Key ?? "",
            Variations = widget.Experiment?.Variations ?? [],
            FreshSeconds = widget.Cache?.FreshSeconds?.ToString(CultureInfo.InvariantCulture) ?? "",
            StaleSeconds = widget.Cache?.StaleSeconds?.ToString(CultureInfo.InvariantCulture) ?? "",
            Personal = widget.Personal,
            Content = content is { } said ? JsonNode.Parse(said.GetRawText()) : null,
        };
    }

    /// <param name="schema">Of the widget's type.</param>
    /// <param name="field">Where its content is: <see cref="ContentField"/> or <see cref="FallbackField"/>.</param>
    /// <param name="keepsBlank">Entries of lists of which nothing was typed yet stay.</param>
    internal static WidgetForm Read(IFormCollection form, JsonElement schema, string field, bool keepsBlank)
    {
        var isJson = form["contentAs"] == "json";
        return new()
        {
            Key = One(form, "key"),
            Version = form["version"].ToString() is { Length: > 0 } version ? version : null,
            Titles = form.Keys.Where(key => key.StartsWith("titles/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
                .ToDictionary(key => key["titles/".Length..], key => One(form, key)),
            NewLanguage = One(form, "newLanguage").ToLowerInvariant(),
            NewTitle = One(form, "newTitle"),
            Team = One(form, "team"),
            Slot = One(form, "slot"),
            Pin = One(form, "pin"),
            Priority = One(form, "priority"),
            Roles = [.. form["roles"].OfType<string>()],
            OtherRoles = One(form, "otherRoles"),
            Assurance = One(form, "assurance"),
            Category = One(form, "category"),
            Experiment = One(form, "experiment"),
            Variations = [.. form["variations"].OfType<string>()],
            FreshSeconds = One(form, "freshSeconds"),
            StaleSeconds = One(form, "staleSeconds"),
            TimeZone = One(form, "timeZone"),
            StartsAt = One(form, "startsAt"),
            EndsAt = One(form, "endsAt"),
            Days = [.. form["days"].OfType<string>()],
            From = One(form, "from"),
            Until = One(form, "until"),
            Personal = form["personal"] == "true",
            IsJson = isJson,
            Json = form["json"].ToString(),
            Content = isJson ? null : ContentForm.Read(schema, form, field, keepsBlank),
        };
    }

    /// <summary>The same content in the other way of writing it.</summary>
    internal WidgetForm Turned() => IsJson
        ? Parsed(Json) is { } content ? this with { IsJson = false, Content = content } : this
        : this with { IsJson = true, Json = Written(Content) };

    /// <summary>Null when it is not JSON.</summary>
    internal static JsonNode? Parsed(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    internal static string Written(JsonNode? node) => node is null ? "{}" : node.ToJsonString(Indented);

    internal static TimeZoneInfo? ZoneOf(string? name) =>
        string.IsNullOrEmpty(name) ? TimeZoneInfo.Utc : TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;

    internal static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static string Local(DateTimeOffset? moment, TimeZoneInfo zone) => moment is not { } at ? "" : Local(
        TimeZoneInfo.ConvertTime(at, zone));

    private static string Local(DateTimeOffset at) =>
        at.ToString(at is { Second: 0, Millisecond: 0 } ? "yyyy-MM-ddTHH:mm" : "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);

    private static string One(IFormCollection form, string name) => form[name].ToString().Trim();
}
