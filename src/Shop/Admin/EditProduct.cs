using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Admin;

/// <summary>Changes what is given and leaves the rest. The address of the product's page stays, whatever it is called.</summary>
public static class EditProduct
{
    public sealed record Request(
        [property: MaxLength(ProductRules.NameMax), RegularExpression(ProductRules.Line, ErrorMessage = ProductRules.LineMessage)]
        [property: MinLength(1, ErrorMessage = ProductRules.LineMessage)]
        string? Name = null,
        [property: Price]
        decimal? Price = null,
        [property: MaxLength(ProductRules.DescriptionMax)]
        string? Description = null,
        [property: MaxLength(ProductRules.CategoryMax), MinLength(1, ErrorMessage = ProductRules.CategoryMessage)]
        [property: RegularExpression(ProductRules.Category, ErrorMessage = ProductRules.CategoryMessage)]
        string? Category = null,
        [property: MaxLength(ProductRules.ImageMax), MinLength(1, ErrorMessage = ProductRules.ImageMessage)]
        [property: RegularExpression(ProductRules.Image, ErrorMessage = ProductRules.ImageMessage)]
        string? ImageUrl = null);

    internal static void Map(RouteGroupBuilder products) => products.MapPatch("/{id}", Handle).WithName("EditProduct");

    private static async Task<Results<Ok<GetProduct.Response>, ProblemHttpResult>> Handle(
        string id, Request request, Products products, ProductSearch search, Database database, CancellationToken ct)
    {
        var (edited, problem) = await database.Write(async tx =>
        {
            if (await products.Change(tx, id, Of(request)) is { } refusal) return refusal;
            var product = await search.Find(tx, id);
            return (Outcome<GetProduct.Response>)GetProduct.Response.Of(product!, admin: true);
        }, ct);
        return problem is null ? TypedResults.Ok(edited!) : problem.ToResult();
    }

    private static ProductChange Of(Request request) => new(
        request.Name?.Trim(),
        request.Description,
        request.Category?.Trim(),
        request.Price is { } price ? Money.FromMajor(price, Products.Currency)!.Value.Minor : null,
        request.ImageUrl);
}
