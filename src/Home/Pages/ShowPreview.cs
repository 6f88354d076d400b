using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Preview;
using Kontor.Home.Widgets;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home;

/// <summary>An admin looks at the feed as anybody would see it; with `widget` as if that one were published.</summary>
public static class ShowPreview
{
    internal static void Map(RouteGroupBuilder pages) =>
        pages.MapGet("/admin/home/preview", Handle).RequireAuthorization(Policies.Admin);

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Handle(
        [AsParameters] PreviewForm form, string? widget, CurrentUser user, FeedPreview preview, WidgetEditing widgets, CancellationToken ct)
    {
        form = form with { Language = form.Language ?? Texts.Language };
        Widget? draft = null;
        if (!string.IsNullOrEmpty(widget))
        {
            draft = await widgets.Find(widget, ct);
            if (draft is null) return StoredWidgets.Unknown.ToResult();
        }

        var (view, problem) = await preview.Of(form, draft, user, ct);
        return Pages.Render<PreviewPage>(
            new { Form = form, View = view, Problem = problem, DraftId = draft?.Id, DraftKey = draft?.Key }, problem?.Status ?? 200);
    }
}
