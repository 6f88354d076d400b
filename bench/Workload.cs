namespace Kontor.Bench;

/// <summary>Something that many do at once, against Kontor or against the bare server that repeats its answers.</summary>
/// <param name="Goal">What it should reach, as the table shows it.</param>
/// <param name="Answers">What Kontor answered to it once.</param>
/// <param name="CallerOf">The work of the caller with this number.</param>
/// <param name="Writes">The disk has a part in it.</param>
internal sealed record Workload(
    string Name, string Goal, IReadOnlyList<RecordedAnswer> Answers, Func<int, Caller> CallerOf, bool Writes = false);

/// <summary>A guest who shops; no two share a cart.</summary>
internal static class Guest
{
    public const string CartTarget = "/api/cart";
    public const string OrdersTarget = "/api/orders";

    /// <summary>After so many pieces another guest comes, so that carts stay as small as real ones.</summary>
    private const int PiecesOfACart = 4;

    public static readonly object OrderBody = new
    {
        email = "guest@bench.example",
        shippingAddress = new { name = "Ada Guest", street = "Hauptstr. 1", city = "Berlin", postalCode = "10115", country = "DE" },
        payment = new { method = "invoice" },
    };

    private static readonly string Order = System.Text.Json.JsonSerializer.Serialize(OrderBody);

    public static string Piece(string productId) => $$"""{"productId":"{{productId}}","quantity":1}""";

    /// <summary>Adds one piece after another; a caller's unit of work is one of them.</summary>
    public static Caller Adding(IReadOnlyList<string> productIds)
    {
        var first = productIds.Select(id => Requests.Post(CartTarget, Piece(id))).ToArray();
        var more = first;
        var pieces = 0;
        return async connection =>
        {
            var isNew = pieces % PiecesOfACart == 0;
            var status = await connection.Exchange((isNew ? first : more)[pieces++ % productIds.Count]);
            if (isNew) more = [.. productIds.Select(id => Requests.Post(CartTarget, Piece(id), connection.CartToken))];
            return status;
        };
    }

    /// <summary>Adds a piece and orders it; a caller's unit of work is both.</summary>
    public static Caller Buying(string productId)
    {
        var add = Requests.Post(CartTarget, Piece(productId));
        return async connection =>
        {
            var status = await connection.Exchange(add);
            return status is >= 200 and < 300
                ? await connection.Exchange(Requests.Post(OrdersTarget, Order, connection.CartToken))
                : status;
        };
    }
}
