using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Erasure;

/// <summary>A person downloads what is stored about them, and deletes their account, in a browser.</summary>
internal static class ErasurePages
{
    public const string Export = "/account/export";
    public const string Delete = "/account/delete";
    private const string Deleted = "/account/deleted";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(Export, ExportData.Own).RequireAuthorization();
        pages.MapGet(Delete, Show).RequireAuthorization().WithFreshSignIn();
        pages.MapPost(Delete, Erase).RequireAuthorization().WithFreshSignIn();
        pages.MapGet(Deleted, () => Pages.Render<AccountDeletedPage>());
    }

    private static RazorComponentResult Show(IEnumerable<IPersonalData> modules) => Render(modules, problem: null);

    /// <summary>The form is bound for its antiforgery token.</summary>
    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Erase(
        IFormCollection form, CurrentUser user, Actor by, Erasures erasures, IEnumerable<IPersonalData> modules, HttpContext http,
        CancellationToken ct)
    {
        if (await erasures.Erase(user.Id, by, ct) is { } problem) return Render(modules, problem);
        PageCookies.Clear(http);
        return TypedResults.LocalRedirect(Deleted);
    }

    private static RazorComponentResult Render(IEnumerable<IPersonalData> modules, Problem? problem)
    {
        var all = modules.OrderBy(module => module.Name, StringComparer.Ordinal).ToList();
        return Pages.Render<DeleteAccountPage>(new
        {
            Goes = all.Select(module => module.Stores).OfType<string>().ToList(),
            Stays = all.Select(module => module.Keeps).OfType<string>().ToList(),
            Problem = problem,
        }, problem?.Status ?? 200);
    }
}
