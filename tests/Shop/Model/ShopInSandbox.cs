using System.Security.Claims;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;
using Kontor.Shop.Checkout;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Tests.Model;

/// <summary>The module itself in a <see cref="Sandbox"/>, without HTTP and without jobs, for stories by the thousand.</summary>
internal sealed class ShopInSandbox : IShop, IAsyncDisposable
{
    /// <summary>Comes after the module, and puts the sandbox and the bank in place of what it is given elsewhere.</summary>
    private sealed class Around(Sandbox sandbox, Bank bank, TestClock clock) : IModule
    {
        public string Name => "around";

        public void AddServices(IServiceCollection services, IConfiguration configuration)
        {
            services.Replace(ServiceDescriptor.Singleton<Database>(sandbox));
            services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
            services.AddSingleton<IPaymentProvider>(bank);
        }

        public void MapEndpoints(IEndpointRouteBuilder routes)
        {
        }
    }

    /// <summary>Another for each sandbox, or they would wait for each other's carts.</summary>
    private readonly string _customerId = Ids.New();
    private readonly TestClock _clock = new();
    private readonly Bank _bank = new();
    private readonly Sandbox _sandbox;
    private readonly WebApplication _host;
    private readonly string _folder = Directory.CreateTempSubdirectory("kontor-model-").FullName;
    private readonly Carts _carts;
    private readonly OrderBook _orders;
    private readonly Stock _stock;
    private readonly List<string> _products = [], _placed = [];
    private readonly List<int> _buyers = [];
    private readonly string[] _tokens = ["", ""];
    private string? _violations;

    public ShopInSandbox(Sandbox sandbox)
    {
        _sandbox = sandbox;
        _clock.Hold();
        var settings = new Settings { Port = 0, DataFolder = _folder, Demo = false, LimitsOff = true };
        _host = KontorHost.Build(
            settings, [new ShopModule(), new Around(sandbox, _bank, _clock)], builder => builder.Logging.ClearProviders());
        _carts = Of<Carts>();
        _orders = Of<OrderBook>();
        _stock = Of<Stock>();
    }

    public long Now => _clock.NowMs();

    public async Task Open(Story story)
    {
        await _sandbox.Begin();
        _products.Clear();
        _placed.Clear();
        _buyers.Clear();
        for (var guest = 0; guest < _tokens.Length; guest++)
            _tokens[guest] = System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        foreach (var pieces in story.Stock) _products.Add(await _sandbox.Write(tx => ShopApp.NewProduct(tx, _stock, pieces, Now)));
    }

    public async Task Close() => await _sandbox.Forget();

    public async Task<string?> Do(Operation operation)
    {
        switch (operation)
        {
            case Operation.Add add:
                return await Write(tx => _carts.Add(tx, Owner(add.Buyer), _products[add.Product], add.Quantity));
            case Operation.Change change:
                return await Write(tx => _carts.Change(tx, Owner(change.Buyer), _products[change.Product], change.Quantity));
            case Operation.Remove remove:
                return await Write(tx => _carts.Remove(tx, Owner(remove.Buyer), _products[remove.Product]));
            case Operation.BeginCheckout begin:
                await BeginCheckout.Run(Owner(begin.Buyer), _carts, _sandbox, default);
                return null;
            case Operation.CheckOut checkOut:
                return await CheckOut(checkOut);
            case Operation.SignIn signIn:
                await _sandbox.Write(tx => _carts.Open(tx, Owner(ShopModel.Customer, _tokens[signIn.Guest])));
                return null;
            case Operation.Delta delta:
                return await Write(tx => _stock.Change(tx, _products[delta.Product], delta.Pieces, "counted", "test").AsTask());
            case Operation.Wait wait:
                _clock.Advance(TimeSpan.FromMinutes(wait.Minutes));
                return null;
            case Operation.Tidy:
                await Tidy();
                return null;
            case Operation.Dies dies:
                return await Die(dies);
            default:
                return await DoOrder(operation);
        }
    }

