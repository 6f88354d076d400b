using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Widgets;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home;

/// <summary>An admin reads what a widget was, who changed what, and goes back.</summary>
public static class ShowRevisions
{
    /// <param name="Who">Null for a source, and for somebody who is no more.</param>
    public sealed record Entry(WidgetHistory.RevisionView Revision, string? Who);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/{id}/revisions", Show);
        pages.MapPost("/{id}/rollback", RollBack);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string id, Database database, WidgetEditing page, CancellationToken ct) => await Render(id, null, database, page, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> RollBack(
        string id, IFormCollection form, CurrentUser user, WidgetEditor editor, Database database, WidgetEditing page,
        CancellationToken ct)
    {
        _ = long.TryParse(form["version"], NumberStyles.None, CultureInfo.InvariantCulture, out var version);
        var (_, problem) = await WidgetHistory.Return(id, new(version), user, editor, ct);
        if (problem is null) return TypedResults.LocalRedirect($"{EditWidget.AddressOf(id)}?saved=1");
        var again = await Render(id, problem, database, page, ct);
        return again.Result is RazorComponentResult shown ? shown : problem.ToResult();
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Render(
        string id, Problem? problem, Database database, WidgetEditing page, CancellationToken ct)
    {
        if (await page.Find(id, ct) is not { } widget) return StoredWidgets.Unknown.ToResult();
        var revisions = await WidgetHistory.Of(database, id, ct) ?? [];
        var names = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var who in revisions.Select(one => one.UserId).OfType<string>().Distinct()) names[who] = await page.NameOf(who, ct);
        return Pages.Render<RevisionsPage>(new
        {
            Id = id,
            Title = widget.Title(Texts.Language),
            Revisions = revisions.Select(one => new Entry(one, one.UserId is { } by ? names[by] : null)).ToList(),
            Problem = problem,
        }, problem?.Status ?? 200);
    }
}
