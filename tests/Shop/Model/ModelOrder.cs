using Kontor.Shop.Orders;

namespace Kontor.Shop.Tests.Model;

/// <summary>How far the money of an order has come, on our side.</summary>
internal enum Stage
{
    None,
    Open,

    /// <summary>The pieces are sold, and the money is about to be taken.</summary>
    Capturing,
    Captured,

    /// <summary>The order ended before.</summary>
    Releasing,
}

internal enum BankState
{
    None,
    Open,
    Processing,
    Authorised,
    Captured,
    Cancelled,
}

/// <summary>An order as <see cref="ShopModel"/> keeps it.</summary>
internal sealed class ModelOrder(int buyer, bool byCard, long payBy, List<(int Product, long Quantity)> lines)
{
    private sealed class Refund(long minor)
    {
        public long Minor => minor;

        /// <summary>The bank has paid it back, whether we know that or not.</summary>
        public bool IsPaid { get; set; }

        /// <summary>We know that.</summary>
        public bool IsDone { get; set; }
    }

    private readonly List<Refund> _refunds = [];

    public int Buyer => buyer;

    public bool ByCard => byCard;

    public long PayBy => payBy;

    public List<(int Product, long Quantity)> Lines => lines;

    public long TotalMinor => lines.Sum(line => line.Quantity * ShopModel.PriceMinor);

    public OrderStatus Status { get; set; } = OrderStatus.Pending;

    /// <summary>Its pieces have left the shelf, if only to come back.</summary>
    public bool IsTaken { get; set; }

    public bool IsReturned { get; set; }

    public Stage Stage { get; set; }

    public BankState Bank { get; set; }

    public long CapturedMinor { get; set; }

    public long PromisedMinor => _refunds.Sum(refund => refund.Minor);

    /// <summary>The bank's customer has paid so much, and not got it back.</summary>
    public long KeptMinor =>
        Bank == BankState.Captured ? TotalMinor - _refunds.Where(refund => refund.IsPaid).Sum(refund => refund.Minor) : 0;

    /// <summary>What the buyer does at the bank; nothing where that cannot be done.</summary>
    public void Do(AtBank what) => Bank = (what, Bank) switch
    {
        (AtBank.Authorises, BankState.Open) => BankState.Authorised,
        (AtBank.Hesitates, BankState.Open) => BankState.Processing,
        (AtBank.Pays, BankState.Processing) => BankState.Captured,
        (_, var state) => state,
    };

    public void Promise(long minor)
    {
        if (minor > 0) _refunds.Add(new(minor));
    }

    /// <returns>False when it ended before its time.</returns>
    public bool PayBack(Point? crash)
    {
        foreach (var refund in _refunds.Where(refund => ByCard && !refund.IsDone))
        {
            if (!refund.IsPaid)
            {
                if (crash == Point.BeforeRefund) return false;
                refund.IsPaid = true;
                if (crash == Point.AfterRefund) return false;
            }

            refund.IsDone = true;
        }

        return true;
    }
}
