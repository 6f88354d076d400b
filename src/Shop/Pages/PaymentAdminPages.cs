using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Payments;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>Money in the admin panel: what disagrees, each with its one button, and every attempt to pay.</summary>
public static class PaymentAdminPages
{
    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/payments", Show);
        pages.MapPost("/payments/reconcile", Compare);
        pages.MapPost("/payments/disagreements/{id}", Resolve);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string? cursor, string? done, PaymentProviders providers, Database database, CancellationToken ct)
    {
        var (list, problem) = await ListPayments.Read(limit: null, cursor, database, ct);
        return problem is null ? await Render(list!, providers, database, ct, isCompared: done is not null) : problem.ToResult();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Compare(
        Reconciliation reconciliation, PaymentProviders providers, Database database, CancellationToken ct)
    {
        var problem = await Reconcile.Run(reconciliation, providers, ct);
        return problem is null ? TypedResults.LocalRedirect("/admin/payments?done=1") : await Refuse(problem, providers, database, ct);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Resolve(
        string id, CurrentUser user, Resolution resolution, PaymentProviders providers, Database database, CancellationToken ct)
    {
        var problem = await resolution.Resolve(id, $"admin:{user.Id}", ct);
        // Somebody else was quicker: the list shows that nothing is left to do.
        return problem is null or { Status: 404 }
            ? TypedResults.LocalRedirect("/admin/payments")
            : await Refuse(problem, providers, database, ct);
    }

    private static async Task<RazorComponentResult> Refuse(
        Problem problem, PaymentProviders providers, Database database, CancellationToken ct)
    {
        var (list, _) = await ListPayments.Read(limit: null, cursor: null, database, ct);
        return await Render(list!, providers, database, ct, problem);
    }

    private static async Task<RazorComponentResult> Render(
        PaymentList list, PaymentProviders providers, Database database, CancellationToken ct, Problem? problem = null,
        bool isCompared = false) => Pages.Render<AdminPaymentsPage>(new
        {
            List = list,
            (await ListDisagreements.Read(database, ct)).Disagreements,
            CanCompare = providers.Online.Any(),
            IsCompared = isCompared,
            Problem = problem,
        }, problem?.Status ?? 200);
}
