using Kontor.Foundation.Seams;
using Kontor.Home.Feed;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Attributes;

/// <summary>All that rules may ask about.</summary>
public static class ListAttributes
{
    /// <param name="Key">As rules name it.</param>
    /// <param name="Values">The only texts that it can have; null when it can have any.</param>
    /// <param name="Source">Who tells it; null for what every request tells by itself.</param>
    public sealed record AttributeView(
        string Key, AttributeType Type, AttributePrivacy Privacy, string Description, IReadOnlyList<string>? Values, string? Source);

    public sealed record Response(IReadOnlyList<AttributeView> Attributes);

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("/home/attributes", Handle).WithName("ListAttributes");

    private static Ok<Response> Handle(FeedModels models) => TypedResults.Ok(new Response(
    [
        .. models.Current.Vocabulary.Attributes.Select(View),
    ]));

    internal static AttributeView View(AttributeInfo one) => new(one.Key, one.Type, one.Privacy, one.Description, one.Values, one.Source);
}
