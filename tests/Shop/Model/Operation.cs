using FsCheck;
using FsCheck.Fluent;

namespace Kontor.Shop.Tests.Model;

public enum AtBank
{
    /// <summary>The buyer authorises the payment.</summary>
    Authorises,

    /// <summary>The same with a bank that takes its time, and that nobody can stop.</summary>
    Hesitates,

    /// <summary>That bank has paid.</summary>
    Pays,
}

/// <summary>
/// One thing that happens in a shop. Buyers 0 and 1 are guests, buyer 2 has an account. Orders are numbered as they are placed, and a
/// number beyond them starts again.
/// </summary>
public abstract record Operation
{
    public sealed record Add(int Buyer, int Product, int Quantity) : Operation;

    public sealed record Change(int Buyer, int Product, int Quantity) : Operation;

    public sealed record Remove(int Buyer, int Product) : Operation;

    /// <summary>The checkout begins, which makes holds longer once.</summary>
    public sealed record BeginCheckout(int Buyer) : Operation;

    public sealed record CheckOut(int Buyer, bool ByCard) : Operation;

    /// <summary>A guest signs in to the account, and brings the cart along.</summary>
    public sealed record SignIn(int Guest) : Operation;

    public sealed record GoToPay(int Order) : Operation;

    public sealed record Bank(int Order, AtBank What) : Operation;

    /// <summary>The payment is looked at, because of a webhook, the buyer's return or the sweep; a duplicate means more often.</summary>
    /// <param name="Crash">Where the process dies the first time; null for nowhere.</param>
    public sealed record Tell(int Order, int Times, Point? Crash) : Operation;

    public sealed record Cancel(int Order) : Operation;

    /// <summary>An admin says that the money for an invoice has come.</summary>
    public sealed record MarkPaid(int Order) : Operation;

    public sealed record Ship(int Order) : Operation;

    public sealed record Refund(int Order, int Minor) : Operation
    {
        /// <summary>All that is left.</summary>
        public const int All = 0;
    }

    /// <summary>Goods came in or were lost.</summary>
    public sealed record Delta(int Product, int Pieces) : Operation;

    public sealed record Wait(int Minutes) : Operation;

    /// <summary>The jobs come by that give back holds and end orders.</summary>
    public sealed record Tidy : Operation;

    /// <summary>The process ends, and starts again.</summary>
    public sealed record Restart : Operation;

    /// <summary>The process dies just before so many statements of this have run; if it has fewer, it is done.</summary>
    public sealed record Dies(Operation During, int Statement) : Operation
    {
        public override string ToString() => $"{During} dies at statement {Statement}";
    }
}

/// <param name="Stock">Of each product.</param>
/// <param name="Operations">What happens.</param>
public sealed record Story(int[] Stock, Operation[] Operations)
{
    private const int Products = 2;

    /// <summary>The number of the order that was placed last.</summary>
    public const int Latest = -1;

    /// <summary>Everything, with payments by card.</summary>
    public static Arbitrary<Story> Any() => Of(Gen.Frequency(
        (40, Alone(Shopping)),
        (30, Alone(Paying)),
        (6, Alone(from during in Shopping.Where(one => one is not (Operation.Wait or Operation.Tidy))
                  from statement in Gen.Choose(1, 20)
                  select (Operation)new Operation.Dies(during, statement))),
        (16, CardPurchase),
        (6, InvoicePurchase),
        (5, GivenUp),
        (5, LatePurchase)));

    /// <summary>What can be done by HTTP while the server does nothing by itself.</summary>
    public static Arbitrary<Story> WithoutCards(int restarts) => Of(Gen.Frequency(
        (200, Alone(Shopping.Where(operation => operation is not Operation.CheckOut { ByCard: true }))),
        (restarts, Alone(Gen.Constant<Operation>(new Operation.Restart())))));

    private static Arbitrary<Story> Of(Gen<Operation[]> passage) => Arb.From(
        from stock in Gen.ArrayOf(Gen.Choose(1, 4), Products)
        from passages in Gen.Sized(size => Gen.ArrayOf(passage, 3 + (size / 12)))
        select new Story(stock, [.. passages.SelectMany(operations => operations)]),
        Shorter);

    private static Gen<Operation[]> Alone(Gen<Operation> operation) => operation.Select(one => new[] { one });

    /// <summary>What belongs together, to its end or not, so that many stories come far.</summary>
    private static Gen<Operation[]> CardPurchase =>
        from buyer in Buyer
        from product in Product
        from steps in Gen.Choose(3, 7)
        from end in End
        from crash in Gen.Elements<Point?>(null, Point.BeforeRefund, Point.AfterRefund)
        select new Operation[]
        {
            new Operation.Add(buyer, product, 1), new Operation.CheckOut(buyer, ByCard: true), new Operation.GoToPay(Latest),
            new Operation.Bank(Latest, AtBank.Authorises), new Operation.Tell(Latest, 1, null), end,
            new Operation.Tell(Latest, 1, crash),
        }[..steps];

    private static Gen<Operation[]> InvoicePurchase =>
        from buyer in Buyer
        from product in Product
        from steps in Gen.Choose(3, 4)
        from end in End
        select new Operation[]
        {
            new Operation.Add(buyer, product, 1), new Operation.CheckOut(buyer, ByCard: false), new Operation.MarkPaid(Latest), end,
        }[..steps];

