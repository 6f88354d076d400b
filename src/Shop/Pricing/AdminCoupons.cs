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
    /// <param name="UsesLeft">Null for any number.</param>
    public sealed record CouponView(
        string Code, decimal? Amount, long? Percent, decimal Minimum, DateTimeOffset? StartsAt, DateTimeOffset? EndsAt, long? UsesMax,
        long? UsesPerCustomer, bool Active, CouponState State, long Used, long? UsesLeft)
    {
        internal static CouponView Of(Coupon coupon, long now) => new(
            coupon.Code, coupon.AmountMinor is { } amount ? new Money(amount, Products.Currency).Major : null, coupon.Percent,
            new Money(coupon.MinimumMinor, Products.Currency).Major, coupon.StartsAt?.ToTime(), coupon.EndsAt?.ToTime(), coupon.UsesMax,
            coupon.UsesPerCustomer, coupon.IsActive, coupon.StateAt(now), coupon.Used, coupon.UsesLeft);
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

    internal static readonly Problem CodeInvalid = new(
        422, "coupon-code-invalid", "A code has 3 to 40 letters, digits and dashes.");

    internal static void Map(RouteGroupBuilder admin)
    {
        var coupons = admin.MapGroup("/coupons");
        coupons.MapGet("", List).WithName("ListCoupons");
        coupons.MapGet("/{code}", Show).WithName("ShowCoupon");
        coupons.MapPut("/{code}", Save).WithName("SaveCoupon");
        coupons.MapDelete("/{code}", End).WithName("EndCoupon");
    }

    private static async Task<Results<Ok<ListResponse>, ProblemHttpResult>> List(
        Database database, TimeProvider time, int? limit, string? cursor, CancellationToken ct)
    {
        var (list, problem) = await Read(database, time, limit, cursor, ct);
        return problem is null ? TypedResults.Ok(list) : problem.ToResult();
    }

    internal static async Task<Outcome<ListResponse>> Read(
        Database database, TimeProvider time, int? wanted, string? cursor, CancellationToken ct)
    {
        var after = "";
        if (cursor is not null)
        {
            if (Paging.Decode(cursor, 1) is not [var code]) return Paging.CursorInvalid;
            after = code;
        }

        var limit = Paging.Limit(wanted);
        var found = await database.Read(tx => Coupons.Page(tx, after, limit + 1).AsTask(), ct);
        var page = found.Take(limit).ToList();
        var now = time.NowMs();
        return new ListResponse(
            [.. page.Select(coupon => CouponView.Of(coupon, now))], found.Count > limit ? Paging.Encode(page[^1].Code) : null);
    }

    private static async Task<Results<Ok<CouponView>, ProblemHttpResult>> Show(
        string code, Database database, TimeProvider time, CancellationToken ct) =>
        await database.Read(tx => Coupons.Find(tx, code).AsTask(), ct) is { } coupon
            ? TypedResults.Ok(CouponView.Of(coupon, time.NowMs()))
            : Coupons.Unknown.ToResult();

    private static async Task<Results<Ok<CouponView>, ProblemHttpResult>> Save(
        string code, Request request, Coupons coupons, Database database, TimeProvider time, CancellationToken ct)
    {
        var (coupon, problem) = await Run(code, request, coupons, database, ct);
        return problem is null ? TypedResults.Ok(CouponView.Of(coupon!, time.NowMs())) : problem.ToResult();
    }

    /// <param name="isNew">Refused when there is such a code.</param>
    internal static async Task<Outcome<Coupon>> Run(
        string code, Request request, Coupons coupons, Database database, CancellationToken ct, bool isNew = false)
    {
        var (coupon, problem) = Of(code, request);
        if (problem is not null) return problem;
        return await database.Write(
            async tx => await (isNew ? coupons.Add(tx, coupon!) : coupons.Save(tx, coupon!)) is { } saved
                ? saved
                : new Outcome<Coupon>(null, Coupons.Taken),
            ct);
    }

    private static Outcome<Coupon> Of(string code, Request request)
    {
        code = Coupon.Normalize(code);
        if (code.Length is < 3 or > Coupon.CodeMax || !code.All(one => char.IsAsciiLetterOrDigit(one) || one == '-')) return CodeInvalid;
        return new Coupon(
            code, Minor(request.Amount), request.Percent, Minor(request.Minimum) ?? 0, request.StartsAt?.ToUnixTimeMilliseconds(),
            request.EndsAt?.ToUnixTimeMilliseconds(), request.UsesMax, request.UsesPerCustomer, request.Active, Used: 0, CreatedAt: 0);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> End(string code, Database database, CancellationToken ct) =>
        await database.Write(tx => Coupons.End(tx, code), ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    private static long? Minor(decimal? major) => major is { } amount ? Money.FromMajor(amount, Products.Currency)!.Value.Minor : null;
}
