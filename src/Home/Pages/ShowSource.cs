using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Sources;
using Kontor.Home.Sources.Pulled;
using Kontor.Home.Widgets.Types;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home;

/// <summary>An admin looks at one source: how it fares, what of it was refused and why; gives it keys, and says how it is pulled.</summary>
public static class ShowSource
{
    /// <param name="State">Null where each person has content of their own.</param>
    /// <param name="Failure">Why the latest call of a source of this process was of no use.</param>
    public sealed record Filled(string Id, string Key, string Type, ContentState? State, DateTimeOffset? AsOf, string? Failure);

    /// <param name="Outcome">Null while it is under way.</param>
    public sealed record Call(DateTimeOffset At, string? Outcome, long? TookMs, long? Bytes);

    public sealed record Letter(
        DateTimeOffset At, string Key, string UserId, long Version, string Code, IReadOnlyList<string> Reasons, string? Payload);

    /// <param name="LetterCount">Of all that are kept.</param>
    public sealed record View(
        ManageSources.SourceView Source, IReadOnlyList<Filled> Widgets, IReadOnlyList<Call> Calls, IReadOnlyList<Letter> Letters,
        int LetterCount, IReadOnlyList<string> Types);

    /// <summary>What has just been done, or was refused.</summary>
    /// <param name="Secret">Of a new key, shown this once.</param>
    /// <param name="Typed">What was entered and refused, by field.</param>
    public sealed record Done(
        Problem? Problem = null, bool IsSaved = false, string? Secret = null, VerifyType.Response? Report = null,
        IReadOnlyDictionary<string, string>? Typed = null);

    private static readonly Problem Invalid = new(400, "validation-failed", "Please check what you entered.");

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/{source}", Show);
        pages.MapPost("/{source}", Pull);
        pages.MapPost("/{source}/keys", AddKey);
        pages.MapPost("/{source}/keys/{id}/end", EndKey);
        pages.MapPost("/{source}/verify", Verify);
        pages.MapPost("/{source}/end", End);
    }

    private static Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string source, string? saved, SourceDesk desk, CancellationToken ct) => Render(source, new(IsSaved: saved is not null), desk, ct);

    private static async Task<IResult> Pull(
        string source, IFormCollection form, Database database, PullDeclarations declarations, SourceDesk desk, TimeProvider time,
        CancellationToken ct)
    {
        var pull = form["do"] == "stop" ? new PullSettings() : Read(form);
        var team = form["team"].ToString().Trim();
        var request = new ChangeSource.Request(team.Length == 0 ? null : team, pull);
        var problem = pull is null || !IsValid(request) || !IsValid(pull)
            ? Invalid
            : (await ChangeSource.Changed(database, source, request, declarations, time.NowMs(), ct)).Problem;
        if (problem is null) return TypedResults.LocalRedirect($"/admin/sources/{source}?saved=1");
        // A secret is not sent back into a page.
        var typed = form.Where(field => field.Key != "secret").ToDictionary(field => field.Key, field => field.Value.ToString());
        return (await Render(source, new(problem, Typed: typed), desk, ct)).Result;
    }

    private static async Task<IResult> AddKey(
        string source, IFormCollection form, HttpContext http, Database database, SourceDesk desk, TimeProvider time, CancellationToken ct)
    {
        var (added, problem) = await database.Write(tx => StoredSources.AddKey(tx, source, form.ContainsKey("sandbox"), time), ct);
        http.Response.Headers.CacheControl = "no-store";
        return (await Render(source, new(problem, Secret: problem is null ? added.Secret : null), desk, ct)).Result;
    }

    private static async Task<IResult> EndKey(
        string source, string id, Database database, SourceDesk desk, TimeProvider time, CancellationToken ct)
    {
        var problem = await database.Write(tx => StoredSources.EndKey(tx, source, id, time.NowMs()), ct);
        return problem is null
            ? TypedResults.LocalRedirect($"/admin/sources/{source}?saved=1")
            : (await Render(source, new(problem), desk, ct)).Result;
    }

    private static async Task<IResult> Verify(
        string source, IFormCollection form, VerifyType.Verifier verifier, SourceDesk desk, CancellationToken ct)
    {
        var (report, problem) = await verifier.Verify(form["type"].ToString(), source, new(Pull: true), ct);
        var typed = new Dictionary<string, string> { ["type"] = form["type"].ToString() };
        return (await Render(source, new(problem, Report: report, Typed: typed), desk, ct)).Result;
    }

    private static async Task<IResult> End(
        string source, CurrentUser user, Database database, FeedModels models, SourceDesk desk, TimeProvider time, CancellationToken ct) =>
        await ChangeSource.Ended(database, source, user.Id, models, time, ct) is { } problem
            ? (await Render(source, new(problem), desk, ct)).Result
            : TypedResults.LocalRedirect("/admin/sources");

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Render(
        string source, Done done, SourceDesk desk, CancellationToken ct) =>
        await desk.Of(source, ct) is { } view
            ? Ui.Pages.Render<SourcePage>(new { View = view, Done = done }, done.Problem?.Status ?? 200)
            : Kontor.Foundation.Http.ProblemResults.ToResult(StoredSources.Unknown);

    /// <summary>Null when a number is none.</summary>
    private static PullSettings? Read(IFormCollection form)
    {
        if (form["url"].ToString().Trim() is not { Length: > 0 } url) return null;
        if (Number(form, "intervalSeconds") is not { } interval || Number(form, "callsPerMinute") is not { } calls) return null;
        if (Number(form, "timeoutMs") is not { } timeout || Number(form, "maxBytes") is not { } bytes) return null;
        if (!Enum.TryParse<PullAuth>(form["auth"].ToString(), ignoreCase: true, out var auth) || !Enum.IsDefined(auth)) return null;
        return new(url, interval, calls, timeout, bytes, auth, form["secret"].ToString() is { Length: > 0 } secret ? secret : null);
    }

    private static int? Number(IFormCollection form, string field) =>
        int.TryParse(form[field].ToString().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool IsValid(object request) =>
        Validator.TryValidateObject(request, new ValidationContext(request), null, validateAllProperties: true);
}
