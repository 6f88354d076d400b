using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Kontor.Shop.Orders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Payments;

/// <summary>
/// The buyer goes to pay an order: answers the address of the page where they do. Asking again answers the same page, so that however many
/// tabs there are an order is paid once.
/// </summary>
public static class PayOrder
{
    /// <param name="Url">To be opened in a browser; it comes back to the order's page.</param>
    public sealed record Response(string Url);

    internal static void Map(RouteGroupBuilder orders) => orders.MapPost("/{id}/pay", Handle).WithName("PayOrder");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        string id, string? token, CartOwner caller, Paying paying, CancellationToken ct)
    {
        var (url, problem) = await paying.Start(id, caller.AccessTo(id, token), caller.Actor, ct);
        return problem is null ? TypedResults.Ok(new Response(url!)) : problem.ToResult();
    }
}
