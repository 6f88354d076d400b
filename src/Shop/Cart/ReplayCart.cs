using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Kontor.Foundation.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Cart;

/// <summary>
/// What somebody did to the cart on a phone without a network, one after the other, each answered for itself. An operation is known by its
/// id, for 30 days and also after signing in: one that comes again is answered as it was the first time, and changes nothing.
/// </summary>
public static class ReplayCart
{
    public const int OperationsMax = 100;

    /// <summary>What is done to a line.</summary>
    public enum Change
    {
        /// <summary>`quantity` more pieces.</summary>
        Add,

        /// <summary>`quantity` pieces, whatever was there before; none yet is as good as some.</summary>
        Set,

        /// <summary>No pieces.</summary>
        Remove,
    }

    /// <summary>What became of an operation.</summary>
    public enum Status
    {
        Done,

        /// <summary>Done with fewer pieces, because there were no more; the line's `wanted` says how many were asked for.</summary>
        Partly,

        /// <summary>Nothing was done.</summary>
        Refused,
    }

    public sealed record Request(
        [property: Required, MinLength(1), MaxLength(OperationsMax)] IReadOnlyList<Operation>? Operations = null);

    /// <param name="Id">Made by the phone when it happens, a UUID for instance.</param>
    /// <param name="OrFewer">Take what is left where there is not enough, instead of nothing.</param>
    public sealed record Operation(
        [property: Required, MaxLength(64)] string? Id = null,
        [property: Required] Change? Change = null,
        [property: Required, MaxLength(64)] string? ProductId = null,
        [property: Range(1, Carts.QuantityMax)] int Quantity = 1,
        bool OrFewer = false);

    /// <param name="Results">In the order of the operations.</param>
    /// <param name="Cart">As it is after all of them.</param>
    public sealed record Response(IReadOnlyList<Result> Results, CartView Cart);

    /// <param name="Quantity">So many pieces the line has after it; null when it was refused.</param>
    public sealed record Result(string Id, Status Status, long? Quantity)
    {
        /// <summary>The operation had come before; this is what it was answered then.</summary>
        public bool Repeated { get; init; }

        /// <summary>Why it was refused.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public Refusal? Problem { get; init; }
    }

    /// <param name="Code">As of any refusal of the cart: `insufficient-stock`, `not-found` and so on.</param>
    /// <param name="Available">Pieces that nobody holds, where that was the reason.</param>
    public sealed record Refusal(
        string Code, string Title, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Available = null);

    internal static void Map(RouteGroupBuilder cart) => cart.MapPost("/operations", Handle).WithName("ReplayCart");

    private static async Task<Ok<Response>> Handle(
        Request request, CartOwner owner, CartReplay replay, Carts carts, Database database, CancellationToken ct)
    {
        var results = new List<Result>();
        foreach (var operation in request.Operations!) results.Add(await replay.Run(owner, operation, ct));
        return TypedResults.Ok(new Response(results, await GetCart.Read(owner, carts, database, ct)));
    }
}
