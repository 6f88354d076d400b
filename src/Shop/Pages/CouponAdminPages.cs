using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Shop.Pricing;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>The codes that make orders cheaper: all of them with their uses, and one form to make or change one.</summary>
public static class CouponAdminPages
{
    private const string CountInvalid = "A whole number from 1 to 1,000,000.";
    private const string PercentInvalid = "A whole number from 1 to 100.";
    private const string AmountInvalid = "An amount from 0 to 10,000,000 with at most two decimals.";
    private const string AtInvalid = "A moment such as 2026-11-20 14:30.";
    private const long CountMax = 1_000_000;
    private const string ByPercent = "percent";
    private const string ByAmount = "amount";

    private static readonly Problem Invalid = new(400, "validation-failed", "Please check what you entered.");

    /// <summary>As the form sends it; whatever was typed is shown again when it is refused. Fields may be missing.</summary>
    public sealed record Typed
    {
        public string? Code { get; init; }

        /// <summary>`percent` or `amount`: what <see cref="Value"/> is.</summary>
        public string? Kind { get; init; } = ByPercent;

        public string? Value { get; init; }

        public string? Minimum { get; init; }

        /// <summary>Of UTC, as a browser sends a moment.</summary>
        public string? StartsAt { get; init; }

        public string? EndsAt { get; init; }

        public string? UsesMax { get; init; }

        public string? UsesPerCustomer { get; init; }

        public string? Active { get; init; }

        internal static Typed New { get; } = new() { Active = "true" };

        internal static Typed Of(AdminCoupons.CouponView coupon) => new()
        {
            Code = coupon.Code,
            Kind = coupon.Amount is null ? ByPercent : ByAmount,
            Value = coupon.Amount is { } amount ? Written(amount) : coupon.Percent?.ToString(CultureInfo.InvariantCulture),
            Minimum = coupon.Minimum == 0 ? null : Written(coupon.Minimum),
            StartsAt = Written(coupon.StartsAt),
            EndsAt = Written(coupon.EndsAt),
            UsesMax = coupon.UsesMax?.ToString(CultureInfo.InvariantCulture),
            UsesPerCustomer = coupon.UsesPerCustomer?.ToString(CultureInfo.InvariantCulture),
            Active = coupon.Active ? "true" : null,
        };

        private static string Written(decimal amount) => amount.ToString("0.00", CultureInfo.CurrentCulture);

