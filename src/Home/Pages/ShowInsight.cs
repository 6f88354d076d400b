using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Insight;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home;

/// <summary>An admin looks at what readers see, click and hide: on the whole home page, or of one widget.</summary>
public static class ShowInsight
{
    private const string Address = "/admin/insight";

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(Address, HandleAll).RequireAuthorization(Policies.Admin);
        pages.MapGet(Address + "/{widgetId}", HandleOne).RequireAuthorization(Policies.Admin);
    }

    private static async Task<RazorComponentResult> HandleAll(
        string? from, string? to, string? segment, Database database, TimeProvider time, CancellationToken ct)
    {
        var view = await InsightView.Read(database, Address, from, to, segment, null, time.NowMs(), ct);
        return Pages.Render<InsightPage>(new { View = view }, view.Problem?.Status ?? StatusCodes.Status200OK);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> HandleOne(
        string widgetId, string? from, string? to, string? segment, Database database, TimeProvider time, CancellationToken ct)
    {
        var names = await database.Read(tx => EventNumbers.Names(tx, [widgetId]), ct);
        if (!names.TryGetValue(widgetId, out var name)) return Widgets.StoredWidgets.Unknown.ToResult();
        var view = await InsightView.Read(database, $"{Address}/{widgetId}", from, to, segment, widgetId, time.NowMs(), ct);
        return Pages.Render<InsightPage>(
            new { View = view, Title = name.Title(Texts.Language), Key = name.Key }, view.Problem?.Status ?? StatusCodes.Status200OK);
    }
}
