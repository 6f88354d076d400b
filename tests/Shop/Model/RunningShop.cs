using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Tests.Model;

/// <summary>The running server, over HTTP; its clock stands still, so that the machine's speed has no say.</summary>
/// <param name="email">The customer's, as <paramref name="password"/>.</param>
internal sealed class RunningShop(ShopApp app, string customerId, string email, string password) : IShop
{
    /// <summary>Less than what an access token lives.</summary>
    private const long SignedInMs = 10 * Clock.Minute;

    private readonly List<string> _products = [], _placed = [];
    private readonly List<int> _buyers = [];
    private readonly string[] _tokens = new string[2], _hashes = new string[2];
    private Person? _customer, _admin;
    private HttpClient? _client;
    private long _signedInAt;

    public long Now => app.Clock.NowMs();

    public async Task Open(Story story)
    {
        _products.Clear();
        _placed.Clear();
        _buyers.Clear();
        for (var guest = 0; guest < _tokens.Length; guest++)
        {
            var token = RandomNumberGenerator.GetBytes(32);
            (_tokens[guest], _hashes[guest]) = (Base64Url.EncodeToString(token), Convert.ToHexStringLower(SHA256.HashData(token)));
        }

        foreach (var pieces in story.Stock) _products.Add(await app.GivenProduct(pieces, ShopModel.PriceMinor));
        await (await Buyer(ShopModel.Customer)).Send(HttpMethod.Delete, "/api/cart");
    }

    public Task Close() => Task.CompletedTask;

    public async Task<string?> Do(Operation operation)
    {
        switch (operation)
        {
            case Operation.Wait wait:
                app.Clock.Advance(TimeSpan.FromMinutes(wait.Minutes));
                return null;
            case Operation.Tidy:
                await app.Tidy();
                return null;
            case Operation.Restart:
                SignOut();
                await app.Restart();
                return null;
            case Operation.Bank or Operation.Tell:
                return null;
            case Operation.CheckOut checkOut:
                var placed = await (await Buyer(checkOut.Buyer)).Order();
                if (placed.Status != HttpStatusCode.Created) return CodeOf(placed);
                _placed.Add(placed.Id());
                _buyers.Add(checkOut.Buyer);
                return null;
            default:
                return CodeOf(await Send(operation));
        }
    }

    public Task<List<string>> Look() => app.Database.Read(tx => new Sight(_products, _placed).Of(tx, [.. _hashes, customerId], Now));

    public long? KeptMinor(int order) => null;

    public bool SetsAside(int order) => false;

    public async Task<IReadOnlyList<string>> Violations()
    {
        var violations = new List<string>();
        foreach (var invariant in app.Services.GetServices<IInvariant>()) violations.AddRange(await invariant.Violations(default));
        return violations;
    }

    private async Task<Reply> Send(Operation operation) => operation switch
    {
        Operation.Add add => await (await Buyer(add.Buyer)).Add(_products[add.Product], add.Quantity),
        Operation.Change change => await (await Buyer(change.Buyer)).Change(_products[change.Product], change.Quantity),
        Operation.Remove remove => await (await Buyer(remove.Buyer)).Remove(_products[remove.Product]),
        Operation.BeginCheckout begin => await (await Buyer(begin.Buyer)).Send(HttpMethod.Post, "/api/cart/checkout"),
        Operation.SignIn signIn => await (await Buyer(ShopModel.Customer, _tokens[signIn.Guest])).Cart(),
        Operation.Cancel cancel => await (await Buyer(_buyers[cancel.Order])).Cancel(_placed[cancel.Order]),
        Operation.GoToPay pay => await (await Buyer(_buyers[pay.Order])).Pay(_placed[pay.Order]),
        Operation.MarkPaid paid => await Move(paid.Order, "paid"),
        Operation.Ship ship => await Move(ship.Order, "shipped"),
        Operation.Refund refund => await (await Admin()).Send(
            HttpMethod.Post, $"/api/admin/orders/{_placed[refund.Order]}/refunds",
            new { amount = refund.Minor == Operation.Refund.All ? (decimal?)null : refund.Minor / 100m }),
        Operation.Delta delta => await (await Admin()).Send(
            HttpMethod.Post, $"/api/admin/products/{_products[delta.Product]}/stock", new { delta = delta.Pieces, reason = "counted" }),
        _ => throw new ArgumentOutOfRangeException(nameof(operation)),
    };

    private async Task<Reply> Move(int order, string status) =>
        await (await Admin()).Send(HttpMethod.Patch, $"/api/admin/orders/{_placed[order]}", new { status });

    private async Task<Buyer> Buyer(int buyer, string? brought = null)
    {
        if (buyer != ShopModel.Customer) return new(_client ??= app.NewClient()) { Token = _tokens[buyer] };
        await SignIn();
        return new(_customer!.Client) { Token = brought };
    }

    private async Task<Buyer> Admin()
    {
        await SignIn();
        return new(_admin!.Client);
    }

    private async Task SignIn()
    {
        if (_customer is not null && Now - _signedInAt < SignedInMs) return;
        SignOut();
        (_customer, _admin, _signedInAt) = (await app.SignIn(email, password), await app.Admin(), Now);
    }

    private void SignOut()
    {
        _customer?.Dispose();
        _admin?.Dispose();
        _client?.Dispose();
        (_customer, _admin, _client) = (null, null, null);
    }

    private static string? CodeOf(Reply reply)
    {
        if ((int)reply.Status >= 500) throw new InvalidOperationException(reply.Body.ToJsonString());
        return reply.Code;
    }
}
