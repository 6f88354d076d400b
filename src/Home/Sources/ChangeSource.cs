using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Kontor.Home.Sources.Pulled;
using Kontor.Home.Widgets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Sources;

/// <summary>An admin changes what another team's system may do here, or ends it: then its widgets are archived and its content is
/// deleted.</summary>
public static class ChangeSource
{
    private static readonly Problem NothingToChange = new(400, "nothing-to-change", "The request names nothing that can be changed.");

    /// <param name="Pull">All of it but the secret, which stays when it is left out; `{}` ends pulling.</param>
    public sealed record Request(
        [property: RegularExpression(ManageSources.TeamPattern), Length(1, 64)] string? Team = null, PullSettings? Pull = null);

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/sources/{source}", Get).WithName("GetSource");
        admin.MapPatch("/sources/{source}", Change).WithName("ChangeSource");
        admin.MapDelete("/sources/{source}", End).WithName("DeleteSource");
    }

    internal static Task<Outcome<ManageSources.SourceView>> Changed(
        Database database, string source, Request request, PullDeclarations declarations, long now, CancellationToken ct) =>
        database.Write<Outcome<ManageSources.SourceView>>(
            async tx =>
            {
                var problem = await StoredSources.Find(tx, source) is null ? StoredSources.Unknown : null;
                if (request.Team is { } team) problem ??= await StoredSources.SetTeam(tx, source, team);
                if (request.Pull is { } pull) problem ??= await declarations.Declare(tx, source, pull, now);
                return problem is not null ? problem : (await ManageSources.One(tx, source, now))!;
            }, ct);

    internal static async Task<Problem?> Ended(
        Database database, string source, string userId, FeedModels models, TimeProvider time, CancellationToken ct)
    {
        var (_, problem) = await database.Write<Outcome<bool>>(
            async tx =>
            {
                var users = await AttributeUsers.Of(tx, source);
                if (users.Count > 0)
                    return StoredSources.InUse.Because($"It is asked by {string.Join(", ", users)}.").With("usedBy", users);
                foreach (var id in await StoredWidgets.IdsOfSource(tx, source))
                    await StoredWidgets.Change(tx, id, userId, before => Task.FromResult<Outcome<Widget>>(Archived(before)), time);
                return await StoredSources.Delete(tx, source) is { } unknown ? unknown : true;
            }, ct);
        if (problem is not null) return problem;
        await models.Reload(ct);
        await models.ReloadPushed(ct);
        return null;
    }

    private static Widget Archived(Widget before) => before with { State = WidgetState.Archived, Proposal = null };

    private static async Task<Results<Ok<ManageSources.SourceView>, ProblemHttpResult>> Get(
        string source, Database database, TimeProvider time, CancellationToken ct) =>
        await database.Snapshot(tx => ManageSources.One(tx, source, time.NowMs()), ct) is { } view
            ? TypedResults.Ok(view)
            : StoredSources.Unknown.ToResult();

    private static async Task<Results<Ok<ManageSources.SourceView>, ProblemHttpResult>> Change(
        string source, Request request, Database database, PullDeclarations declarations, TimeProvider time, CancellationToken ct)
    {
        if (request.Team is null && request.Pull is null) return NothingToChange.ToResult();
        var (view, problem) = await Changed(database, source, request, declarations, time.NowMs(), ct);
        return problem is null ? TypedResults.Ok(view!) : problem.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> End(
        string source, CurrentUser user, Database database, FeedModels models, TimeProvider time, CancellationToken ct) =>
        await Ended(database, source, user.Id, models, time, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();
}
