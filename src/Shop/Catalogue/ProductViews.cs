using System.Collections.Concurrent;
using System.Security.Claims;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Catalogue;

/// <summary>Products were looked at: how often, and by whom as far as they were signed in.</summary>
/// <param name="From">Milliseconds since 1970, as is <paramref name="Until"/>.</param>
internal sealed record ProductsViewed(long From, long Until, IReadOnlyList<ProductsViewed.View> Views) : IEvent
{
    public static string Name => "shop.product-viewed";

    /// <param name="UserId">Null for all who were not signed in.</param>
    public sealed record View(string ProductId, string Category, string? UserId, long Count);
}

/// <summary>
/// Counts in memory who looks at what, and tells of it every few seconds, so that looking costs no write. A server that is killed takes the
/// last seconds with it; one that is ended does not.
/// </summary>
internal sealed partial class ProductViews(Database database, Outbox outbox, TimeProvider time, ILogger<ProductViews> logger)
    : BackgroundService
{
    /// <summary>Beyond so many people and products at a time, people are counted without their names.</summary>
    private const int CountersMax = 20_000;

    private const int ViewsMax = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly record struct Viewed(string ProductId, string? UserId);

    private sealed class Counter
    {
        public long Count;
    }

    private sealed record CategoryOf(string Id, string Category);

    private ConcurrentDictionary<Viewed, Counter> _counters = new();
    private int _size;
    private long _from = time.NowMs();

    /// <param name="productId">Null when it was no product that was shown.</param>
    /// <param name="viewer">Whoever runs the shop is no customer, and is not to be counted.</param>
    public void Count(string? productId, ClaimsPrincipal viewer)
    {
        if (productId is null) return;
        var userId = viewer.FindFirst(Foundation.Security.Claims.User)?.Value;
        Add(new(productId, userId), 1);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await Tell();
        }
        catch (OperationCanceledException)
        {
            await Tell();
        }
    }

    /// <summary>Tells of what was looked at since the last time.</summary>
    internal async Task Tell()
    {
        if (_counters.IsEmpty) return;
        var (from, until) = (_from, time.NowMs());
        var counters = Interlocked.Exchange(ref _counters, new());
        (_size, _from) = (0, until);
        try
        {
            await database.Write(async tx =>
            {
                foreach (var part in counters.Select(pair => (pair.Key, pair.Value.Count)).Chunk(ViewsMax))
                    await Tell(tx, part, from, until);
            });
        }
        catch (Exception exception)
        {
            LogFailed(exception);
            foreach (var (viewed, counter) in counters) Add(viewed, counter.Count);
        }
    }

    private async ValueTask Tell(Tx tx, (Viewed Viewed, long Count)[] part, long from, long until)
    {
        var ids = part.Select(one => one.Viewed.ProductId).Distinct().ToArray();
        var categories = (await tx.Query<CategoryOf>(
            $"SELECT id, category FROM shop_products WHERE id {tx.Dialect.In("ids")}", new { ids }))
            .ToDictionary(product => product.Id, product => product.Category);
        await outbox.Add(tx, new ProductsViewed(from, until, [.. part
            .Where(one => categories.ContainsKey(one.Viewed.ProductId))
            .Select(one => new ProductsViewed.View(
                one.Viewed.ProductId, categories[one.Viewed.ProductId], one.Viewed.UserId, one.Count))]));
    }

    private void Add(Viewed viewed, long count)
    {
        var counters = _counters;
        if (!counters.TryGetValue(viewed, out var counter))
        {
            if (viewed.UserId is not null && Volatile.Read(ref _size) >= CountersMax) viewed = viewed with { UserId = null };
            counter = counters.GetOrAdd(viewed, _ =>
            {
                Interlocked.Increment(ref _size);
                return new Counter();
            });
        }

        Interlocked.Add(ref counter.Count, count);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What was looked at could not be told; it will be tried again")]
    private partial void LogFailed(Exception exception);
}