        private static string? Written(DateTimeOffset? moment) => moment?.UtcDateTime.ToString(
            moment.Value.Second == 0 ? "yyyy-MM-ddTHH:mm" : "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/coupons", ShowList);
        pages.MapPost("/coupons", Create);
        pages.MapGet("/coupons/{code}", Show);
        pages.MapPost("/coupons/{code}", Change);
        pages.MapPost("/coupons/{code}/end", End);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowList(
        string? cursor, Database database, TimeProvider time, CancellationToken ct)
    {
        var (list, problem) = await AdminCoupons.Read(database, time, wanted: null, cursor, ct);
        return problem is null ? Pages.Render<AdminCouponsPage>(new { List = list, Form = Typed.New }) : problem.ToResult();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Create(
        [FromForm] Typed? form, Coupons coupons, Database database, TimeProvider time, CancellationToken ct)
    {
        var typed = form ?? new();
        var (coupon, problem) = await Save(typed.Code ?? "", typed, isNew: true, coupons, database, ct);
        if (problem is null) return TypedResults.LocalRedirect($"{AddressOf(coupon!.Code)}?saved=1");
        var (list, _) = await AdminCoupons.Read(database, time, wanted: null, cursor: null, ct);
        return Pages.Render<AdminCouponsPage>(new { List = list, Form = typed, Problem = problem }, problem.Status);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string code, string? saved, Database database, TimeProvider time, CancellationToken ct)
    {
        return await Render(code, database, time, ct, isSaved: saved is not null) is { } page ? page : Coupons.Unknown.ToResult();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Change(
        string code, [FromForm] Typed? form, Coupons coupons, Database database, TimeProvider time, CancellationToken ct)
    {
        // A page is for a code that exists; the API makes one by the same address.
        if (await Render(code, database, time, ct) is null) return Coupons.Unknown.ToResult();
        var typed = form ?? new();
        var (coupon, problem) = await Save(code, typed, isNew: false, coupons, database, ct);
        if (problem is null) return TypedResults.LocalRedirect($"{AddressOf(coupon!.Code)}?saved=1");
        return (await Render(code, database, time, ct, typed, problem))!;
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> End(string code, Database database, CancellationToken ct) =>
        await database.Write(tx => Coupons.End(tx, code), ct) is { } problem
            ? problem.ToResult()
            : TypedResults.LocalRedirect("/admin/coupons");

    /// <summary>Null when there is no such code.</summary>
    private static async Task<RazorComponentResult?> Render(
        string code, Database database, TimeProvider time, CancellationToken ct, Typed? typed = null, Problem? problem = null,
        bool isSaved = false)
    {
        if (await database.Read(tx => Coupons.Find(tx, code).AsTask(), ct) is not { } found) return null;
        var coupon = AdminCoupons.CouponView.Of(found, time.NowMs());
        return Pages.Render<AdminCouponPage>(
            new { Coupon = coupon, Form = typed ?? Typed.Of(coupon), Problem = problem, IsSaved = isSaved }, problem?.Status ?? 200);
    }

    private static string AddressOf(string code) => $"/admin/coupons/{Uri.EscapeDataString(code)}";

    private static async Task<Outcome<Coupon>> Save(
        string code, Typed typed, bool isNew, Coupons coupons, Database database, CancellationToken ct)
    {
        var errors = new Dictionary<string, string[]>();
        var request = Read(typed, errors);
        if (errors.Count > 0) return Invalid.With("errors", errors);
        var (coupon, problem) = await AdminCoupons.Run(code, request, coupons, database, ct, isNew);
        if (problem is null) return coupon!;
        // Both are said of the code, where it was typed.
        return problem == Coupons.Taken || problem == AdminCoupons.CodeInvalid
            ? problem.With("errors", new Dictionary<string, string[]> { ["code"] = [problem.Title] })
            : problem;
    }

    /// <summary>The rules of the API, with what is wrong said of each field.</summary>
    private static AdminCoupons.Request Read(Typed typed, Dictionary<string, string[]> errors)
    {
        var byPercent = typed.Kind != ByAmount;
        var request = new AdminCoupons.Request(
            byPercent ? null : Amount("value", typed.Value, errors, least: 0.01m),
            byPercent ? Count("value", typed.Value, errors, 100, PercentInvalid) : null,
            string.IsNullOrWhiteSpace(typed.Minimum) ? null : Amount("minimum", typed.Minimum, errors),
            Moment("startsAt", typed.StartsAt, errors),
            Moment("endsAt", typed.EndsAt, errors),
            string.IsNullOrWhiteSpace(typed.UsesMax) ? null : Count("usesMax", typed.UsesMax, errors, CountMax, CountInvalid),
            string.IsNullOrWhiteSpace(typed.UsesPerCustomer)
                ? null
                : Count("usesPerCustomer", typed.UsesPerCustomer, errors, CountMax, CountInvalid),
            typed.Active == "true");
        if (errors.Count > 0) return request;
        foreach (var found in request.Validate(new ValidationContext(request)))
            errors["endsAt"] = [found.ErrorMessage!];
        return request;
    }

    private static decimal? Amount(string field, string? text, Dictionary<string, string[]> errors, decimal least = 0)
    {
        var amount = OrderAdminPages.AmountOf(text);
        if (amount >= least && new Admin.PriceAttribute().IsValid(amount)) return amount;
        errors[field] = [AmountInvalid];
        return null;
    }

    private static long? Count(string field, string? text, Dictionary<string, string[]> errors, long most, string message)
    {
        if (long.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most)
            return number;
        errors[field] = [message];
        return null;
    }

    private static DateTimeOffset? Moment(string field, string? text, Dictionary<string, string[]> errors)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        var moment = ProductAdminPages.MomentOf(text);
        if (moment is null) errors[field] = [AtInvalid];
        return moment;
    }
}
