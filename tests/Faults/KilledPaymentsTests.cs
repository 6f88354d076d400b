using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Faults.Tests;

/// <summary>
/// The server is killed while buyers pay by card, again and again, at any point between authorising, selling, taking and writing down. The
/// provider, whose tables survive as another company's would, has told the buyer that it is paid: then it is, once, when all is over.
/// </summary>
public sealed class KilledPaymentsTests : IAsyncLifetime
{
    private const int Rounds = 4;
    private const int Buyers = 8;

    /// <summary>Longer than a node's work is kept from others, and than the provider waits until it tells again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Whoever_was_told_that_they_paid_has_an_order_that_is_paid_once()
    {
        var paid = new ConcurrentDictionary<string, bool>();
        string? product = null;
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await ServerProcess.Start(_database);
            product ??= await Shopping.NewProduct(server.Client, await Shopping.SignInAsAdmin(server.Client), stock: 1_000_000);
            var before = paid.Count;
            using var end = new CancellationTokenSource();
            var buyers = Enumerable.Range(0, Buyers).Select(_ => BuyAndPay(server, product, paid, end.Token)).ToArray();
            // At another point of the work each time, but never before anything was paid.
            while (paid.Count < before + 3 + (3 * round)) await Task.Delay(1);
            await server.Kill();
            await end.CancelAsync();
            await Task.WhenAll(buyers);
        }

        await using var last = await ServerProcess.Start(_database);
        var admin = await Shopping.SignInAsAdmin(last.Client);
        var begun = Stopwatch.GetTimestamp();
        while (paid.Keys.Except(await Shopping.AllOrders(last.Client, admin, "paid")).Any())
        {
            Stopwatch.GetElapsedTime(begun).ShouldBeLessThan(Patience, "These were paid, and their orders are not.");
            await Task.Delay(200);
        }

        (await Shopping.Reconcile(last.Client, admin)).ShouldBe("[]", "the provider and the shop disagree about money");
        var (status, text) = await Shopping.Invariants(last.Client, admin);
        status.ShouldBe(HttpStatusCode.OK, text);
    }

    private static async Task BuyAndPay(
        ServerProcess server, string product, ConcurrentDictionary<string, bool> paid, CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            try
            {
                var attempt = await Shopping.FillCart(server.Client, product, ct);
                var order = await Shopping.PlaceOrder(server.Client, attempt, ct, "card");
                var page = new Uri(await Shopping.GoToPay(server.Client, order, attempt, ct)).AbsolutePath;
                using var browser = new Browser(server.Client.BaseAddress!);
                await browser.Open(page);
                // The provider answers by a redirect to the shop; whether the shop lives to see it is another matter.
                await browser.Submit(page, ("card", "success"), ("webhooks", "AsConfigured"));
                if (browser.Path != page) paid[order] = true;
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
            {
                return;
            }
        }
    }
}
