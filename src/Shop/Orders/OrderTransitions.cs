using Kontor.Foundation;

namespace Kontor.Shop.Orders;

/// <summary>
/// Which way an order goes: `pending -> paid -> shipped -> delivered`, or `cancelled` before it is shipped, `refunded` once it is
/// paid, and `expired` when it is not paid in time.
/// </summary>
internal static class OrderTransitions
{
    public static readonly Problem Refused = new(409, "order-transition", "An order with this status cannot become that.");

    public static readonly Problem StatusUnknown = new(400, "order-status-unknown", "There is no such status of an order.");

    private static readonly Dictionary<OrderStatus, OrderStatus[]> Next = new()
    {
        [OrderStatus.Pending] = [OrderStatus.Paid, OrderStatus.Cancelled, OrderStatus.Expired],
        [OrderStatus.Paid] = [OrderStatus.Shipped, OrderStatus.Cancelled, OrderStatus.Refunded],
        [OrderStatus.Shipped] = [OrderStatus.Delivered, OrderStatus.Refunded],
        [OrderStatus.Delivered] = [OrderStatus.Refunded],
        [OrderStatus.Cancelled] = [],
        [OrderStatus.Refunded] = [],
        [OrderStatus.Expired] = [],
    };

    public static IReadOnlyList<OrderStatus> From(OrderStatus status) => Next[status];

    /// <summary>
    /// What a person may make of it: time alone lets an order expire, and only its money makes one paid that is paid online.
    /// </summary>
    public static IEnumerable<OrderStatus> ByPeople(OrderStatus status, bool isPaidOnline) => Next[status]
        .Where(next => next != OrderStatus.Expired && !(next == OrderStatus.Paid && isPaidOnline));

    /// <summary>Null when there is no such status; a number is none.</summary>
    public static OrderStatus? Parse(string text)
    {
        foreach (var status in Enum.GetValues<OrderStatus>())
        {
            if (status.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)) return status;
        }

        return null;
    }

    public static Problem? Refuse(OrderStatus from, OrderStatus to) =>
        Next[from].Contains(to) ? null : Refused.With("orderStatus", from).With("allowed", Next[from]);

    /// <summary>Nothing has to be sent to anybody any more.</summary>
    public static bool HasEnded(OrderStatus status) =>
        status is OrderStatus.Delivered or OrderStatus.Cancelled or OrderStatus.Refunded or OrderStatus.Expired;

    /// <summary>
    /// The goods are still in the warehouse and can be sold again. What has left it comes back as a change of stock, once it is there.
    /// </summary>
    public static bool ReturnsStock(OrderStatus from, OrderStatus to) =>
        to is OrderStatus.Cancelled or OrderStatus.Refunded or OrderStatus.Expired && from is OrderStatus.Pending or OrderStatus.Paid;
}
