using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;
using Microsoft.Extensions.Configuration;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Insight;

/// <summary>
/// In a demo, what readers did in the 28 days before, as counts alone, so that there is something to see. The same day of the same widgets
/// gives the same numbers. Runs once, when the widgets of the demo are there.
/// </summary>
internal sealed class DemoEvents(
    Database database, OfferedWidgets offered, IConfiguration configuration, TimeProvider time)
    : IWarmUp
{
    private const int Days = 28;

    /// <summary>Feeds that are looked at on an ordinary day.</summary>
    private const double Visits = 1400;

    /// <summary>Kinds of readers: their share of the visits, and how much sooner than others they click.</summary>
    private static readonly (string Segment, double Share, double Eagerness)[] Readers =
    [
        (Visitor.Stranger, 0.62, 0.8), (RoleNames.Customer, 0.29, 1.2), (RoleNames.Premium, 0.085, 1.5), (RoleNames.Admin, 0.005, 0.5),
    ];

    public async Task WarmUp(CancellationToken ct)
    {
        if (!configuration.GetValue<bool>("Demo")) return;
        // Two nodes that start at once would otherwise both find nothing.
        await database.Exclusively(Seed, ct);
    }

    private async Task Seed(Tx tx)
    {
        if (await tx.First<bool>("SELECT EXISTS (SELECT 1 FROM home_event_counts)")) return;
        var widgets = (await StoredWidgets.Live(tx)).Where(widget => widget.State == WidgetState.Published).ToList();
        var rows = JsonSerializer.Serialize(widgets.SelectMany(CountsOf));
        await tx.Execute($"""
            INSERT INTO home_event_counts
                (experiment, day, widget_id, position, segment, variation, shard, impressions, clicks, dismissals)
            SELECT '', r.day, r.widget_id, r.position, r.segment, 0, 0, r.impressions, r.clicks, r.dismissals
            FROM {tx.Dialect.Rows("rows", "day bigint", "widget_id text", "position bigint", "segment text", "impressions bigint",
                "clicks bigint", "dismissals bigint")} r
            """, new { rows });
        // In a demo nobody looks twice.
        await tx.Execute($"""
            INSERT INTO home_rate_counts (day, widget_id, segment, shard, viewers, clickers, newcomers)
            SELECT day, widget_id, segment, 0, CAST(SUM(impressions) AS BIGINT), CAST(SUM(clicks) AS BIGINT),
                   CAST(SUM(impressions) AS BIGINT)
            FROM home_event_counts
            WHERE experiment = '' AND segment <> '{RoleNames.Admin}'
            GROUP BY day, widget_id, segment
            """);
    }

    private IEnumerable<object> CountsOf(Widget widget, int place)
    {
        var now = time.NowMs();
        var today = now / Clock.Day;
        // What a team's widget is worth does not change from day to day.
        var appeal = TypicalRate(widget.Type.Key) * (0.55 + (1.1 * Chance(widget.Key)));
        for (var day = today - Days + 1; day <= today; day++)
        {
            var passed = day == today ? (double)(now % Clock.Day) / Clock.Day : 1;
            var visits = Visits * passed * WeekOf(day) * (0.9 + (0.2 * Chance($"{day}")));
            foreach (var (segment, share, eagerness) in Readers.Where(reader => MaySee(widget, reader.Segment)))
            {
                // Not everybody's feed has it at the same place.
                for (var position = Math.Max(0, place - 1); position <= Math.Min(place + 1, EventCounts.PositionMax); position++)
                {
                    var mark = $"{widget.Key}/{day}/{segment}/{position}";
                    var reached = Math.Exp(-0.16 * position) * (position == place ? 0.7 : 0.15);
                    var seen = Round(visits * share * reached * (0.85 + (0.3 * Chance(mark))), mark + "/seen");
                    var clicks = Round(seen * appeal * eagerness * Math.Pow(0.94, position) * (0.8 + (0.4 * Chance(mark + "/c"))), mark);
                    var dismissals = segment == Visitor.Stranger ? 0 : Round(seen * 0.012 * (1 - Chance(widget.Key)), mark + "/d");
                    if (seen == 0) continue;
                    yield return new
                    {
                        day,
                        widget_id = widget.Id,
                        position,
                        segment,
                        impressions = seen,
                        clicks = Math.Min(seen, clicks),
                        dismissals,
                    };
                }
            }
        }
    }

    private static double TypicalRate(string type) => type switch
    {
        "hero" => 0.042,
        "product-grid" => 0.068,
        "card-list" => 0.036,
        _ => 0.012,
    };

    /// <summary>Weekends are busier.</summary>
    private static double WeekOf(long day) => Period.DateOf(day).DayOfWeek switch
    {
        DayOfWeek.Saturday => 1.25,
        DayOfWeek.Sunday => 1.4,
        DayOfWeek.Friday => 1.1,
        _ => 0.92,
    };

    private bool MaySee(Widget widget, string segment) => segment == Visitor.Stranger
        ? offered.Find(widget.Key) is not { IsPersonal: true } && (widget.Roles.Count == 0 || widget.Roles.Contains(Widget.Anonymous))
        : widget.Roles.Count == 0 || widget.Roles.Contains(segment);

    private static long Round(double expected, string mark) => (long)(expected + Chance(mark + "/r"));

    /// <summary>Between 0 and 1, always the same for the same text: FNV-1a, mixed once more for its last bits.</summary>
    private static double Chance(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in text) hash = (hash ^ letter) * 1099511628211UL;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdUL;
        return ((hash ^ (hash >> 33)) >> 11) / (double)(1UL << 53);
    }
}
