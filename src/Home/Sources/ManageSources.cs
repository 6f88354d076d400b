using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Sources;

/// <summary>An admin lets another team's system push content, gives it keys and takes them back, and sees what it got wrong.</summary>
public static class ManageSources
{
    /// <param name="Key">Its name, before the dot in the keys of its widgets; kebab-case.</param>
    /// <param name="Team">Whose it is.</param>
    public sealed record Request(
        [property: RegularExpression("[a-z][a-z0-9]*(-[a-z0-9]+)*"), Length(1, 32)] string Key,
        [property: RegularExpression("[a-z][a-z0-9-]*"), Length(1, 64)] string Team);

    /// <param name="InProcess">Part of this server: it is asked instead of pushing, and needs no key.</param>
    public sealed record SourceView(string Key, string Team, bool InProcess, IReadOnlyList<KeyView> Keys);

    /// <param name="IsSandbox">What comes with it is checked and answered, and not kept.</param>
    public sealed record KeyView(string Id, bool IsSandbox, DateTimeOffset CreatedAt);

    public sealed record Response(IReadOnlyList<SourceView> Sources);

    public sealed record KeyRequest(bool IsSandbox = false);

    /// <param name="Key">Shown this once.</param>
    public sealed record NewKey(string Id, bool IsSandbox, string Key);

    /// <param name="UserId">Empty for all.</param>
    public sealed record RefusalView(
        string Id, string Key, string UserId, long Version, string Code, JsonElement Reasons, DateTimeOffset At);

    public sealed record Refused(IReadOnlyList<RefusalView> DeadLetters);

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/sources", List).WithName("ListSources");
        admin.MapPost("/sources", Create).WithName("CreateSource");
        admin.MapPost("/sources/{source}/keys", AddKey).WithName("AddSourceKey");
        admin.MapDelete("/sources/{source}/keys/{id}", EndKey).WithName("EndSourceKey");
        admin.MapGet("/sources/{source}/dead-letters", DeadLetters).WithName("ListSourceDeadLetters");
    }

    internal static async Task<IReadOnlyList<SourceView>> All(Database database, OfferedWidgets offered, CancellationToken ct)
    {
        var (sources, keys) = await database.Snapshot(async tx => (await StoredSources.All(tx), await StoredSources.Keys(tx)), ct);
        var byKey = keys.ToLookup(key => key.Source, key => new KeyView(key.Id, key.IsSandbox, key.CreatedAt.ToTime()));
        return
        [
            .. offered.Sources.Select(name => new SourceView(name, name, true, [])),
            .. sources.Select(one => new SourceView(one.Key, one.Team, false, [.. byKey[one.Key]])),
        ];
    }

    private static async Task<Ok<Response>> List(Database database, OfferedWidgets offered, CancellationToken ct) =>
        TypedResults.Ok(new Response(await All(database, offered, ct)));

    private static async Task<Results<Created<SourceView>, ProblemHttpResult>> Create(
        Request request, Database database, OfferedWidgets offered, TimeProvider time, CancellationToken ct)
    {
        if (offered.Sources.Contains(request.Key) || request.Key == "home") return StoredSources.Taken.ToResult();
        var (source, problem) = await database.Write(
            tx => StoredSources.Create(tx, new(request.Key, request.Team, time.NowMs())), ct);
        return problem is not null
            ? problem.ToResult()
            : TypedResults.Created($"/api/admin/sources/{source!.Key}", new SourceView(source.Key, source.Team, false, []));
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
            one.Id, one.Key, one.UserId, one.Version, one.Code, JsonElement.Parse(one.Reasons), one.At.ToTime()))]));
    }
}
