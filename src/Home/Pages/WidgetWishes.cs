using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Experiments;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home;

/// <summary>
/// Turns what an admin typed into the request that the API would get, and what the API says of it into a sentence for each field. The rules
/// are the request's own.
/// </summary>
internal sealed partial class WidgetWishes(WidgetForm form, string contentField)
{
    private const string WholeNumber = "A whole number.";
    private const string NoMoment = "A moment such as 2026-11-20 14:30; at the change to summer time an hour is missing.";
    private const string NoJson = "That is not JSON.";

    private readonly Dictionary<string, string> _errors = new(StringComparer.Ordinal);

    /// <summary>By the field's name, in English.</summary>
    public IReadOnlyDictionary<string, string> Errors => _errors;

    /// <summary>Null when something was typed that no request could say.</summary>
    public ChangeWidget.Request? Change(Widget widget, WidgetState? state)
    {
        var isOwn = widget.Source is null;
        var content = Content();
        var request = new ChangeWidget.Request(
            widget.HasOwnTitles ? Titles() : null, isOwn ? content : null, Number("priority", form.Priority), Schedule(), Roles(), state,
            Number("version", form.Version), form.Team, Placement(), Assurance(), Rule(), isOwn ? null : content,
            form.Category, Experiment(), isOwn ? null : Cache());
        return Checked(request);
    }

    public CreateWidget.Request? Create(TypeName type, string? source, WidgetState state)
    {
        var content = Content();
        var request = new CreateWidget.Request(
            form.Key, type.Key, Titles(), type.Version, Roles(), Schedule(), Number("priority", form.Priority) ?? 0, state,
            form.Team.Length == 0 ? null : form.Team, Placement(), Assurance(), Rule(), source is null ? null : content, source,
            form.Personal, form.Category, Experiment(), source is null ? null : Cache());
        return Checked(source is null ? request with { Content = content ?? default } : request);
    }

    /// <summary>What was refused after all, at the fields that it is about; null when it is about none of them.</summary>
    public string? Take(Problem problem)
    {
        var before = _errors.Count;
        if (problem.Extensions.GetValueOrDefault("reasons") is IEnumerable<SchemaError> reasons)
            foreach (var reason in reasons) _errors.TryAdd(contentField + reason.Pointer, reason.Reason);
        if (problem.Code.StartsWith("rule-", StringComparison.Ordinal)) _errors["rule"] = Faults(problem);
        if (problem.Code == StoredExperiments.NotNamed.Code) _errors["experiment"] = problem.Detail ?? problem.Title;
        if (problem.Code == StoredWidgets.KeyTaken.Code) _errors["key"] = problem.Title;
        return _errors.Count > before ? null : problem.Detail ?? problem.Title;
    }

    /// <summary>A reason in the visitor's language: its numbers stand where the translated one has places for them.</summary>
    public static string Said(string reason, Ui.Texts texts)
    {
        var numbers = new List<object?>();
        var sentence = Digits().Replace(reason, match =>
        {
            numbers.Add(match.Value);
            return $"{{{numbers.Count - 1}}}";
        });
        // One that is not translated may have braces, and so is nothing to fill numbers in.
        var text = texts[sentence] == sentence ? texts[reason] : texts[sentence, [.. numbers]];
        if (text.Length == 0) return text;
        // What is a name in JSON is a word to whoever reads a page.
        text = text.Replace("`", "", StringComparison.Ordinal);
        return char.ToUpper(text[0], CultureInfo.CurrentCulture) + text[1..] + (text[^1] == '.' ? "" : ".");
    }

    private static string Faults(Problem problem) => problem.Extensions.GetValueOrDefault("faults") is IEnumerable<string> faults
        ? string.Join(" ", faults)
        : problem.Detail ?? problem.Title;

