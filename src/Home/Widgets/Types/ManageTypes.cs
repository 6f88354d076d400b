using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Home.Feed;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Widgets.Types;

/// <summary>
/// An admin says what a type's content looks like, what it may cost, and what stands in where a client cannot show it. What widgets rely
/// on is not taken from under them: another meaning is another version.
/// </summary>
public static class ManageTypes
{
    private static readonly Problem NothingToChange = new(400, "nothing-to-change", "The request names nothing that can be changed.");

    /// <param name="Key">Kebab-case, such as `card-list`.</param>
    /// <param name="Version">The one after the latest when it is left out.</param>
    /// <param name="Schema">In the supported part of JSON Schema.</param>
    /// <param name="Examples">Each valid for the schema; at most 10.</param>
    public sealed record Request(
        [property: RegularExpression("[a-z][a-z0-9-]*"), Length(1, 64)] string Key,
        [property: ChecksItsText] JsonElement Schema,
        [property: Range(1, 999_999)] long? Version = null,
        [property: ChecksItsText, MaxLength(TypeContract.ExamplesMax)] IReadOnlyList<JsonElement>? Examples = null,
        TypeLimits? Limits = null,
        TypeFallback? Fallback = null);

    /// <param name="Schema">Only if nobody uses the type, or it says more than before and nothing else.</param>
    /// <param name="Examples">All of them, as all of the limits and of the fallback; `{}` is none.</param>
    public sealed record ChangeRequest(
        [property: ChecksItsText] JsonElement? Schema = null,
        [property: ChecksItsText, MaxLength(TypeContract.ExamplesMax)] IReadOnlyList<JsonElement>? Examples = null,
        TypeLimits? Limits = null,
        TypeFallback? Fallback = null);

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapPost("/types", Create).WithName("CreateWidgetType");
        admin.MapGet("/types/{type}", Get).WithName("GetWidgetType");
        admin.MapPatch("/types/{type}", Change).WithName("ChangeWidgetType");
        admin.MapDelete("/types/{type}", Delete).WithName("DeleteWidgetType");
    }

    private static async Task<Results<Created<ListTypes.TypeView>, ProblemHttpResult>> Create(
        Request request, TypeEditor editor, FeedModels models, CancellationToken ct)
    {
        var (type, problem) = await editor.Create(request, ct);
        if (problem is not null) return problem.ToResult();
        await models.Reload(ct);
        return TypedResults.Created($"/api/admin/types/{type!.Name}", ListTypes.ViewOf(type, []));
    }

    private static async Task<Results<Ok<ListTypes.TypeView>, ProblemHttpResult>> Get(
        string type, Database database, WidgetTypes types, CancellationToken ct)
    {
        if (TypeName.Parse(type) is not { } name) return TypeEditor.Unknown.ToResult();
        var view = await database.Snapshot(async tx => await types.Find(tx, name) is { } found
            ? ListTypes.ViewOf(found, await WidgetTypes.Users(tx, name, ListTypes.UsersShown))
            : null, ct);
        return view is null ? TypeEditor.Unknown.ToResult() : TypedResults.Ok(view);
    }

    private static async Task<Results<Ok<ListTypes.TypeView>, ProblemHttpResult>> Change(
        string type, ChangeRequest request, TypeEditor editor, FeedModels models, CancellationToken ct)
    {
        if (request is { Schema: null, Examples: null, Limits: null, Fallback: null }) return NothingToChange.ToResult();
        var (changed, problem) = await editor.Change(type, request, ct);
        if (problem is not null) return problem.ToResult();
        await models.Reload(ct);
        return TypedResults.Ok(changed!);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(
        string type, TypeEditor editor, FeedModels models, CancellationToken ct)
    {
        if (await editor.Delete(type, ct) is { } problem) return problem.ToResult();
        await models.Reload(ct);
        return TypedResults.NoContent();
    }
}
