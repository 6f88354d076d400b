using System.Text.Json;
using Kontor.Foundation.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Widgets.Types;

/// <summary>The types of widgets that there are, each with the JSON Schema of its content and all that it promises.</summary>
public static class ListTypes
{
    internal const int UsersShown = 100;

    /// <param name="IsBuiltIn">Its schema is part of this build.</param>
    /// <param name="Examples">Valid content.</param>
    /// <param name="Fallback">What stands in where a client cannot show it; null when nothing does.</param>
    /// <param name="Widgets">Keys of those that use it; of one type only, at most 100.</param>
    public sealed record TypeView(
        string Key, long Version, JsonElement Schema, bool IsBuiltIn, IReadOnlyList<JsonElement> Examples, TypeLimits Limits,
        TypeFallback? Fallback, IReadOnlyList<string> Widgets);

    public sealed record Response(IReadOnlyList<TypeView> Types);

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("/types", Handle).WithName("ListWidgetTypes");

    internal static TypeView ViewOf(WidgetType type, IReadOnlyList<string> widgets) => new(
        type.Name.Key, type.Name.Version, JsonElement.Parse(type.SchemaText), type.IsBuiltIn, type.Contract.Examples, type.Contract.Limits,
        type.Contract.Fallback, widgets);

    private static async Task<Ok<Response>> Handle(Database database, WidgetTypes types, CancellationToken ct)
    {
        var known = await database.Read(types.All, ct);
        return TypedResults.Ok(new Response([.. known.Select(type => ViewOf(type, []))]));
    }
}
