using System.Text.Json;
using System.Text.Json.Serialization;
using Kontor.Foundation.Security;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>Whose a widget is, where it stands, and to whom else than its roles say it is shown; stored as one JSON object.</summary>
internal sealed record Targeting
{
    /// <summary>As everywhere in JSON here; absent is the default, so what is added later needs no migration.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    public string Team { get; init; } = "home";

    /// <summary>What it is about, by which readers' tastes are learned; null for what its key or team says.</summary>
    public string? Category { get; init; }

    public WidgetSlot Slot { get; init; } = WidgetSlot.Main;

    public int? Pin { get; init; }

    /// <summary>The least that a session must be; part of the gate, as the roles.</summary>
    public Assurance Assurance { get; init; } = Assurance.OneFactor;

    /// <summary>A condition in the dialect of the rules; null for everybody.</summary>
    public JsonElement? Rule { get; init; }

    public WidgetHours? Hours { get; init; }

    /// <summary>Shown only in these variations; null for one that is part of no experiment.</summary>
    public WidgetExperiment? Experiment { get; init; }

    /// <summary>Narrows how long what its source says is fresh, and shown; null for what the source says.</summary>
    public WidgetCache? Cache { get; init; }

    /// <summary>Its source may push to each person what only they are shown; set when it is made.</summary>
    public bool Personal { get; init; }

    /// <summary>Shown while the source has nothing to show; valid for the type. Null for nothing.</summary>
    public JsonElement? Fallback { get; init; }

    /// <summary>An empty object is how a request says "none".</summary>
    public static JsonElement? NullWhenEmpty(JsonElement? value) =>
        value is { ValueKind: JsonValueKind.Object } some && !some.EnumerateObject().Any() ? null : value;
}
