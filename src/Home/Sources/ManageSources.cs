using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Sources.Pulled;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Sources;

/// <summary>An admin lets another team's system push content, gives it keys and takes them back, and sees what it got wrong.</summary>
public static class ManageSources
{
    internal const string TeamPattern = "[a-z][a-z0-9-]*";

    /// <param name="Key">Its name, before the dot in the keys of its widgets; kebab-case.</param>
    /// <param name="Team">Whose it is.</param>
    /// <param name="Pull">When it is asked by this server; it may push all the same.</param>
    public sealed record Request(
        [property: RegularExpression("[a-z][a-z0-9]*(-[a-z0-9]+)*"), Length(1, 32)] string Key,
        [property: RegularExpression(TeamPattern), Length(1, 64)] string Team,
        PullSettings? Pull = null);

    /// <param name="InProcess">Part of this server: it is asked instead of pushing, and needs no key.</param>
    /// <param name="Pull">What it declared, and how it fares; null when it is not pulled.</param>
    public sealed record SourceView(string Key, string Team, bool InProcess, IReadOnlyList<KeyView> Keys, PullView? Pull);

    /// <param name="IsSandbox">What comes with it is checked and answered, and not kept.</param>
    public sealed record KeyView(string Id, bool IsSandbox, DateTimeOffset CreatedAt);

    public sealed record Response(IReadOnlyList<SourceView> Sources);

    public sealed record KeyRequest(bool IsSandbox = false);

    /// <param name="Key">Shown this once.</param>
    public sealed record NewKey(string Id, bool IsSandbox, string Key);

    /// <param name="Key">The widget's; empty when a pull's answer as a whole was of no use.</param>
    /// <param name="UserId">Empty for all.</param>
    /// <param name="Payload">What was refused, cut after 16 KiB.</param>
    public sealed record RefusalView(
        string Id, string Key, string UserId, long Version, string Code, JsonElement Reasons, DateTimeOffset At, string? Payload);

    public sealed record Refused(IReadOnlyList<RefusalView> DeadLetters);

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/sources", List).WithName("ListSources");
        admin.MapPost("/sources", Create).WithName("CreateSource");
        admin.MapPost("/sources/{source}/keys", AddKey).WithName("AddSourceKey");
        admin.MapDelete("/sources/{source}/keys/{id}", EndKey).WithName("EndSourceKey");
        admin.MapGet("/sources/{source}/dead-letters", DeadLetters).WithName("ListSourceDeadLetters");
    }

    internal static async Task<IReadOnlyList<SourceView>> All(
        Database database, OfferedWidgets offered, TimeProvider time, CancellationToken ct)
    {
        var now = time.NowMs();
        var (sources, keys, pulls, calls) = await database.Snapshot(
            async tx => (
                await StoredSources.All(tx), await StoredSources.Keys(tx), await StoredPulls.All(tx),
                await StoredPulls.CallsSince(tx, now - Clock.Minute)), ct);
        var byKey = keys.ToLookup(key => key.Source, key => new KeyView(key.Id, key.IsSandbox, key.CreatedAt.ToTime()));
        var bySource = pulls.ToDictionary(pull => pull.Source, pull => PullView.Of(pull, calls.GetValueOrDefault(pull.Source), now));
        return
        [
            .. offered.Sources.Select(name => new SourceView(name, name, true, [], null)),
            .. sources.Select(one => new SourceView(
                one.Key, one.Team, false, [.. byKey[one.Key]], bySource.GetValueOrDefault(one.Key))),
        ];
    }

    /// <summary>One of another system as it is now; null when there is none.</summary>
    internal static async Task<SourceView?> One(Tx tx, string source, long now)
    {
        if (await StoredSources.Find(tx, source) is not { } one) return null;
        var pull = await StoredPulls.Find(tx, source);
        var calls = pull is null ? 0 : (await StoredPulls.CallsSince(tx, now - Clock.Minute)).GetValueOrDefault(source);
        return new(
            one.Key, one.Team, false,
            [.. (await StoredSources.KeysOf(tx, source)).Select(key => new KeyView(key.Id, key.IsSandbox, key.CreatedAt.ToTime()))],
            pull is null ? null : PullView.Of(pull, calls, now));
    }

    private static async Task<Ok<Response>> List(
        Database database, OfferedWidgets offered, TimeProvider time, CancellationToken ct) =>
        TypedResults.Ok(new Response(await All(database, offered, time, ct)));

    internal static async Task<Outcome<SourceView>> Add(
        Request request, Database database, OfferedWidgets offered, PullDeclarations declarations, TimeProvider time, CancellationToken ct)
    {
        if (offered.Sources.Contains(request.Key) || request.Key == "home") return StoredSources.Taken;
        var now = time.NowMs();
        return await database.Write<Outcome<SourceView>>(
            async tx =>
            {
                var refusal = (await StoredSources.Create(tx, new(request.Key, request.Team, now))).Problem;
                if (request.Pull is { } pull) refusal ??= await declarations.Declare(tx, request.Key, pull, now);
                return refusal is not null ? refusal : (await One(tx, request.Key, now))!;
            }, ct);
    }

    private static async Task<Results<Created<SourceView>, ProblemHttpResult>> Create(
        Request request, Database database, OfferedWidgets offered, PullDeclarations declarations, TimeProvider time, CancellationToken ct)
    {
        var (view, problem) = await Add(request, database, offered, declarations, time, ct);
        return problem is not null ? problem.ToResult() : TypedResults.Created($"/api/admin/sources/{view!.Key}", view);
    }

    private static async Task<Results<Created<NewKey>, ProblemHttpResult>> AddKey(
        string source, KeyRequest request, Database database, HttpContext http, TimeProvider time, CancellationToken ct)
    {
        var (added, problem) = await database.Write(tx => StoredSources.AddKey(tx, source, request.IsSandbox, time), ct);
        if (problem is not null) return problem.ToResult();
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, new NewKey(added.Key.Id, added.Key.IsSandbox, added.Secret));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndKey(
        string source, string id, Database database, TimeProvider time, CancellationToken ct)
    {
        var problem = await database.Write(tx => StoredSources.EndKey(tx, source, id, time.NowMs()), ct);
        return problem is null ? TypedResults.NoContent() : problem.ToResult();
    }

    private static async Task<Ok<Refused>> DeadLetters(string source, Database database, CancellationToken ct)
    {
        var found = await database.Read(tx => Refusals.Of(tx, source).AsTask(), ct);
        return TypedResults.Ok(new Refused([.. found.Select(one => new RefusalView(
            one.Id, one.Key, one.UserId, one.Version, one.Code, JsonElement.Parse(one.Reasons), one.At.ToTime(), one.Payload))]));
    }
}
