using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Shop.Admin;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Pricing;

/// <summary>Admins see, set and end the codes that make orders cheaper.</summary>
public static class AdminCoupons
{
    /// <param name="Code">Buyers may write it in any case.</param>
    /// <param name="Amount">In euros, off the goods; null for one with a percentage.</param>
    /// <param name="Minimum">In euros: so much the goods have to cost.</param>
    /// <param name="EndsAt">From then on it is not taken.</param>
    /// <param name="UsesMax">Orders in all; null for any number.</param>
    /// <param name="Used">Orders that were placed with it and not cancelled.</param>
    public sealed record CouponView(
        string Code, decimal? Amount, long? Percent, decimal Minimum, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt, long? UsesMax,
        long? UsesPerCustomer, bool Active, long Used)
    {
        internal static CouponView Of(Coupon coupon) => new(
            coupon.Code, coupon.AmountMinor is { } amount ? new Money(amount, Products.Currency).Major : null, coupon.Percent,
            new Money(coupon.MinimumMinor, Products.Currency).Major, coupon.StartsAt?.ToTime(), coupon.EndsAt?.ToTime(), coupon.UsesMax,
            coupon.UsesPerCustomer, coupon.IsActive, coupon.Used);
    }

    public sealed record ListResponse(IReadOnlyList<CouponView> Coupons, string? NextCursor);

    /// <summary>Either `amount` or `percent`.</summary>
    public sealed record Request(
        [property: Price] decimal? Amount = null,
        [property: Range(1, 100)] long? Percent = null,
        [property: Price] decimal? Minimum = null,
        DateTimeOffset? StartsAt = null,
        DateTimeOffset? EndsAt = null,
        [property: Range(1, 1_000_000_000)] long? UsesMax = null,
        [property: Range(1, 1_000_000)] long? UsesPerCustomer = null,
        bool Active = true) : IValidatableObject
    {
        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Amount is null == Percent is null) yield return new("Give either an amount or a percentage.", [nameof(Amount)]);
            if (Amount == 0) yield return new("An amount is more than 0.", [nameof(Amount)]);
            if (StartsAt?.ToUnixTimeMilliseconds() >= EndsAt?.ToUnixTimeMilliseconds())
                yield return new("It ends before it starts.", [nameof(EndsAt)]);
        }
    }

    private static readonly Problem CodeInvalid = new(
        422, "coupon-code-invalid", "A code has 3 to 40 letters, digits and dashes.");

    internal static void Map(RouteGroupBuilder admin)
    {
        var coupons = admin.MapGroup("/coupons");
        coupons.MapGet("", List).WithName("ListCoupons");
        coupons.MapPut("/{code}", Save).WithName("SaveCoupon");
        coupons.MapDelete("/{code}", End).WithName("EndCoupon");
    }

    private static async Task<Results<Ok<ListResponse>, ProblemHttpResult>> List(
        Database database, int? limit, string? cursor, CancellationToken ct)
    {
        var after = "";
        if (cursor is not null)
        {
            if (Paging.Decode(cursor, 1) is not [var code]) return Paging.CursorInvalid.ToResult();
            after = code;
        }

        return TypedResults.Ok(await Read(database, after, Paging.Limit(limit), ct));
    }

    internal static async Task<ListResponse> Read(Database database, string after, int limit, CancellationToken ct)
    {
        var found = await database.Read(tx => Coupons.Page(tx, after, limit + 1).AsTask(), ct);
        var page = found.Take(limit).ToList();
        return new([.. page.Select(CouponView.Of)], found.Count > limit ? Paging.Encode(page[^1].Code) : null);
    }

    private static async Task<Results<Ok<CouponView>, ProblemHttpResult>> Save(
        string code, Request request, Coupons coupons, Database database, CancellationToken ct)
    {
        var (coupon, problem) = Of(code, request);
        if (problem is not null) return problem.ToResult();
        return TypedResults.Ok(CouponView.Of(await database.Write(tx => coupons.Save(tx, coupon!).AsTask(), ct)));
    }

    internal static Outcome<Coupon> Of(string code, Request request)
    {
        code = Coupon.Normalize(code);
        if (code.Length is < 3 or > Coupon.CodeMax || !code.All(one => char.IsAsciiLetterOrDigit(one) || one == '-')) return CodeInvalid;
        return new Coupon(
            code, Minor(request.Amount), request.Percent, Minor(request.Minimum) ?? 0, request.StartsAt?.ToUnixTimeMilliseconds(),
            request.EndsAt?.ToUnixTimeMilliseconds(), request.UsesMax, request.UsesPerCustomer, request.Active, Used: 0, CreatedAt: 0);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> End(string code, Database database, CancellationToken ct)
    {
        var (_, problem) = await database.Write(async tx => new Outcome<string>(code, await Coupons.End(tx, code)), ct);
        return problem is null ? TypedResults.NoContent() : problem.ToResult();
    }

    private static long? Minor(decimal? major) => major is { } amount ? Money.FromMajor(amount, Products.Currency)!.Value.Minor : null;
}
