using System.Net;
using System.Net.Http.Headers;
using Kontor.Foundation.Events;
using Kontor.Shop.Catalogue;
using Kontor.Testing;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Catalogue;

public class CatalogueCacheTests(EmptyShop app) : IClassFixture<EmptyShop>
{
    [Fact]
    public async Task Whoever_changed_something_reads_it_back()
    {
        var id = await app.GivenProduct("Ball", priceMinor: 0, stock: 0);
        using var client = app.NewClient();
        using var done = new CancellationTokenSource();
        // Others keep the answers in memory and the reads under way all the time.
        var readers = Enumerable.Range(0, 8).Select(reader => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested) await client.GetAsync(reader % 2 == 0 ? "/api/products?q=ball" : $"/api/products/{id}");
        })).ToArray();

        for (var change = 1; change <= 200; change++)
        {
            if (change % 2 == 0) await app.ChangePrice(id, change);
            else await app.ChangeStock(id, 1);
            var one = await client.Json($"/api/products/{id}");
            var listed = (await client.Json("/api/products?q=ball"))["products"]![0]!;
            foreach (var product in new[] { one, listed })
            {
                ((decimal)product["price"]!).ShouldBe(change / 2 * 2 / 100m);
                ((long)product["available"]!).ShouldBe((change + 1) / 2);
            }
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task A_hold_takes_pieces_away_and_gives_them_back_when_it_runs_out()
    {
        var id = await app.GivenProduct("Bat", stock: 5);
        using var client = app.NewClient();
        ((long)(await client.Json($"/api/products/{id}"))["available"]!).ShouldBe(5);

        await app.Hold(id, 5, TimeSpan.FromHours(2));
        ((long)(await client.Json($"/api/products/{id}"))["available"]!).ShouldBe(0);
        (await client.Json("/api/products?q=bat&inStock=true")).Names().ShouldBeEmpty();

        app.Clock.Advance(TimeSpan.FromHours(2.1));
        ((long)(await client.Json($"/api/products/{id}"))["available"]!).ShouldBe(5);
        (await client.Json("/api/products?q=bat&inStock=true")).Names().ShouldBe(["Bat"]);
    }

    [Fact]
    public async Task The_tag_changes_with_the_content_and_only_then()
    {
        var id = await app.GivenProduct("Net", stock: 5);
        using var client = app.NewClient();
        async Task<EntityTagHeaderValue> Tag() => (await client.GetAsync("/api/products?q=net")).Headers.ETag!;
        var before = await Tag();

        await app.ChangeStock(id, 1);
        var changed = await Tag();
        await app.ChangeStock(id, -1);

        changed.ShouldNotBe(before);
        (await Tag()).ShouldBe(before);
    }

    [Fact]
    public async Task Whoever_asks_after_a_change_does_not_share_a_read_that_began_before()
    {
        var signals = new Signals(NullLogger<Signals>.Instance);
        using var cache = new CatalogueCache(signals, app.Clock, Options.Create(new JsonOptions()));
        var read = new TaskCompletionSource<string?>();

        var old = cache.Get("a", "a", () => read.Task);
        signals.Raise(Products.Signal, "any");
        var fresh = cache.Get("a", "a", () => Task.FromResult<string?>("new"));
        read.SetResult("old");

        Text(await old).ShouldBe("\"old\"");
        Text(await fresh).ShouldBe("\"new\"");
        Text(cache.Find("a")).ShouldBe("\"new\"");
    }

    [Fact]
    public async Task A_read_that_a_change_overtook_is_given_only_to_those_who_asked_before()
    {
        var signals = new Signals(NullLogger<Signals>.Instance);
        using var cache = new CatalogueCache(signals, app.Clock, Options.Create(new JsonOptions()));
        var read = new TaskCompletionSource<string?>();

        var old = cache.Get("a", "a", () => read.Task);
        signals.Raise(Products.Signal, "any");
        read.SetResult("old");

        Text(await old).ShouldBe("\"old\"");
        cache.Find("a").ShouldBeNull();
    }

    [Fact]
    public async Task Those_who_ask_at_once_share_one_read()
    {
        var signals = new Signals(NullLogger<Signals>.Instance);
        using var cache = new CatalogueCache(signals, app.Clock, Options.Create(new JsonOptions()));
        var reads = 0;
        var gate = new TaskCompletionSource();
        async Task<string?> Read()
        {
            var number = Interlocked.Increment(ref reads);
            await gate.Task;
            return $"{number}";
        }

        var first = Enumerable.Range(0, 50).Select(_ => cache.Get("a", "a", Read)).ToList();
        signals.Raise(Products.Signal, "any");
        var second = Enumerable.Range(0, 50).Select(_ => cache.Get("a", "a", Read)).ToList();
        gate.SetResult();

        (await Task.WhenAll(first)).Select(Text).Distinct().ShouldHaveSingleItem().ShouldBe("\"1\"");
        (await Task.WhenAll(second)).Select(Text).Distinct().ShouldHaveSingleItem().ShouldBe("\"2\"");
        reads.ShouldBe(2);
    }

    [Fact]
    public async Task A_read_that_failed_fails_those_who_shared_it_and_nobody_after()
    {
        var signals = new Signals(NullLogger<Signals>.Instance);
        using var cache = new CatalogueCache(signals, app.Clock, Options.Create(new JsonOptions()));

        await Should.ThrowAsync<TimeoutException>(() => cache.Get<string>("a", "a", () => throw new TimeoutException()));

        Text(await cache.Get("a", "a", () => Task.FromResult<string?>("well"))).ShouldBe("\"well\"");
    }

    [Fact]
    public async Task More_questions_than_there_is_room_for_are_answered_too()
    {
        using var client = app.NewClient();
        await Parallel.ForAsync(0, 1500, async (i, ct) =>
            (await client.GetAsync($"/api/products?q=word{i}", ct)).StatusCode.ShouldBe(HttpStatusCode.OK));
    }

    private static string Text(KeptAnswer? kept) => System.Text.Encoding.UTF8.GetString(kept!.Body);
}
