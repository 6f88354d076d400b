using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Home.Widgets;

namespace Kontor.Home.Insight;

/// <summary>By what the events of a period are told apart.</summary>
internal enum Breakdown
{
    Widget,
    Position,
    Segment,
    Experiment,
    Day,
}

/// <summary>Which events are added up.</summary>
/// <param name="WidgetId">Null for all, as <paramref name="Segment"/>.</param>
internal sealed record EventFilter(Period Period, string? WidgetId = null, string? Segment = null);

/// <summary>What happened to one of them.</summary>
/// <param name="Key">A widget's id, a position, a kind of reader, an experiment's key, or a day since 1970.</param>
/// <param name="Variation">Of an experiment; else 0.</param>
internal sealed record EventSums(string Key, long Variation, long Impressions, long Clicks, long Dismissals)
{
    public ClickRate? Rate => ClickRate.Of(Clicks, Impressions);
}

/// <summary>Adds up what readers did.</summary>
internal static class EventNumbers
{
    /// <summary>As many days as a period has, and as many widgets as there can be.</summary>
    public const int RowsMax = 500;

    private const string Sums = """
        CAST(COALESCE(SUM(impressions), 0) AS BIGINT) AS impressions, CAST(COALESCE(SUM(clicks), 0) AS BIGINT) AS clicks,
        CAST(COALESCE(SUM(dismissals), 0) AS BIGINT) AS dismissals
        """;

    private const string Chosen =
        "day BETWEEN @first AND @last AND (@widgetId IS NULL OR widget_id = @widgetId) AND (@segment IS NULL OR segment = @segment)";

    private sealed record Name(string Id, string Key, string Titles);

    /// <param name="Titles">By language.</param>
    public sealed record WidgetName(string Key, IReadOnlyDictionary<string, string> Titles)
    {
        public string Title(string language) => Titles.GetValueOrDefault(language) ?? Titles[Widget.FallbackLanguage];
    }

    public static async Task<EventSums> Total(Tx tx, EventFilter filter) => (await tx.First<EventSums>($"""
        SELECT '' AS key, CAST(0 AS BIGINT) AS variation, {Sums}
        FROM home_event_counts
        WHERE experiment = '' AND {Chosen}
        """, Arguments(filter)))!;

    /// <summary>Days, positions and variations in their order; widgets and kinds of readers by how much was seen.</summary>
    public static ValueTask<List<EventSums>> By(Tx tx, Breakdown by, EventFilter filter) =>
        tx.Query<EventSums>(Sql(by), Arguments(filter));

    /// <summary>The statement of <see cref="By"/>, for a look at its plan.</summary>
    public static string Sql(Breakdown by)
    {
        var (key, order) = by switch
        {
            Breakdown.Widget => ("widget_id", "impressions DESC, key"),
            Breakdown.Segment => ("segment", "impressions DESC, key"),
            Breakdown.Experiment => ("experiment", "key, variation"),
            Breakdown.Position => ("position", "position"),
            _ => ("day", "day"),
        };
        var isExperiment = by == Breakdown.Experiment;
        return $"""
            SELECT CAST({key} AS TEXT) AS key, {(isExperiment ? "variation" : "CAST(0 AS BIGINT) AS variation")}, {Sums}
            FROM home_event_counts
            WHERE experiment {(isExperiment ? "<>" : "=")} '' AND {Chosen}
            GROUP BY {key}{(isExperiment ? ", variation" : "")}
            ORDER BY {order}
            LIMIT {RowsMax}
            """;
    }

    public static async Task<Dictionary<string, WidgetName>> Names(Tx tx, IEnumerable<string> widgetIds)
    {
        var rows = await tx.Query<Name>($"SELECT id, key, titles FROM home_widgets WHERE id {tx.Dialect.In("ids")} LIMIT {RowsMax}", new
        {
            ids = widgetIds.ToArray(),
        });
        return rows.ToDictionary(
            row => row.Id, row => new WidgetName(row.Key, JsonSerializer.Deserialize<Dictionary<string, string>>(row.Titles)!));
    }

    public static object Arguments(EventFilter filter) => new
    {
        first = filter.Period.FirstDay,
        last = filter.Period.LastDay,
        widgetId = filter.WidgetId,
        segment = filter.Segment,
    };
}
