using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Sources;
using Kontor.Home.Sources.Pulled;
using Kontor.Home.Widgets;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home;

/// <summary>An admin looks at all widgets: to whom and when they are shown, and how young is what they show.</summary>
public static class ShowWidgets
{
    /// <param name="IsForPersons">What its source shows each person is theirs, so there is nothing for strangers.</param>
    /// <param name="AgeSeconds">Of the youngest that all, or a segment's members, are shown; null for nothing.</param>
    /// <param name="Failure">Why its source's latest answer was of no use.</param>
    public sealed record Row(WidgetView Widget, string Title, bool IsForPersons, long? AgeSeconds, string? Failure);

    /// <summary>What can be asked for.</summary>
    public sealed record Choices(IReadOnlyList<string> Teams, IReadOnlyList<string> Types);

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("", Handle);

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Handle(
        [AsParameters] ListWidgets.Query query, Database database, FeedModels models, OfferedWidgets offered, PushedContent pushed,
        TimeProvider time, CancellationToken ct)
    {
        var (found, problem) = await ListWidgets.Read(query, database, ct);
        if (problem is not null) return problem.ToResult();
        var (waiting, pulls) = await database.Snapshot(async tx => (await StoredWidgets.Waiting(tx), await StoredPulls.All(tx)), ct);
        var failures = pulls.ToDictionary(pull => pull.Source, pull => pull.Failure, StringComparer.Ordinal);
        var live = models.Current.Widgets.Select(one => one.Widget).ToList();
        return Pages.Render<WidgetsPage>(new
        {
            Rows = found.Widgets.Select(widget => RowOf(widget, offered.Find(widget.Key), pushed, failures, time.NowMs())).ToList(),
            found.Next,
            Query = query,
            Choices = new Choices(
                [.. live.Select(widget => widget.Target.Team).Distinct().Order(StringComparer.Ordinal)],
                [.. live.Select(widget => widget.Type.Key).Distinct().Order(StringComparer.Ordinal)]),
            Waiting = (int)waiting,
        });
    }

    private static Row RowOf(
        Widget widget, OfferedWidget? source, PushedContent pushed, Dictionary<string, string?> failures, long now)
    {
        var asOf = source is not null ? source.Shared?.Shown?.AsOf : widget.Source is not null ? pushed.Youngest(widget.Key, now) : null;
        return new(
            WidgetView.Of(widget), widget.Title(Texts.Language), source is { IsPersonal: true }, (now - asOf) / Clock.Second,
            source is not null ? source.Shared?.LastFailure : widget.Source is { } name ? failures.GetValueOrDefault(name) : null);
    }
}
