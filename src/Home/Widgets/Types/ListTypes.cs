using System.Text.Json;
using Kontor.Foundation.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Widgets.Types;

/// <summary>The types of widgets that there are, each with the JSON Schema of its content.</summary>
public static class ListTypes
{
    public sealed record TypeView(string Key, long Version, JsonElement Schema);

    public sealed record Response(IReadOnlyList<TypeView> Types);

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("/types", Handle).WithName("ListWidgetTypes");

    private static async Task<Ok<Response>> Handle(Database database, WidgetTypes types, CancellationToken ct)
    {
        var known = await database.Read(types.All, ct);
        return TypedResults.Ok(new Response([.. known.Select(type =>
            new TypeView(type.Name.Key, type.Name.Version, JsonElement.Parse(type.SchemaText)))]));
    }
}
