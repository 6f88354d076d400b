using Kontor.Foundation.Time;
using Kontor.Shop.Orders;

namespace Kontor.Shop.Tests.Model;

/// <summary>
/// What the shop promises about pieces, carts, orders and money, told without rows, locks and jobs: an independent account that the real
/// one is held against. A hold that has run out is gone at once here, whenever the shop gets round to it. Every operation answers the
/// code of its refusal, and null when it was done.
/// </summary>
internal sealed class ShopModel
{
    private const string Insufficient = "insufficient-stock", Transition = "order-transition", TooLarge = "refund-too-large";

    /// <param name="Holder">A cart or an order.</param>
    private sealed record Hold(object Holder, int Product, long Quantity, long Until, bool IsExtended);

    private sealed class Cart(int buyer)
    {
        public int Buyer => buyer;

        public long HoldMs => (buyer == Customer ? 120 : 30) * Clock.Minute;

        /// <summary>The quantity, and what was wanted where that is more.</summary>
        public SortedDictionary<int, (long Quantity, long? Wanted)> Lines { get; set; } = [];
    }

    public const int Customer = 2;
    public const long PriceMinor = 1000;

    private readonly long[] _onHand;
    private readonly Cart[] _carts = [new(0), new(1), new(Customer)];
    private readonly List<ModelOrder> _orders = [];
    private List<Hold> _holds = [];

    public ShopModel(IReadOnlyList<int> stock, long now)
    {
        _onHand = [.. stock.Select(pieces => (long)pieces)];
        Now = now;
    }

    public long Now { get; private set; }

    public IReadOnlyList<ModelOrder> Orders => _orders;

    public void Wait(int minutes)
    {
        Now += minutes * Clock.Minute;
        _holds.RemoveAll(hold => hold.Until <= Now);
    }

    public string? Add(int buyer, int product, long quantity) =>
        Put(_carts[buyer], product, _carts[buyer].Lines.GetValueOrDefault(product).Quantity + quantity);

    public string? Change(int buyer, int product, long quantity) =>
        _carts[buyer].Lines.ContainsKey(product) ? Put(_carts[buyer], product, quantity) : "not-found";

    public string? Remove(int buyer, int product)
    {
        _carts[buyer].Lines.Remove(product);
        _holds.RemoveAll(hold => hold.Holder == _carts[buyer] && hold.Product == product);
        return null;
    }

    public string? BeginCheckout(int buyer) => Extend(_carts[buyer]);

    public string? CheckOut(int buyer, bool byCard)
    {
        var cart = _carts[buyer];
        if (cart.Lines.Count == 0) return "cart-empty";
        var order = new ModelOrder(buyer, byCard, Now + (24 * Clock.Hour), [.. cart.Lines.Select(line => (line.Key, line.Value.Quantity))]);
        if (!CanTake(cart, order)) return Insufficient;
        _holds.RemoveAll(hold => hold.Holder == cart);
        if (byCard) order.Lines.ForEach(line => Keep(order, line.Product, line.Quantity, Now + cart.HoldMs));
        else Take(order);
        cart.Lines = [];
        _orders.Add(order);
        return null;
    }

    /// <summary>Quantities add up, as far as there are pieces; what both held, nobody else gets in between.</summary>
    public string? SignIn(int guest)
    {
        var (from, to) = (_carts[guest], _carts[Customer]);
        foreach (var (product, (quantity, _)) in from.Lines)
        {
            var has = HeldBy(to, product) + HeldBy(from, product);
            _holds.RemoveAll(hold => hold.Holder == from && hold.Product == product);
            if (has > 0) Keep(to, product, has, Now + to.HoldMs);
            var wanted = to.Lines.GetValueOrDefault(product).Quantity + quantity;
            var taken = has + Math.Min(wanted - has, Available(product));
            if (taken > 0) Keep(to, product, taken, Now + to.HoldMs);
            to.Lines[product] = taken == 0 || taken >= wanted ? (wanted, null) : (taken, wanted);
        }

        from.Lines = [];
        return null;
    }

    public string? GoToPay(ModelOrder order)
    {
        if (order is { ByCard: true, Stage: Stage.Open }) Settle(order, crash: null);
        if (!order.ByCard) return "payment-not-online";
        if (order.Status != OrderStatus.Pending || order.IsTaken || IsOverdue(order)) return "order-not-payable";
        if (!CanTake(order, order)) return Insufficient;
        order.Lines.ForEach(line => Keep(order, line.Product, line.Quantity, Now + (15 * Clock.Minute)));
        Extend(order);
        if (order.Stage == Stage.None) (order.Stage, order.Bank) = (Stage.Open, BankState.Open);
        return null;
    }

    /// <summary>Brings the payment as far as it can come.</summary>
    /// <param name="crash">Where that ends before its time.</param>
    /// <returns>False when it ended there.</returns>
    public bool Settle(ModelOrder order, Point? crash)
    {
        if (crash == Point.AfterFind && order.Stage is not (Stage.None or Stage.Captured)) return false;
        if (order is { Stage: Stage.Open, Bank: BankState.Authorised or BankState.Captured }) Accept(order);
        if (order.Stage == Stage.Capturing)
        {
            if (order.Bank == BankState.Authorised)
            {
                if (crash == Point.BeforeCapture) return false;
                order.Bank = BankState.Captured;
                if (crash == Point.AfterCapture) return false;
            }

            (order.Stage, order.CapturedMinor, order.Status) = (Stage.Captured, order.TotalMinor, OrderStatus.Paid);
        }

        if (order.Stage == Stage.Releasing)
        {
            if (order.Bank is BankState.Open or BankState.Authorised)
            {
                if (crash == Point.BeforeCancel) return false;
                order.Bank = BankState.Cancelled;
                if (crash == Point.AfterCancel) return false;
            }

            if (order is { Bank: BankState.Captured, CapturedMinor: 0 })
            {
                order.CapturedMinor = order.TotalMinor;
                order.Promise(order.TotalMinor);
            }
        }

        return order.PayBack(crash);
    }