    private async Task<string?> DoOrder(Operation operation)
    {
        switch (operation)
        {
            case Operation.GoToPay pay:
                return (await Of<Paying>().Start(Order(pay.Order), OrderAccess.Admin, "test", default)).Problem?.Code;
            case Operation.Bank bank:
                _bank.Do(Order(bank.Order), bank.What);
                return null;
            case Operation.Tell tell:
                return await Tell(tell);
            case Operation.Cancel cancel:
                return await Move(cancel.Order, OrderStatus.Cancelled, AccessOf(cancel.Order));
            case Operation.MarkPaid paid:
                return await Move(paid.Order, OrderStatus.Paid, OrderAccess.Admin);
            case Operation.Ship ship:
                return await Move(ship.Order, OrderStatus.Shipped, OrderAccess.Admin);
            case Operation.Refund refund:
                var request = new RefundOrder.Request(refund.Minor == Operation.Refund.All ? null : refund.Minor / 100m);
                var boss = new CurrentUser("boss", "", []);
                return await Write(tx => RefundOrder.Run(
                    tx, Order(refund.Order), request, boss, _orders, Of<RefundBook>(), key: null));
            default:
                throw new ArgumentOutOfRangeException(nameof(operation));
        }
    }

    public Task<List<string>> Look() => _sandbox.Read(tx => new Sight(_products, _placed).Of(
        tx, [Owner(0).TokenHash!, Owner(1).TokenHash!, _customerId], Now));

    public long? KeptMinor(int order) => _bank.KeptMinor(Order(order));

    public bool SetsAside(int order) => _bank.SetsAside(Order(order));

    /// <summary>All in one statement, because they are asked after every step.</summary>
    public async Task<IReadOnlyList<string>> Violations()
    {
        _violations ??= string.Join(" UNION ALL ", (await Invariants()).Select((sql, i) => $"SELECT * FROM ({sql}) v{i}"));
        return await _sandbox.Read(tx => tx.Query<string>(_violations).AsTask());
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _sandbox.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<List<string>> Invariants()
    {
        _sandbox.Statements = [];
        foreach (var invariant in _host.Services.GetServices<IInvariant>()) await invariant.Violations(default);
        var statements = _sandbox.Statements;
        _sandbox.Statements = null;
        return statements;
    }

    private T Of<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    private string Order(int number) => _placed[number];

    private OrderAccess AccessOf(int number) => Owner(_buyers[number]).AccessTo(Order(number), token: null);

    private async Task<string?> CheckOut(Operation.CheckOut operation)
    {
        var owner = Owner(operation.Buyer);
        var request = new PlaceOrder.Request(
            "ada@example.org", new("Ada Lovelace", "Hauptstr. 1", "Berlin", "10115", "DE"), new(operation.ByCard ? "card" : "invoice"));
        var (order, problem) = await _sandbox.Write(tx => Of<Checkout.Checkout>().Place(tx, owner, request));
        if (problem is not null) return problem.Code;
        _placed.Add(order!.Id);
        _buyers.Add(operation.Buyer);
        return null;
    }

    private async Task<string?> Tell(Operation.Tell operation)
    {
        var orderId = Order(operation.Order);
        var payments = await _sandbox.Read(tx => PaymentBook.Of(tx, [orderId]).AsTask());
        if (payments[orderId].LastOrDefault() is not { } payment) return null;
        _bank.Crash = operation.Crash;
        for (var i = 0; i < operation.Times; i++)
        {
            try
            {
                await Of<Settlement>().Settle(payment.Id, default);
            }
            catch (CrashException)
            {
            }
        }

        _bank.Crash = null;
        return null;
    }

    private async Task Tidy()
    {
        while (await _sandbox.Write(tx => _stock.Tidy(tx, 20).AsTask()) > 0) { }
        foreach (var id in await _sandbox.Read(tx => _orders.Unpaid(tx, 100).AsTask())) await _sandbox.Write(tx => _orders.Expire(tx, id));
    }

    private async Task<string?> Die(Operation.Dies dies)
    {
        _sandbox.DieAfter(dies.Statement);
        try
        {
            return await Do(dies.During);
        }
        catch (CrashException)
        {
            return IShop.Died;
        }
        finally
        {
            _sandbox.Revive();
        }
    }

    private Task<string?> Move(int order, OrderStatus to, OrderAccess access) =>
        Write(tx => _orders.Move(tx, Order(order), access, to, reason: null, "test"));

    private async Task<string?> Write<T>(Func<Tx, Task<Outcome<T>>> work) => (await _sandbox.Write(work)).Problem?.Code;

    private CartOwner Owner(int buyer, string? brought = null)
    {
        var http = new DefaultHttpContext { RequestServices = _host.Services };
        if (buyer == ShopModel.Customer) http.User = new(new ClaimsIdentity([new(Claims.User, _customerId)], "test"));
        if ((buyer == ShopModel.Customer ? brought : _tokens[buyer]) is { } token) http.Request.Headers[CartOwner.Header] = token;
        return CartOwner.BindAsync(http).AsTask().Result;
    }
}
