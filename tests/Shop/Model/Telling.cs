using Kontor.Shop.Orders;

namespace Kontor.Shop.Tests.Model;

/// <summary>A real shop, to which stories are told.</summary>
internal interface IShop
{
    /// <summary>Instead of a refusal's code: the process died during it.</summary>
    const string Died = "died";

    long Now { get; }

    /// <summary>A new story begins, with products and buyers of its own.</summary>
    Task Open(Story story);

    Task Close();

    /// <summary>Orders have the numbers of those that were placed.</summary>
    /// <returns>The code of the refusal; null when it was done.</returns>
    Task<string?> Do(Operation operation);

    /// <summary>What <see cref="Sight"/> says.</summary>
    Task<List<string>> Look();

    /// <summary>What the bank keeps for us of an order's money; null where there is no bank.</summary>
    long? KeptMinor(int order);

    bool SetsAside(int order);

    /// <summary>Of all invariants that `/health/invariants` asks.</summary>
    Task<IReadOnlyList<string>> Violations();
}

/// <summary>
/// Tells a story to a shop and to the model. After every operation the answer and all that can be seen must be the model's, and every
/// invariant holds; at the end, whatever died on the way, each order is paid once or not at all, and no piece is missing.
/// </summary>
internal sealed class Telling(IShop shop)
{
    private readonly HashSet<string> _seen = [];
    private ShopModel _model = null!;
    private long[] _delivered = [];

    /// <summary>What happened, for the question whether the stories are about anything.</summary>
    public IReadOnlySet<string> Seen => _seen;

    /// <exception cref="InvalidOperationException">What is wrong.</exception>
    public async Task Tell(Story story)
    {
        _model = new(story.Stock, shop.Now);
        _delivered = [.. story.Stock.Select(pieces => (long)pieces)];
        await shop.Open(story);
        try
        {
            foreach (var operation in story.Operations)
            {
                if (await Tell(operation)) await Compare(operation);
            }

            await End();
        }
        finally
        {
            await shop.Close();
        }
    }

    /// <returns>False where there is nothing to do it to.</returns>
    private async Task<bool> Tell(Operation operation)
    {
        if (Numbered(operation) is not { } one) return false;
        var answer = await shop.Do(one);
        if (answer == IShop.Died)
        {
            // Nothing of it was done, and the model knows nothing of it.
            _seen.Add("died");
        }
        else
        {
            var expected = Model((one as Operation.Dies)?.During ?? one);
            if (answer != expected) throw new InvalidOperationException($"{one} answers {answer ?? "done"}, not {expected ?? "done"}.");
            _seen.Add($"{one.GetType().Name}: {answer ?? "done"}");
        }

        return true;
    }

    private async Task Compare(Operation after)
    {
        var (real, model) = (await shop.Look(), _model.Look());
        if (!real.SequenceEqual(model))
        {
            var (isThere, isMissing) = (string.Join("; ", real.Except(model)), string.Join("; ", model.Except(real)));
            throw new InvalidOperationException($"After {after} there is: {isThere}. There should be: {isMissing}.");
        }

        for (var i = 0; i < _model.Orders.Count; i++)
        {
            if (shop.KeptMinor(i) is { } kept && _model.Orders[i] is { ByCard: true } order && kept != order.KeptMinor)
                throw new InvalidOperationException($"After {after}: the bank keeps {kept} for order {i}, not {order.KeptMinor}.");
        }

        if (await shop.Violations() is { Count: > 0 } violations)
            throw new InvalidOperationException($"After {after}: {string.Join(' ', violations)}");
        foreach (var order in _model.Orders) _seen.Add($"{(order.ByCard ? "card" : "invoice")} {order.Status}");
    }