    public string? Cancel(ModelOrder order)
    {
        if (order.Status == OrderStatus.Cancelled) return null;
        if (order.Status is not (OrderStatus.Pending or OrderStatus.Paid)) return Transition;
        End(order, OrderStatus.Cancelled);
        return null;
    }

    public static string? MarkPaid(ModelOrder order)
    {
        if (order.Status == OrderStatus.Paid) return null;
        if (order.Status != OrderStatus.Pending) return Transition;
        if (order.ByCard) return "payment-outstanding";
        (order.Status, order.Stage, order.CapturedMinor) = (OrderStatus.Paid, Stage.Captured, order.TotalMinor);
        return null;
    }

    public static string? Ship(ModelOrder order)
    {
        if (order.Status is not (OrderStatus.Paid or OrderStatus.Shipped)) return Transition;
        order.Status = OrderStatus.Shipped;
        return null;
    }

    public string? Refund(ModelOrder order, long minor)
    {
        var left = order.CapturedMinor - order.PromisedMinor;
        if (order.Stage != Stage.Captured || left == 0 || minor > left) return TooLarge;
        order.Promise(minor == Operation.Refund.All ? left : minor);
        if (order.PromisedMinor == order.CapturedMinor && order.Status is OrderStatus.Paid or OrderStatus.Shipped)
            End(order, OrderStatus.Refunded);
        return null;
    }

    public string? Delta(int product, long pieces)
    {
        if (_onHand[product] + pieces < Held(product)) return Insufficient;
        _onHand[product] += pieces;
        return null;
    }

    public void Tidy() =>
        _orders.FindAll(order => order is { Status: OrderStatus.Pending, IsTaken: false } && IsOverdue(order))
            .ForEach(order => End(order, OrderStatus.Expired));

    /// <summary>All that can be seen, as <see cref="Sight"/> tells it of the real shop.</summary>
    public List<string> Look() =>
    [
        .. _onHand.Select((pieces, product) => Sight.Product(
            product, pieces, _holds.Where(hold => hold.Product == product).Select(hold => (hold.Quantity, hold.Until)))),
        .. from cart in _carts
           from line in cart.Lines
           select Sight.Line(cart.Buyer, line.Key, line.Value.Quantity, line.Value.Wanted, HeldBy(cart, line.Key)),
        .. _orders.Select((order, i) => Sight.Order(i, order.Status, order.IsTaken, order.CapturedMinor, order.PromisedMinor)),
    ];

    private string? Put(Cart cart, int product, long quantity)
    {
        if (quantity - HeldBy(cart, product) > Available(product)) return Insufficient;
        Keep(cart, product, quantity, Now + cart.HoldMs);
        cart.Lines[product] = (quantity, null);
        return null;
    }

    /// <summary>More pieces than before begin their time anew.</summary>
    private void Keep(object holder, int product, long quantity, long until)
    {
        var old = _holds.Find(hold => hold.Holder == holder && hold.Product == product);
        if (old is not null) _holds.Remove(old);
        _holds.Add(old is null || (quantity > old.Quantity && until > old.Until)
            ? new(holder, product, quantity, until, false)
            : old with { Quantity = quantity });
    }

    /// <summary>Once for each time that it begins.</summary>
    private string? Extend(object holder)
    {
        _holds = _holds.ConvertAll(hold => hold.Holder == holder && !hold.IsExtended
            ? hold with { Until = hold.Until + (15 * Clock.Minute), IsExtended = true }
            : hold);
        return null;
    }

    private bool CanTake(object holder, ModelOrder order) =>
        order.Lines.TrueForAll(line => line.Quantity - HeldBy(holder, line.Product) <= Available(line.Product));

    private void Take(ModelOrder order)
    {
        _holds.RemoveAll(hold => hold.Holder == order);
        order.Lines.ForEach(line => _onHand[line.Product] -= line.Quantity);
        order.IsTaken = true;
    }

    private void Accept(ModelOrder order)
    {
        if (IsOverdue(order)) End(order, OrderStatus.Expired);
        else if (!CanTake(order, order)) End(order, OrderStatus.Cancelled);
        else
        {
            Take(order);
            order.Stage = Stage.Capturing;
        }
    }

    /// <summary>What has not left the warehouse is for sale again, and money goes back.</summary>
    private void End(ModelOrder order, OrderStatus to)
    {
        order.IsReturned = order.IsTaken && order.Status != OrderStatus.Shipped;
        if (order.IsReturned) order.Lines.ForEach(line => _onHand[line.Product] += line.Quantity);
        _holds.RemoveAll(hold => hold.Holder == order);
        order.Status = to;
        if (order.Stage == Stage.Captured) order.Promise(order.CapturedMinor - order.PromisedMinor);
        else if (order.Stage != Stage.None) order.Stage = Stage.Releasing;
    }

    private bool IsOverdue(ModelOrder order) => order.ByCard && order.PayBy <= Now;

    private long Held(int product) => _holds.Where(hold => hold.Product == product).Sum(hold => hold.Quantity);

    private long HeldBy(object holder, int product) =>
        _holds.Find(hold => hold.Holder == holder && hold.Product == product)?.Quantity ?? 0;

    private long Available(int product) => _onHand[product] - Held(product);
}
