using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Waiting;

/// <summary>Somebody in line for a product.</summary>
/// <param name="Owner">The person, or the guest with this cart: <see cref="Cart.CartOwner.Key"/>.</param>
/// <param name="Email">A guest's; null for a person, whose account has it.</param>
/// <param name="OfferedUntil">Until when a piece is kept for them; null while they wait.</param>
internal sealed record Place(
    string Id, string ProductId, string Owner, string? UserId, string? Email, string Language, long CreatedAt, long? OfferedUntil);

/// <summary>
/// The lines of people who wait for a product, first come, first served. A freed piece is held for the first in line before anybody
/// else can take it, in the transaction that freed it; who lets it lapse has left the line. Only this class writes `shop_waiting`,
/// for products that are locked.
/// </summary>
internal sealed class WaitingList(Outbox outbox, TimeProvider time, IOptions<ShopOptions> options)
{
    public const int PlacesMax = 50;

    public static readonly Problem TooMany = new(409, "waiting-limit", "Nobody waits for more than 50 products.");

    private const string Columns = "id, product_id, owner, user_id, email, language, created_at, offered_until";

    /// <summary>Under which the pieces are held that are kept for a place.</summary>
    private const string HolderPrefix = "waiting:";

    public static string HolderOf(string placeId) => HolderPrefix + placeId;

    public static ValueTask<Place?> Find(Tx tx, string placeId) => tx.First<Place>(
        $"SELECT {Columns} FROM shop_waiting WHERE id = @placeId", new { placeId });

    /// <summary>The owner's place in the line for a product.</summary>
    public static ValueTask<Place?> Find(Tx tx, string productId, string owner) => tx.First<Place>($"""
        SELECT {Columns} FROM shop_waiting
        WHERE product_id = @productId AND owner = @owner
        """, new { productId, owner });

    /// <summary>The oldest first.</summary>
    public static ValueTask<List<Place>> Of(Tx tx, string owner) => tx.Query<Place>($"""
        SELECT {Columns} FROM shop_waiting
        WHERE owner = @owner
        ORDER BY serial
        LIMIT {PlacesMax}
        """, new { owner });

    /// <summary>1 for the next to be served; 0 for who has been offered a piece.</summary>
    public static ValueTask<long> PositionOf(Tx tx, Place place) => tx.First<long>("""
        SELECT COUNT(*) FROM shop_waiting
        WHERE product_id = @productId AND offered_until IS NULL
            AND serial <= (SELECT serial FROM shop_waiting WHERE id = @id AND offered_until IS NULL)
        """, new { productId = place.ProductId, id = place.Id });

    /// <summary>
    /// The end of the line for a locked product; whoever is in it already keeps their place. An address that somebody else gave before is
    /// taken for in line, so that nobody learns it.
    /// </summary>
    public async ValueTask<Problem?> Join(Tx tx, string productId, string owner, string? userId, string? email, string language)
    {
        var places = await tx.First<long>("""
            SELECT COUNT(*) FROM shop_waiting
            WHERE (owner = @owner OR email = @email) AND product_id <> @productId
            """, new { owner, email, productId });
        if (places >= PlacesMax) return TooMany;
        var joined = await tx.Execute("""
            INSERT INTO shop_waiting (id, product_id, owner, user_id, email, language, created_at)
            VALUES (@id, @productId, @owner, @userId, @email, @language, @now)
            ON CONFLICT DO NOTHING
            """, new { id = Ids.New(time), productId, owner, userId, email, language, now = time.NowMs() });
        if (joined == 1) await Shelf.Queue(tx, productId, 1);
        return null;
    }

    /// <summary>A guest has become somebody: their places are that person's, except where that person is in line already.</summary>
    public static ValueTask<int> Adopt(Tx tx, string guest, string owner, string userId) => tx.Execute("""
        UPDATE shop_waiting SET owner = @owner, user_id = @userId, email = NULL
        WHERE owner = @guest AND NOT EXISTS (
            SELECT 1 FROM shop_waiting own
            WHERE own.product_id = shop_waiting.product_id AND own.owner = @owner)
        """, new { guest, owner, userId });

    /// <summary>
    /// Offers the free pieces of a locked product to the first in line. How many were offered; the ledger is the caller's to write.
    /// </summary>
    /// <param name="level">The product's row as it is now.</param>
    public async ValueTask<long> Serve(Tx tx, string productId, Shelf.Level level, Ledger ledger)
    {
        if (level.Waiting == 0 || level.Free <= 0) return 0;
        var until = ledger.At + (options.Value.WaitingHoldMinutes * Clock.Minute);
        var next = await tx.Query<Place>($"""
            UPDATE shop_waiting SET offered_until = @until
            WHERE serial IN (
                SELECT serial FROM shop_waiting
                WHERE product_id = @productId AND offered_until IS NULL
                ORDER BY serial
                LIMIT @free)
            RETURNING {Columns}
            """, new { productId, until, free = level.Free });
        if (next.Count == 0) return 0;
        if (!await Shelf.ReserveForLine(tx, productId, next.Count)) throw new InvalidOperationException($"{productId} was not locked.");
        foreach (var place in next)
        {
            await Shelf.Keep(tx, HolderOf(place.Id), [new(productId, 1)], until, network: null);
            ledger.Add(new(productId, Movement.Held, 0, 1, HolderOf(place.Id), Actor: Ledger.System));
            await outbox.Add(tx, new WaitingOffered(place.Id, productId, place.UserId, until, ledger.At));
        }

        return next.Count;
    }

    /// <summary>Pieces that were kept for these holders ran out; those of them that were in line have left it.</summary>
    public static async ValueTask Lapse(Tx tx, IEnumerable<string> holders)
    {
        string[] ids = [.. holders
            .Where(holder => holder.StartsWith(HolderPrefix, StringComparison.Ordinal)).Select(holder => holder[HolderPrefix.Length..])];
        if (ids.Length == 0) return;
        await tx.Execute($"DELETE FROM shop_waiting WHERE id {tx.Dialect.In("ids")}", new { ids });
    }

    /// <summary>The place is given up. A piece that is kept for it is the caller's to hand on.</summary>
    public static async ValueTask End(Tx tx, Place place)
    {
        await tx.Execute("DELETE FROM shop_waiting WHERE id = @id", new { id = place.Id });
        if (place.OfferedUntil is null) await Shelf.Queue(tx, place.ProductId, -1);
    }
}

/// <summary>A piece is kept for whoever waited longest.</summary>
/// <param name="UserId">Null for a guest.</param>
/// <param name="Until">Milliseconds since 1970, as is <paramref name="At"/>.</param>
internal sealed record WaitingOffered(string PlaceId, string ProductId, string? UserId, long Until, long At) : IEvent
{
    public static string Name => "shop.waiting-offered";
}