    /// <summary>Time passes, slow banks pay, and every payment is looked at again.</summary>
    private async Task End()
    {
        await Tell(new Operation.Wait(25 * 60));
        await Tell(new Operation.Tidy());
        for (var i = 0; i < _model.Orders.Count; i++)
        {
            await Tell(new Operation.Bank(i, AtBank.Pays));
            await Tell(new Operation.Tell(i, Times: 2, Crash: null));
            var order = _model.Orders[i];
            var owed = order.Status is OrderStatus.Paid or OrderStatus.Shipped ? order.TotalMinor - order.PromisedMinor : 0;
            if (shop.KeptMinor(i) is { } kept && order.ByCard && (kept != owed || shop.SetsAside(i)))
                throw new InvalidOperationException($"In the end the bank keeps {kept} for {order.Status} order {i}, not {owed}.");
        }

        await Compare(new Operation.Tidy());
        for (var product = 0; product < _delivered.Length; product++)
        {
            var sold = _model.Orders.Where(order => order is { IsTaken: true, IsReturned: false })
                .SelectMany(order => order.Lines).Where(line => line.Product == product).Sum(line => line.Quantity);
            if (_model.Look()[product] != Sight.Product(product, _delivered[product] - sold, []))
                throw new InvalidOperationException($"Pieces of product {product} are missing: {sold} of {_delivered[product]} are sold.");
        }
    }

    /// <summary>With the number of an order that there is; null where there is none.</summary>
    private Operation? Numbered(Operation operation)
    {
        int Of(int order) => order == Story.Latest ? _model.Orders.Count - 1 : order % _model.Orders.Count;
        return operation switch
        {
            Operation.Dies { During: var during } dies => Numbered(during) is { } one ? dies with { During = one } : null,
            Operation.GoToPay or Operation.Bank or Operation.Tell or Operation.Cancel or Operation.MarkPaid or Operation.Ship
                or Operation.Refund when _model.Orders.Count == 0 => null,
            Operation.GoToPay pay => pay with { Order = Of(pay.Order) },
            Operation.Bank bank => bank with { Order = Of(bank.Order) },
            Operation.Tell tell => tell with { Order = Of(tell.Order) },
            Operation.Cancel cancel => cancel with { Order = Of(cancel.Order) },
            Operation.MarkPaid paid => paid with { Order = Of(paid.Order) },
            Operation.Ship ship => ship with { Order = Of(ship.Order) },
            Operation.Refund refund => refund with { Order = Of(refund.Order) },
            _ => operation,
        };
    }

    private string? Model(Operation operation)
    {
        switch (operation)
        {
            case Operation.Bank bank:
                _model.Orders[bank.Order].Do(bank.What);
                return null;
            case Operation.Tell tell:
                for (var i = 0; i < tell.Times; i++)
                {
                    var isFirst = i == 0;
                    if (!_model.Settle(_model.Orders[tell.Order], isFirst ? tell.Crash : null)) _seen.Add($"died {tell.Crash}");
                }

                return null;
            case Operation.Delta delta when _model.Delta(delta.Product, delta.Pieces) is { } refusal:
                return refusal;
            case Operation.Delta delta:
                _delivered[delta.Product] += delta.Pieces;
                return null;
            case Operation.Wait wait:
                _model.Wait(wait.Minutes);
                return null;
            case Operation.Tidy:
                _model.Tidy();
                return null;
            case Operation.Restart:
                return null;
        }

        return operation switch
        {
            Operation.Add add => _model.Add(add.Buyer, add.Product, add.Quantity),
            Operation.Change change => _model.Change(change.Buyer, change.Product, change.Quantity),
            Operation.Remove remove => _model.Remove(remove.Buyer, remove.Product),
            Operation.BeginCheckout begin => _model.BeginCheckout(begin.Buyer),
            Operation.CheckOut checkOut => _model.CheckOut(checkOut.Buyer, checkOut.ByCard),
            Operation.SignIn signIn => _model.SignIn(signIn.Guest),
            Operation.GoToPay pay => _model.GoToPay(_model.Orders[pay.Order]),
            Operation.Cancel cancel => _model.Cancel(_model.Orders[cancel.Order]),
            Operation.MarkPaid paid => ShopModel.MarkPaid(_model.Orders[paid.Order]),
            Operation.Ship ship => ShopModel.Ship(_model.Orders[ship.Order]),
            Operation.Refund refund => _model.Refund(_model.Orders[refund.Order], refund.Minor),
            _ => throw new ArgumentOutOfRangeException(nameof(operation)),
        };
    }
}
