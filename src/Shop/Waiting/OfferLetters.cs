using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Ui;

namespace Kontor.Shop.Waiting;

/// <summary>Writes to whoever waited that a piece is kept for them; not when they have it or have lost it by then.</summary>
internal sealed class OfferLetters(
    Database database, Letters letters, WaitingLink link, TimeProvider time, IEnumerable<IAddressBook> addresses) : IEventHandler
{
    private readonly IAddressBook? _addresses = addresses.FirstOrDefault();

    public string Name => "shop.offer-letters";

    public string Event => WaitingOffered.Name;

    private sealed record ProductName(string Name);

    public Task Handle(StoredEvent stored, CancellationToken ct) => database.Write(tx => Write(tx, stored), ct);

    private async Task Write(Tx tx, StoredEvent stored)
    {
        var offer = stored.As<WaitingOffered>();
        var place = await WaitingList.Find(tx, offer.PlaceId);
        if (place is null || place.OfferedUntil is not { } until || until <= time.NowMs()) return;
        if (await RecipientOf(tx, place) is not { } recipient) return;
        var product = await tx.First<ProductName>(
            "SELECT name FROM shop_products WHERE id = @id AND is_deleted = false", new { id = place.ProductId });
        if (product is null) return;
        await letters.Post(tx, recipient, T => new()
        {
            Subject = T["{0} is there again", product.Name],
            Paragraphs =
            [
                T["One piece is kept for you until {0} (UTC). Put it in your cart before; after that it goes to whoever is next in line.",
                    until.ToTime().UtcDateTime.ToString("g", System.Globalization.CultureInfo.CurrentCulture)],
            ],
            Link = new(T["To your piece"], link.PathOf(place.Id)),
            Reason = T["You asked to be told when this product is there again. This is the only letter about it."],
        }, key: stored.Id, isSecret: true);
    }

    private async ValueTask<Recipient?> RecipientOf(Tx tx, Place place)
    {
        if (place.UserId is null) return new(place.Email!, Name: "", place.Language);
        return _addresses is null ? null : await _addresses.Find(tx, place.UserId);
    }
}