    private T? Checked<T>(T request)
        where T : class, IValidatableObject
    {
        if (_errors.Count > 0) return null;
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(request, new ValidationContext(request), found, validateAllProperties: true);
        foreach (var result in found)
        {
            foreach (var member in result.MemberNames.DefaultIfEmpty("key"))
                _errors.TryAdd(JsonNamingPolicy.CamelCase.ConvertName(member), Own(member) ?? result.ErrorMessage ?? "");
        }

        return _errors.Count == 0 ? request : null;
    }

    /// <summary>The framework's own sentences name the pattern, which tells nobody what to type.</summary>
    private static string? Own(string member) => member switch
    {
        "Key" => "Lower-case letters and digits, with single dashes between: `summer-banner`.",
        "Priority" => "A whole number from 0 to 1000.",
        _ => null,
    };

    private Dictionary<string, string> Titles()
    {
        var titles = form.Titles.Where(title => title.Value.Length > 0).ToDictionary();
        if (form.NewLanguage.Length > 0 || form.NewTitle.Length > 0) titles[form.NewLanguage] = form.NewTitle;
        return titles;
    }

    private JsonElement? Content()
    {
        if (!form.IsJson) return JsonSerializer.SerializeToElement(form.Content ?? new System.Text.Json.Nodes.JsonObject());
        return Parse("json", form.Json);
    }

    private JsonElement? Rule() => form.Rule.Trim().Length == 0 ? Parse("rule", "{}") : Parse("rule", form.Rule);

    private JsonElement? Parse(string field, string json)
    {
        try
        {
            if (JsonElement.Parse(json) is var read && BrokenText.IsWhole(read)) return read;
        }
        catch (JsonException)
        {
            // As what could be read and is broken.
        }

        _errors[field] = NoJson;
        return null;
    }

    private List<string> Roles() =>
        [.. form.Roles.Concat(form.OtherRoles.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];

    // Of an experiment that was chosen just now the page has not shown the variations yet.
    private WidgetExperiment Experiment() => form.Experiment.Length == 0
        ? new()
        : new(form.Experiment, form.Variations);

    private WidgetCache Cache() => new(Seconds("freshSeconds", form.FreshSeconds), Seconds("staleSeconds", form.StaleSeconds));

    private int? Seconds(string field, string text) =>
        text.Length == 0 ? null : (int)Math.Clamp(Number(field, text) ?? -1, -1, int.MaxValue);

    private WidgetPlacement Placement() => new(
        form.Slot switch { "top" => WidgetSlot.Top, "bottom" => WidgetSlot.Bottom, "main" => WidgetSlot.Main, _ => (WidgetSlot)(-1) },
        form.Pin.Length == 0 ? null : (int)Math.Clamp(Number("pin", form.Pin) ?? -1, -1, 1000));

    private Assurance Assurance() => form.Assurance == "two-factors"
        ? Foundation.Security.Assurance.TwoFactors
        : Foundation.Security.Assurance.OneFactor;

    private WidgetSchedule Schedule()
    {
        var zone = WidgetForm.ZoneOf(form.TimeZone);
        if (zone is null) _errors["timeZone"] = "There is no such time zone.";
        var hasHours = form.TimeZone.Length > 0 || form.Days.Count > 0 || form.From.Length > 0 || form.Until.Length > 0;
        return new(
            Moment("startsAt", form.StartsAt, zone), Moment("endsAt", form.EndsAt, zone),
            hasHours ? new(Some(form.TimeZone), form.Days.Count > 0 ? form.Days : null, Some(form.From), Some(form.Until)) : null);
    }

    private DateTimeOffset? Moment(string field, string text, TimeZoneInfo? zone)
    {
        if (text.Length == 0 || zone is null) return null;
        var isMoment = DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out var local);
        if (isMoment && local.Year > 1 && local.Kind == DateTimeKind.Unspecified && !zone.IsInvalidTime(local))
            return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
        _errors[field] = NoMoment;
        return null;
    }

    private long? Number(string field, string? text)
    {
        if (text is null) return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        _errors[field] = WholeNumber;
        return null;
    }

    private static string? Some(string text) => text.Length == 0 ? null : text;

    [GeneratedRegex("[0-9]+([.][0-9]+)?")]
    private static partial Regex Digits();
}
