using System.Collections.Concurrent;
using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Faults.Tests;

/// <summary>Whatever happens to the process, what was answered is there, and the ledger adds up.</summary>
public sealed class KilledServerTests : IAsyncLifetime
{
    private const int Rounds = 20;
    private const int Buyers = 12;

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_server_killed_in_the_middle_of_checkouts_has_lost_no_acknowledged_order()
    {
        var acknowledged = new ConcurrentDictionary<Shopping.Attempt, string>();
        var unanswered = new ConcurrentBag<Shopping.Attempt>();
        string? product = null;

        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await ServerProcess.Start(_database);
            var admin = await Shopping.SignInAsAdmin(server.Client);
            product ??= await Shopping.NewProduct(server.Client, admin, stock: 1_000_000);
            await Check(server, admin, acknowledged);

            var before = acknowledged.Count;
            using var end = new CancellationTokenSource();
            var buyers = Enumerable.Range(0, Buyers).Select(_ => Buy(server, product, acknowledged, unanswered, end.Token)).ToArray();
            // Killed at another point of the work each time, but never before anything was bought.
            while (acknowledged.Count < before + 5 + (7 * round)) await Task.Delay(5);
            await server.Kill();
            await end.CancelAsync();
            await Task.WhenAll(buyers);
        }

        await using var last = await ServerProcess.Start(_database);
        var token = await Shopping.SignInAsAdmin(last.Client);
        var known = await Check(last, token, acknowledged);

        // Who got no answer asks again with the same key: the order is placed once, whether it had been before or not.
        unanswered.ShouldNotBeEmpty();
        foreach (var attempt in unanswered)
        {
            var first = await Shopping.PlaceOrder(last.Client, attempt, default);
            (await Shopping.PlaceOrder(last.Client, attempt, default)).ShouldBe(first);
            acknowledged[attempt] = first;
        }

        (await Check(last, token, acknowledged)).Count.ShouldBe(acknowledged.Count);
        acknowledged.Values.Distinct().Count().ShouldBe(acknowledged.Count);
        known.Count.ShouldBeLessThanOrEqualTo(acknowledged.Count);
    }

    [Fact]
    public async Task A_server_that_is_asked_to_end_drains_and_ends_well()
    {
        var acknowledged = new ConcurrentDictionary<Shopping.Attempt, string>();
        var server = await ServerProcess.Start(_database);
        var admin = await Shopping.SignInAsAdmin(server.Client);
        var product = await Shopping.NewProduct(server.Client, admin, stock: 1_000_000);
        using var end = new CancellationTokenSource();
        var buyers = Enumerable.Range(0, Buyers).Select(_ => Buy(server, product, acknowledged, [], end.Token)).ToArray();
        while (acknowledged.Count < 20) await Task.Delay(5);

        (await server.Terminate().WaitAsync(TimeSpan.FromSeconds(10))).ShouldBe(0);

        await end.CancelAsync();
        await Task.WhenAll(buyers);
        await server.DisposeAsync();
        await using var again = await ServerProcess.Start(_database);
        await Check(again, await Shopping.SignInAsAdmin(again.Client), acknowledged);
    }

    private static async Task Buy(
        ServerProcess server,
        string product,
        ConcurrentDictionary<Shopping.Attempt, string> acknowledged,
        ConcurrentBag<Shopping.Attempt> unanswered,
        CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            Shopping.Attempt? attempt = null;
            try
            {
                attempt = await Shopping.FillCart(server.Client, product, ct);
                acknowledged[attempt] = await Shopping.PlaceOrder(server.Client, attempt, ct);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
            {
                // The server is gone. What this buyer had asked for is done or not; nobody has been told.
                if (attempt is not null) unanswered.Add(attempt);
                return;
            }
        }
    }

    private static async Task<HashSet<string>> Check(
        ServerProcess server, string admin, ConcurrentDictionary<Shopping.Attempt, string> acknowledged)
    {
        var known = await Shopping.AllOrders(server.Client, admin);
        acknowledged.Values.Where(id => !known.Contains(id)).ShouldBeEmpty("These orders were acknowledged, and are gone.");
        var (status, text) = await Shopping.Invariants(server.Client, admin);
        status.ShouldBe(HttpStatusCode.OK, text);
        return known;
    }
}
