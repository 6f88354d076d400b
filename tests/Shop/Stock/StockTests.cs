using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class StockTests(ShopApp app) : IClassFixture<ShopApp>
{
    private long InAnHour => app.Clock.NowMs() + Clock.Hour;

    [Fact]
    public async Task A_hold_takes_from_what_is_available_and_leaves_the_shelf_as_it_is()
    {
        var product = await app.GivenProduct(stock: 5);

        (await Hold("ada", product, 3)).ShouldBeNull();

        (await app.Level(product)).ShouldBe((5, 3));
        (await app.Available(product)).ShouldBe(2);
    }

    [Fact]
    public async Task More_than_is_there_is_refused_and_nothing_is_held()
    {
        var product = await app.GivenProduct(stock: 5);
        await Hold("ada", product, 3);

        var problem = await Hold("bob", product, 3);

        problem!.Code.ShouldBe("insufficient-stock");
        problem.Extensions["available"].ShouldBe(2L);
        (await app.Level(product)).ShouldBe((5, 3));
        (await app.Movements(product)).ShouldBe([Movement.Opened, Movement.Held]);
    }

    [Fact]
    public async Task One_of_several_products_that_lacks_pieces_leaves_all_of_them_untouched()
    {
        var (plenty, rare) = (await app.GivenProduct(stock: 5), await app.GivenProduct(stock: 1));

        var problem = await app.Database.Write(tx => app.Stock.Hold(
            tx, "ada", [new(plenty, 2), new(rare, 2)], InAnHour, "test").AsTask());

        problem.Problem!.Extensions["productId"].ShouldBe(rare);
        (await app.Level(plenty)).ShouldBe((5, 0));
    }

    [Fact]
    public async Task Another_hold_by_the_same_holder_replaces_the_first()
    {
        var product = await app.GivenProduct(stock: 5);
        await Hold("ada", product, 3);

        (await Hold("ada", product, 5)).ShouldBeNull();
        (await app.Level(product)).ShouldBe((5, 5));
        (await Hold("ada", product, 1)).ShouldBeNull();

        (await app.Level(product)).ShouldBe((5, 1));
        (await app.Movements(product)).ShouldBe([Movement.Opened, Movement.Held, Movement.Held, Movement.Released]);
    }

    [Fact]
    public async Task A_hold_that_ran_out_is_free_for_the_next_without_any_tidying()
    {
        var product = await app.GivenProduct(stock: 5);
        await app.Database.Write(tx => app.Stock.Hold(tx, "ada", [new(product, 5)], app.Clock.NowMs() - 1, "test").AsTask());

        (await app.Available(product)).ShouldBe(5);
        (await Hold("bob", product, 4)).ShouldBeNull();

        (await app.Level(product)).ShouldBe((5, 4));
        (await app.Movements(product)).ShouldBe([Movement.Opened, Movement.Held, Movement.Expired, Movement.Held]);
    }

    [Fact]
    public async Task Tidying_gives_back_what_ran_out_and_nothing_else()
    {
        var (old, live) = (await app.GivenProduct(stock: 5), await app.GivenProduct(stock: 5));
        await app.Database.Write(tx => app.Stock.Hold(tx, "ada", [new(old, 5)], app.Clock.NowMs() - 1, "test").AsTask());
        await Hold("bob", live, 2);

        await app.Tidy(productsMax: 1);

        (await app.Level(old)).ShouldBe((5, 0));
        (await app.Level(live)).ShouldBe((5, 2));
    }

    [Fact]
    public async Task A_released_hold_is_free_again_and_releasing_twice_frees_once()
    {
        var product = await app.GivenProduct(stock: 5);
        await Hold("ada", product, 2);
        await Hold("bob", product, 2);

        await app.Database.Write(tx => app.Stock.Release(tx, "ada", [product], "test").AsTask());
        await app.Database.Write(tx => app.Stock.Release(tx, "ada", [product], "test").AsTask());

        (await app.Level(product)).ShouldBe((5, 2));
    }

    [Fact]
    public async Task Consuming_takes_the_pieces_from_the_shelf_and_ends_the_hold()
    {
        var product = await app.GivenProduct(stock: 5);
        await Hold("ada", product, 2);

        (await Consume("ada", product, 2)).ShouldBeNull();

        (await app.Level(product)).ShouldBe((3, 0));
        (await app.Movements(product)).ShouldBe([Movement.Opened, Movement.Held, Movement.Sold]);
    }

    [Fact]
    public async Task Consuming_takes_again_what_is_not_held_any_more_if_it_is_there()
    {
        var product = await app.GivenProduct(stock: 5);

        (await Consume("ada", product, 5)).ShouldBeNull();
        var problem = await Consume("bob", product, 1);

        problem!.Extensions["available"].ShouldBe(0L);
        (await app.Level(product)).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Goods_that_are_promised_cannot_be_written_off()
    {
        var product = await app.GivenProduct(stock: 5);
        await Hold("ada", product, 4);

        (await Change(product, -2)).Problem!.Code.ShouldBe("insufficient-stock");
        (await Change(product, -1)).Value.ShouldBe(new StockLevel(4, 4));
        (await Change(product, +10)).Value.ShouldBe(new StockLevel(14, 4));
    }

    [Theory]
    [InlineData(Stock.OnHandMax, "stock-limit")]
    [InlineData(long.MaxValue, "stock-limit")]
    [InlineData(long.MinValue, "insufficient-stock")]
    public async Task An_absurd_difference_is_refused_and_overflows_nothing(long delta, string code)
    {
        var product = await app.GivenProduct(stock: 5);
        (await Change(product, delta)).Problem!.Code.ShouldBe(code);
        (await app.Level(product)).ShouldBe((5, 0));
    }

    [Fact]
    public async Task A_product_that_does_not_exist_is_unknown() => (await Change("nothing", 1)).Problem!.Status.ShouldBe(404);

    [Fact]
    public async Task The_database_itself_refuses_to_promise_more_than_there_is()
    {
        var product = await app.GivenProduct(stock: 5);

        // What a conditional write without its condition would do.
        await Should.ThrowAsync<Exception>(() => app.Database.Write(tx => tx.Execute(
            "UPDATE shop_stock SET reserved = reserved + 6 WHERE product_id = @product", new { product }).AsTask()));
        await Should.ThrowAsync<Exception>(() => app.Database.Write(tx => tx.Execute(
            "UPDATE shop_stock SET on_hand = on_hand - 6 WHERE product_id = @product", new { product }).AsTask()));

        (await app.Level(product)).ShouldBe((5, 0));
    }

    [Theory]
    [InlineData("UPDATE shop_ledger SET on_hand_delta = 0 WHERE product_id = @product")]
    [InlineData("DELETE FROM shop_ledger WHERE product_id = @product")]
    public async Task The_ledger_is_append_only_in_the_database_itself(string sql)
    {
        var product = await app.GivenProduct(stock: 5);

        var refusal = await Should.ThrowAsync<Exception>(() => app.Database.Write(tx => tx.Execute(sql, new { product }).AsTask()));

        refusal.Message.ShouldContain("append-only");
        (await app.Movements(product)).ShouldBe([Movement.Opened]);
    }

    [Fact]
    public async Task Whoever_comes_by_does_not_answer_for_anothers_hold_that_ran_out()
    {
        var product = await app.GivenProduct(stock: 5);
        await app.Database.Write(tx => app.Stock.Hold(tx, "ada", [new(product, 5)], app.Clock.NowMs() - 1, "user:ada").AsTask());
        await app.Database.Write(tx => app.Stock.Hold(tx, "bob", [new(product, 5)], InAnHour, "user:bob").AsTask());

        var told = await app.Database.Read(tx => tx.Query<string>(
            "SELECT kind || ' ' || actor FROM shop_ledger WHERE product_id = @product ORDER BY id", new { product }).AsTask());

        told.ShouldBe(["opened test", "held user:ada", "expired system", "held user:bob"]);
    }

    [Fact]
    public async Task Everyone_who_keeps_a_copy_is_told_what_changed()
    {
        var product = await app.GivenProduct(stock: 5);
        var told = new List<string>();
        using var _ = app.Signals.Subscribe(Products.Signal, told.Add);

        await Hold("ada", product, 1);
        await Hold("bob", product, 9);

        told.Where(id => id == product).ShouldHaveSingleItem();
    }

    private async Task<Problem?> Hold(string holder, string product, long quantity) =>
        (await app.Database.Write(tx => app.Stock.Hold(tx, holder, [new(product, quantity)], InAnHour, "test").AsTask())).Problem;

    private async Task<Problem?> Consume(string holder, string product, long quantity) =>
        (await app.Database.Write(async tx => new Outcome<bool>(
            true, await app.Stock.Consume(tx, holder, [new(product, quantity)], Ids.New(), "test")))).Problem;

    private Task<Outcome<StockLevel>> Change(string product, long delta) =>
        app.Database.Write(tx => app.Stock.Change(tx, product, delta, "counted", "test").AsTask());
}
