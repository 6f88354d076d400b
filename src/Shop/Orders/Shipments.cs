using System.Text.RegularExpressions;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Orders;

/// <summary>An order's goods as a carrier has them.</summary>
/// <param name="TrackingNumber">Null where the carrier gives none.</param>
internal sealed record Parcel(Carrier Carrier, string? TrackingNumber);

/// <summary>Orders that leave the warehouse: with whom, and where the buyer can follow them.</summary>
internal sealed partial class Shipments(OrderBook orders, IOptions<CarrierOptions> options, TimeProvider time)
{
    private const int NumberMax = 64;

    public static readonly Problem CarrierUnknown = new(422, "carrier-unknown", "There is no such carrier.");

    private static readonly Problem NumberInvalid = Invalid("trackingNumber", "A tracking number has letters, digits, dashes and spaces.");
    private static readonly Problem CarrierMissing = Invalid("carrier", "A tracking number needs its carrier.");
    private static readonly Problem NotShipped = Invalid("carrier", "Only an order that is shipped has a carrier.");

    public IReadOnlyList<Carrier> Carriers => options.Value.All;

    /// <summary>The name of a carrier; its key when there is no such carrier any more.</summary>
    public string NameOf(string carrier) => Find(carrier)?.Name ?? carrier;

    /// <summary>What was written in a form or a request; a missing carrier stands for goods that nobody sends.</summary>
    public Outcome<Parcel?> Read(OrderStatus status, string? carrier, string? trackingNumber)
    {
        var number = string.IsNullOrWhiteSpace(trackingNumber) ? null : trackingNumber.Trim();
        if (string.IsNullOrEmpty(carrier)) return number is null ? new Outcome<Parcel?>(null, null) : CarrierMissing;
        if (status != OrderStatus.Shipped) return NotShipped;
        if (Find(carrier) is not { } found) return CarrierUnknown.With("carriers", Carriers.Select(one => one.Key).ToList());
        return number is null || (number.Length <= NumberMax && NumberForm().IsMatch(number)) ? new Parcel(found, number) : NumberInvalid;
    }

    /// <summary>
    /// The order is shipped. For one that is shipped already, what is known of its parcel is corrected, and stands in its timeline.
    /// </summary>
    public async Task<Outcome<WholeOrder>> Ship(Tx tx, string orderId, Parcel? parcel, string? reason, string actor)
    {
        if (await OrderBook.Lock(tx, orderId, OrderAccess.Admin) is not { } order) return Order.Unknown;
        var (moved, problem) = await orders.Move(tx, orderId, OrderAccess.Admin, OrderStatus.Shipped, reason, actor);
        if (problem is not null) return problem;
        if (parcel is null || (order.Carrier, order.TrackingNumber) == (parcel.Carrier.Key, parcel.TrackingNumber)) return moved!;
        await tx.Execute("""
            UPDATE shop_orders SET carrier = @carrier, tracking_number = @number, tracking_url = @url, updated_at = @now
            WHERE id = @orderId AND status = 'shipped'
            """, new
        {
            orderId,
            carrier = parcel.Carrier.Key,
            number = parcel.TrackingNumber,
            url = parcel.TrackingNumber is { } number ? parcel.Carrier.UrlOf(number) : null,
            now = time.NowMs(),
        });
        if (order.State == OrderStatus.Shipped) await orders.Remark(tx, order, OrderRemarks.Parcel, actor, reason);
        return (await OrderBook.Find(tx, orderId, OrderAccess.Admin))!;
    }

    private Carrier? Find(string key) => Carriers.FirstOrDefault(carrier => carrier.Key == key);

    private static Problem Invalid(string field, string sentence) => new Problem(400, "validation-failed", "The request is not valid.")
        .With("errors", new Dictionary<string, string[]> { [field] = [sentence] });

    [GeneratedRegex(@"\A[A-Za-z0-9]+([ ./-][A-Za-z0-9]+)*\z")]
    private static partial Regex NumberForm();
}
