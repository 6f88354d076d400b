using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using static Kontor.Shop.Cart.ReplayCart;

namespace Kontor.Shop.Cart;

/// <summary>
/// Does each operation once, and keeps what it was answered in the same transaction. A refusal is kept, too: else a repeated call would
/// do later what its sender was told had not been done.
/// </summary>
internal sealed class CartReplay(Carts carts, Database database, TimeProvider time)
{
    private const long KeepMs = 30 * Clock.Day;

    private static readonly Problem Reused = new(422, "operation-reused", "This operation's id was used with another operation.");

    private sealed record Stored(string RequestHash, string Answer);

    public async Task<Result> Run(CartOwner owner, Operation operation, CancellationToken ct)
    {
        var hash = HashOf(operation);
        var (result, problem) = await database.Write<Outcome<Result>>(async tx =>
        {
            // The cart is locked first: whoever sends the same at the same time waits here, and then finds this one's answer.
            await carts.Open(tx, owner);
            return await Earlier(tx, owner, operation, hash) ?? await Do(tx, owner, operation, hash);
        }, ct);
        if (problem is null) return result!;
        var refused = new Result(operation.Id!, Status.Refused, Quantity: null) { Problem = RefusalOf(problem) };
        return await database.Write(async tx =>
        {
            await carts.Open(tx, owner);
            if (await Earlier(tx, owner, operation, hash) is { } earlier) return earlier;
            await Keep(tx, owner, hash, refused);
            return refused;
        }, ct);
    }

    /// <summary>Forgets what no phone will ask for any more.</summary>
    public ValueTask<int> Forget(Tx tx) =>
        tx.Execute("DELETE FROM shop_cart_operations WHERE created_at < @before", new { before = time.NowMs() - KeepMs });

    private async Task<Outcome<Result>> Do(Tx tx, CartOwner owner, Operation operation, string hash)
    {
        var productId = operation.ProductId!;
        var (cart, problem) = operation.Change switch
        {
            Change.Add => await carts.Add(tx, owner, productId, operation.Quantity, operation.OrFewer),
            Change.Set => await carts.Set(tx, owner, productId, operation.Quantity, operation.OrFewer),
            _ => await carts.Remove(tx, owner, productId),
        };
        if (problem is not null) return problem;
        var line = cart!.Items.FirstOrDefault(item => item.ProductId == productId);
        var result = new Result(operation.Id!, line?.Wanted is null ? Status.Done : Status.Partly, line?.Quantity ?? 0);
        await Keep(tx, owner, hash, result);
        return result;
    }

    /// <summary>What the operation was answered before, to this owner or as the guest that they were then; null when it is new.</summary>
    private static async ValueTask<Result?> Earlier(Tx tx, CartOwner owner, Operation operation, string hash)
    {
        var stored = await tx.First<Stored>("""
            SELECT request_hash, answer FROM shop_cart_operations
            WHERE id = @id AND (owner = @owner OR owner = @guest)
            """, new { id = operation.Id, owner = owner.Key, guest = CartOwner.KeyOf(null, owner.TokenHash) });
        if (stored is null) return null;
        if (stored.RequestHash == hash) return JsonSerializer.Deserialize<Result>(stored.Answer)! with { Repeated = true };
        return new(operation.Id!, Status.Refused, Quantity: null) { Problem = RefusalOf(Reused) };
    }

    private ValueTask<int> Keep(Tx tx, CartOwner owner, string hash, Result result) => tx.Execute("""
        INSERT INTO shop_cart_operations (owner, id, request_hash, answer, created_at)
        VALUES (@owner, @id, @hash, @answer, @now)
        """, new { owner = owner.Key, id = result.Id, hash, answer = JsonSerializer.Serialize(result), now = time.NowMs() });

    private static Refusal RefusalOf(Problem problem) =>
        new(problem.Code, problem.Title, problem.Extensions.GetValueOrDefault("available") as long?);

    private static string HashOf(Operation operation) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{operation.Change}\n{operation.ProductId}\n{operation.Quantity}\n{operation.OrFewer}"))));
}
