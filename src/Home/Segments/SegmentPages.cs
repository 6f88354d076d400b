using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Home.Sources;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Segments;

/// <summary>An admin makes groups of persons, by rules that are built from rows or by lists, and tries them on somebody.</summary>
public static class SegmentPages
{
    private static readonly Problem Invalid = new(400, "validation-failed", "Please check what you entered.");

    /// <summary>As the form of a new segment sends it; what was typed is shown again when it is refused.</summary>
    public sealed record Typed(string Key, string Title, string Kind)
    {
        internal static Typed Blank { get; } = new("", "", "rule");
    }

    /// <summary>A rule that hides what names it.</summary>
    /// <param name="Where">`widget shop.deals`.</param>
    public sealed record Broken(string Where, string Fault);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/", List);
        pages.MapPost("/", Create);
        pages.MapGet("/{key}", Show);
        pages.MapPost("/{key}", Save);
        pages.MapPost("/{key}/delete", Delete);
        pages.MapPost("/{key}/publish", (string key, IFormCollection form, CurrentUser user, SegmentEditor editor, SegmentPaging page,
            CancellationToken ct) => Done(key, editor.Publish(key, user.Id, form["mark"], ct), user, page, ct));
        pages.MapPost("/{key}/refuse", (string key, IFormCollection form, CurrentUser user, SegmentEditor editor, SegmentPaging page,
            CancellationToken ct) => Done(key, editor.Refuse(key, form["mark"], ct), user, page, ct));
    }

    private static async Task<RazorComponentResult> List(SegmentPaging page, CancellationToken ct) =>
        await page.RenderList(Typed.Blank, null, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Create(
        IFormCollection form, SegmentEditor editor, SegmentPaging page, TimeProvider time, CancellationToken ct)
    {
        var typed = new Typed(form["key"].ToString().Trim(), form["title"].ToString().Trim(), form["kind"].ToString());
        var isList = typed.Kind == "list";
        var request = new ManageSegments.Request(typed.Key, typed.Title, isList ? [] : null);
        if (!isList) request = request with { Rule = JsonElement.Parse("{}") };
        if (!IsValid(request)) return await page.RenderList(typed, Invalid, ct);
        var now = time.NowMs();
        var segment = new Segment(request.Key, request.Title, request.Given, request.Priority, 1, null, null, now, now);
        var (_, problem) = await editor.Create(segment, [], ct);
        return problem is null ? TypedResults.LocalRedirect(AddressOf(typed.Key)) : await page.RenderList(typed, problem, ct);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string key, string? saved, CurrentUser user, SegmentPaging page, CancellationToken ct) =>
        await page.Render(key, page.RuleOf(key), user, null, ct, isSaved: saved is not null) is { } shown
            ? shown : StoredSegments.Unknown.ToResult();

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Save(
        string key, IFormCollection form, CurrentUser user, SegmentEditor editor, KnownAccounts accounts, SegmentPaging page,
        CancellationToken ct)
    {
        var rule = page.Read(form);
        Problem? problem = null;
        if (!RuleForms.IsLook(form))
        {
            var isList = form.ContainsKey("add");
            var change = new ManageSegments.Change(
                form["title"].ToString().Trim(), isList ? null : rule.Rule, null, isList ? Ids(form["add"]) : null,
                isList ? Ids(form["remove"]) : null,
                long.TryParse(form["priority"], NumberStyles.None, CultureInfo.InvariantCulture, out var priority) ? priority : -1);
            (_, problem) = !IsValid(change) || (!isList && rule.Rule is null)
                ? new(null, Invalid)
                : await accounts.Check(change.Named, ct) is { } nobody ? nobody
                : await editor.Change(key, user.Id, null, (tx, before) => ManageSegments.Altered(tx, before, change), ct);
            if (problem is null) return TypedResults.LocalRedirect($"{AddressOf(key)}?saved=1");
        }

        return await page.Render(key, rule, user, problem, ct, form) is { } shown ? shown : StoredSegments.Unknown.ToResult();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Delete(
        string key, CurrentUser user, SegmentEditor editor, SegmentPaging page, CancellationToken ct)
    {
        if (await editor.Delete(key, ct) is not { } problem) return TypedResults.LocalRedirect("/admin/segments");
        return await page.Render(key, page.RuleOf(key), user, problem, ct) is { } shown ? shown : StoredSegments.Unknown.ToResult();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Done(
        string key, Task<Outcome<Segment>> doing, CurrentUser user, SegmentPaging page, CancellationToken ct)
    {
        var (_, problem) = await doing;
        if (problem is null) return TypedResults.LocalRedirect($"{AddressOf(key)}?saved=1");
        return await page.Render(key, page.RuleOf(key), user, problem, ct) is { } shown ? shown : problem.ToResult();
    }

    private static string AddressOf(string key) => $"/admin/segments/{Uri.EscapeDataString(key)}";

    private static bool IsValid(object request) =>
        Validator.TryValidateObject(request, new ValidationContext(request), null, validateAllProperties: true);

    private static string[] Ids(string? text) => (text ?? "").Split(
        (char[])[' ', ',', ';', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
}
