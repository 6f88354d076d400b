using System.Text.Json.Serialization;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Catalogue;

/// <summary>One product, by its id or by the name in its page's address.</summary>
public static class GetProduct
{
    /// <param name="LowestPrice30d">Of the 30 days before the current price began; the current price when it is the first.</param>
    public sealed record Response(
        string Id,
        string Slug,
        string Name,
        string Description,
        decimal Price,
        string Currency,
        string? ImageUrl,
        string Category,
        decimal Rating,
        long ReviewCount,
        long Available,
        decimal LowestPrice30d,
        DateTimeOffset CreatedAt,
        DateTimeOffset UpdatedAt)
    {
        /// <summary>Pieces in the warehouse, held ones too; for admins only.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Stock { get; init; }

        /// <summary>Pieces that lie in carts or are kept for who waits; for admins only.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Reserved { get; init; }

        /// <summary>So many pieces in the warehouse are few; for admins only.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? LowStockAt { get; init; }

        /// <summary>People in line for the next piece; for admins only.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public long? Waiting { get; init; }

        internal static Response Of(Product product, bool admin) => new(
            product.Id,
            product.Slug,
            product.Name,
            product.Description,
            product.Price.Major,
            product.Currency,
            product.Image,
            product.Category,
            product.RatingTenths / 10m,
            product.ReviewCount,
            product.Available,
            product.LowestPrice.Major,
            product.CreatedAt.ToTime(),
            product.UpdatedAt.ToTime())
        {
            Stock = admin ? product.OnHand : null,
            Reserved = admin ? product.Reserved : null,
            LowStockAt = admin ? product.LowAt : null,
            Waiting = admin ? product.Waiting : null,
        };
    }

    internal static void Map(RouteGroupBuilder products) =>
        products.MapGet("/{id}", Handle).WithName("GetProduct").AnsweredFromMemory(http => http.Request.Path.Value!);

    private static async Task<Results<Answer<Response>, ProblemHttpResult>> Handle(
        string id, HttpContext http, CurrentUser? user, ProductSearch search, CatalogueCache cache, ProductViews views)
    {
        if (user is { IsAdmin: true })
        {
            var view = await Read(search, id, admin: true, http.RequestAborted);
            return view is null ? Product.Unknown.ToResult() : new Answer<Response>(cache.Once(view));
        }

        var address = http.Request.Path.Value!;
        var answer = await cache.Get(
            address, address, () => Read(search, id, admin: false, CancellationToken.None), product => product.Id);
        if (answer is null) return Product.Unknown.ToResult();
        views.Count(answer.ProductId, http.User);
        return new Answer<Response>(answer);
    }

    private static async Task<Response?> Read(ProductSearch search, string id, bool admin, CancellationToken ct) =>
        await search.Find(id, ct) is { } product ? Response.Of(product, admin) : null;
}
