using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Payments;

/// <param name="Subject">A refund's or payment's id, or the provider's for one that only it knows.</param>
/// <param name="Ours">What the shop says.</param>
/// <param name="Theirs">What the provider says.</param>
/// <param name="Detail">The provider's code.</param>
/// <param name="Action">The one safe thing to do about it; `POST …/{id}/resolve` does it.</param>
public sealed record DisagreementView(
    string Id,
    string Provider,
    DisagreementCause Cause,
    DisagreementAction Action,
    string Subject,
    string? PaymentId,
    string? OrderId,
    decimal? Ours,
    decimal? Theirs,
    string Currency,
    string? Detail,
    DateTimeOffset FoundAt)
{
    internal static DisagreementView Of(OpenDisagreement row) => new(
        row.Id,
        row.Provider,
        row.Why,
        row.Action,
        row.Subject,
        row.PaymentId,
        row.OrderId,
        row.OursMinor is { } ours ? new Money(ours, row.Currency).Major : null,
        row.TheirsMinor is { } theirs ? new Money(theirs, row.Currency).Major : null,
        row.Currency,
        row.Detail,
        row.FoundAt.ToTime());
}

public sealed record DisagreementList(IReadOnlyList<DisagreementView> Disagreements);

/// <summary>Money that disagrees, or waits for a person, the oldest first; at most 200.</summary>
public static class ListDisagreements
{
    private const int Limit = 200;

    internal static void Map(RouteGroupBuilder payments) =>
        payments.MapGet("/disagreements", Handle).WithName("ListDisagreements");

    private static async Task<Ok<DisagreementList>> Handle(Database database, CancellationToken ct) =>
        TypedResults.Ok(await Read(database, ct));

    internal static async Task<DisagreementList> Read(Database database, CancellationToken ct) =>
        new([.. (await database.Read(tx => Disagreements.Open(tx, Limit).AsTask(), ct)).Select(DisagreementView.Of)]);
}

/// <summary>Does the one safe thing about a disagreement. One that is not settled by it stays in the list.</summary>
public static class ResolveDisagreement
{
    internal static void Map(RouteGroupBuilder payments) =>
        payments.MapPost("/disagreements/{id}/resolve", Handle).WithName("ResolveDisagreement");

    private static async Task<Results<Ok<DisagreementList>, ProblemHttpResult>> Handle(
        string id, CurrentUser user, Resolution resolution, Database database, CancellationToken ct)
    {
        var problem = await resolution.Resolve(id, $"admin:{user.Id}", ct);
        return problem is null ? TypedResults.Ok(await ListDisagreements.Read(database, ct)) : problem.ToResult();
    }
}

/// <summary>Compares the providers' lists with ours now, instead of at the full hour.</summary>
public static class Reconcile
{
    internal static void Map(RouteGroupBuilder payments) => payments.MapPost("/reconcile", Handle).WithName("ReconcilePayments");

    private static async Task<Results<Ok<DisagreementList>, ProblemHttpResult>> Handle(
        Reconciliation reconciliation, PaymentProviders providers, Database database, CancellationToken ct)
    {
        var problem = await Run(reconciliation, providers, ct);
        return problem is null ? TypedResults.Ok(await ListDisagreements.Read(database, ct)) : problem.ToResult();
    }

    internal static async Task<Problem?> Run(Reconciliation reconciliation, PaymentProviders providers, CancellationToken ct)
    {
        try
        {
            foreach (var provider in providers.Online) await reconciliation.Run(provider, ct);
            return null;
        }
        catch (ProviderException)
        {
            return PaymentProviders.Unavailable;
        }
    }
}
