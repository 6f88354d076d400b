using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Admin;

/// <summary>A new product is for sale from now on, with its first stock.</summary>
public static class CreateProduct
{
    /// <param name="Price">In euros.</param>
    public sealed record Request(
        [property: Required, MaxLength(ProductRules.NameMax), RegularExpression(ProductRules.Line, ErrorMessage = ProductRules.LineMessage)]
        string? Name = null,
        [property: Required, Price]
        decimal? Price = null,
        [property: MaxLength(ProductRules.DescriptionMax)]
        string? Description = null,
        [property: Required, MaxLength(ProductRules.CategoryMax)]
        [property: RegularExpression(ProductRules.Category, ErrorMessage = ProductRules.CategoryMessage)]
        string? Category = null,
        [property: Required, Range(0L, Stock.OnHandMax, ErrorMessage = "A whole number from 0 to 1,000,000,000.")]
        long? Stock = null,
        [property: MaxLength(ProductRules.ImageMax), RegularExpression(ProductRules.Image, ErrorMessage = ProductRules.ImageMessage)]
        string? ImageUrl = null);

    internal static void Map(RouteGroupBuilder products) => products.MapPost("", Handle).WithName("CreateProduct").Idempotent();

    private static async Task<Results<Created<GetProduct.Response>, ProblemHttpResult>> Handle(
        Request request, CurrentUser user, Products products, Stock stock, ProductSearch search, Database database, Idempotency idempotency,
        CancellationToken ct)
    {
        var (created, problem) = await database.Write(
            tx => idempotency.Once<GetProduct.Response>(tx, async () =>
            {
                var id = await products.Add(tx, Of(request));
                await stock.Open(tx, id, request.Stock!.Value, $"admin:{user.Id}");
                var product = await search.Find(tx, id);
                return GetProduct.Response.Of(product!, admin: true);
            }), ct);
        return problem is null ? TypedResults.Created($"/api/products/{created!.Id}", created) : problem.ToResult();
    }

    private static NewProduct Of(Request request) => new(
        request.Name!.Trim(),
        request.Description ?? "",
        request.Category!.Trim(),
        Money.FromMajor(request.Price!.Value, Products.Currency)!.Value.Minor,
        request.ImageUrl);
}
