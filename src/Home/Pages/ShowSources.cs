using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Home.Sources;
using Kontor.Home.Sources.Pulled;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home;

/// <summary>An admin looks at all sources and how they fare, and lets another system in.</summary>
public static class ShowSources
{
    /// <summary>As the form sends it; what was typed is shown again when it is refused.</summary>
    public sealed record Typed(string Key, string Team);

    private static readonly Problem Invalid = new(400, "validation-failed", "A key and a team are words in lower case, such as lending.");

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages("/admin/sources").RequireAuthorization(Policies.Admin).AddEndpointFilter<AdminTrail>();
        pages.MapGet("", Show);
        pages.MapPost("", Create);
        ShowSource.Map(pages);
    }

    private static Task<RazorComponentResult> Show(Database database, OfferedWidgets offered, TimeProvider time, CancellationToken ct) =>
        Render(new("", ""), null, database, offered, time, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Create(
        IFormCollection form, Database database, OfferedWidgets offered, PullDeclarations declarations, TimeProvider time,
        CancellationToken ct)
    {
        var typed = new Typed(form["key"].ToString().Trim(), form["team"].ToString().Trim());
        var request = new ManageSources.Request(typed.Key, typed.Team);
        var isValid = Validator.TryValidateObject(request, new ValidationContext(request), null, validateAllProperties: true);
        var problem = isValid ? (await ManageSources.Add(request, database, offered, declarations, time, ct)).Problem : Invalid;
        return problem is null
            ? TypedResults.LocalRedirect($"/admin/sources/{typed.Key}?saved=1")
            : await Render(typed, problem, database, offered, time, ct);
    }

    private static async Task<RazorComponentResult> Render(
        Typed typed, Problem? problem, Database database, OfferedWidgets offered, TimeProvider time, CancellationToken ct) =>
        Ui.Pages.Render<SourcesPage>(
            new { Sources = await ManageSources.All(database, offered, time, ct), Typed = typed, Problem = problem },
            problem?.Status ?? 200);
}