    /// <summary>The order is taken back after its money was set aside, and before anybody has seen that.</summary>
    private static Gen<Operation[]> GivenUp =>
        from buyer in Buyer
        from product in Product
        from crash in Gen.Elements<Point?>(null, Point.BeforeCancel, Point.AfterCancel)
        select new Operation[]
        {
            new Operation.Add(buyer, product, 1), new Operation.CheckOut(buyer, ByCard: true), new Operation.GoToPay(Latest),
            new Operation.Bank(Latest, AtBank.Authorises), new Operation.Cancel(Latest), new Operation.Tell(Latest, 1, crash),
        };

    /// <summary>Another buyer takes the pieces of an order whose hold has run out.</summary>
    private static Gen<Operation[]> LatePurchase =>
        from buyers in Gen.Choose(0, 1)
        from product in Product
        from steps in Gen.Choose(5, 7)
        select new Operation[]
        {
            new Operation.Add(buyers, product, 1), new Operation.CheckOut(buyers, ByCard: true), new Operation.Wait(46),
            new Operation.Add(ShopModel.Customer, product, 1), new Operation.Add(ShopModel.Customer, product, 1),
            new Operation.CheckOut(ShopModel.Customer, ByCard: false), new Operation.GoToPay(0),
        }[..steps];

    private static Gen<Operation> End => Gen.Elements<Operation>(
        new Operation.Ship(Latest), new Operation.Refund(Latest, Operation.Refund.All), new Operation.Cancel(Latest));

    private static Gen<Operation> Shopping => Gen.Frequency(
        (30, from buyer in Buyer
             from product in Product
             from quantity in Gen.Choose(1, 3)
             select (Operation)new Operation.Add(buyer, product, quantity)),
        (8, from buyer in Buyer
            from product in Product
            from quantity in Gen.Choose(1, 5)
            select (Operation)new Operation.Change(buyer, product, quantity)),
        (3, from buyer in Buyer from product in Product select (Operation)new Operation.Remove(buyer, product)),
        (4, Buyer.Select(buyer => (Operation)new Operation.BeginCheckout(buyer))),
        (16, from buyer in Buyer
             from byCard in Gen.Elements(true, true, false)
             select (Operation)new Operation.CheckOut(buyer, byCard)),
        (4, Gen.Choose(0, 1).Select(guest => (Operation)new Operation.SignIn(guest))),
        (6, Order.Select(order => (Operation)new Operation.Cancel(order))),
        (5, Order.Select(order => (Operation)new Operation.MarkPaid(order))),
        (3, Order.Select(order => (Operation)new Operation.Ship(order))),
        (5, from order in Order
            from minor in Gen.Elements(Operation.Refund.All, 1, 500, 1000)
            select (Operation)new Operation.Refund(order, minor)),
        (5, from product in Product from pieces in Gen.Elements(-3, -1, 1, 3) select (Operation)new Operation.Delta(product, pieces)),
        (10, Gen.Elements(1, 14, 16, 30, 46, 120, 135, 25 * 60).Select(minutes => (Operation)new Operation.Wait(minutes))),
        (4, Gen.Constant<Operation>(new Operation.Tidy())));

    private static Gen<Operation> Paying => Gen.Frequency(
        (12, Order.Select(order => (Operation)new Operation.GoToPay(order))),
        (16, from order in Order
             from what in Gen.Elements(AtBank.Authorises, AtBank.Authorises, AtBank.Hesitates, AtBank.Pays)
             select (Operation)new Operation.Bank(order, what)),
        (18, from order in Order
             from times in Gen.Elements(1, 1, 2)
             from crash in Gen.Elements<Point?>(
                 null, null, null, Point.AfterFind, Point.BeforeCapture, Point.AfterCapture, Point.BeforeCancel, Point.AfterCancel,
                 Point.BeforeRefund, Point.AfterRefund)
             select (Operation)new Operation.Tell(order, times, crash)));

    private static Gen<int> Buyer => Gen.Choose(0, 2);

    private static Gen<int> Product => Gen.Choose(0, Products - 1);

    private static Gen<int> Order => Gen.Choose(0, 3);

    /// <summary>A story that fails is told again without some of its operations, then with smaller ones.</summary>
    private static IEnumerable<Story> Shorter(Story story)
    {
        var all = story.Operations;
        for (var size = all.Length / 2; size >= 1; size /= 2)
        {
            for (var i = 0; i + size <= all.Length; i += size)
                yield return story with { Operations = [.. all[..i], .. all[(i + size)..]] };
        }

        for (var i = 0; i < all.Length; i++)
        {
            if (Simpler(all[i]) is { } simpler) yield return story with { Operations = [.. all[..i], simpler, .. all[(i + 1)..]] };
        }
    }

    private static Operation? Simpler(Operation operation) => operation switch
    {
        Operation.Add { Quantity: > 1 } add => add with { Quantity = add.Quantity - 1 },
        Operation.Tell { Times: > 1 } tell => tell with { Times = 1 },
        Operation.Tell { Crash: not null } tell => tell with { Crash = null },
        Operation.Dies dies => dies.During,
        _ => null,
    };

    public override string ToString() => $"stock {string.Join(" and ", Stock)}: "
        + string.Join(", ", Operations.Select(operation => operation.ToString()!.Replace("{ ", "(").Replace(" }", ")")));
}
