using System.Net;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class CartTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task A_guests_first_answer_carries_the_token_in_three_ways_and_later_ones_do_not()
    {
        var guest = app.Guest();

        var first = (await guest.Cart()).ShouldBe(HttpStatusCode.OK);
        var later = (await guest.Cart()).ShouldBe(HttpStatusCode.OK);

        ((string?)first.Body["cartToken"]).ShouldBe(guest.Token);
        first.Message.Headers.GetValues("X-Cart-Token").Single().ShouldBe(guest.Token);
        var cookie = first.Message.Headers.GetValues("Set-Cookie").Single();
        cookie.ShouldStartWith($"kontor_cart={guest.Token}");
        cookie.ShouldContain("httponly", Case.Insensitive);
        cookie.ShouldContain("samesite=lax", Case.Insensitive);
        later.Body["cartToken"].ShouldBeNull();
        later.Message.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task Looking_at_an_empty_cart_stores_nothing()
    {
        var guest = app.Guest();
        var cart = await guest.Cart();

        cart.Body["items"]!.AsArray().ShouldBeEmpty();
        cart.Body.Text("total").ShouldBe("0");
        cart.Body.Text("currency").ShouldBe("EUR");
        (await CartsOf(guest)).ShouldBe(0);
    }

    [Fact]
    public async Task What_is_added_is_held_and_shown_with_its_price()
    {
        var product = await app.GivenProduct(stock: 5, priceMinor: 17999, name: "Tent");
        var guest = app.Guest();

        var cart = (await guest.Add(product, 2)).ShouldBe(HttpStatusCode.OK);

        var line = cart.Line(product);
        line.Text("name").ShouldBe("Tent");
        line.Text("quantity").ShouldBe("2");
        line.Text("price").ShouldBe("179.99");
        line.Text("currentPrice").ShouldBe("179.99");
        line.Text("state").ShouldBe("held");
        var left = line["heldUntil"]!.GetValue<DateTimeOffset>() - app.Clock.GetUtcNow();
        left.ShouldBeInRange(TimeSpan.FromMinutes(29), TimeSpan.FromMinutes(30));
        cart.Body.Text("total").ShouldBe("359.98");
        (await app.Level(product)).ShouldBe((5, 2));
        (await guest.Cart()).Body["items"]!.ToJsonString().ShouldBe(cart.Body["items"]!.ToJsonString());
    }

    [Fact]
    public async Task Only_the_hash_of_a_guests_token_is_stored()
    {
        var guest = app.Guest();
        await guest.Add(await app.GivenProduct(stock: 5), 1, key: Guid.NewGuid().ToString());

        var tables = await app.Database.Read(async tx => string.Join(
            '|',
            await tx.First<string>("SELECT MAX(token_hash) FROM shop_carts"),
            await tx.First<string>("SELECT MAX(answer) FROM foundation_idempotency")));

        tables.ShouldNotContain(guest.Token!);
    }

    [Fact]
    public async Task Adding_again_adds_to_the_quantity()
    {
        var product = await app.GivenProduct(stock: 5);
        var guest = app.Guest();
        await guest.Add(product, 2);

        var cart = (await guest.Add(product, 3)).ShouldBe(HttpStatusCode.OK);

        cart.Line(product).Text("quantity").ShouldBe("5");
        (await app.Level(product)).ShouldBe((5, 5));
    }

    [Fact]
    public async Task More_than_is_free_is_refused_with_the_number_that_is_and_the_cart_stays()
    {
        var product = await app.GivenProduct(stock: 5);
        var guest = app.Guest();
        await guest.Add(product, 2);

        var refusal = (await guest.Add(product, 4)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");

        refusal.Body.Text("available").ShouldBe("3");
        (await guest.Cart()).Line(product).Text("quantity").ShouldBe("2");
        (await app.Level(product)).ShouldBe((5, 2));
    }

    [Fact]
    public async Task A_changed_quantity_replaces_the_one_before()
    {
        var product = await app.GivenProduct(stock: 5);
        var guest = app.Guest();
        await guest.Add(product, 4);

        (await guest.Change(product, 1)).ShouldBe(HttpStatusCode.OK).Line(product).Text("quantity").ShouldBe("1");
        (await app.Level(product)).ShouldBe((5, 1));
        (await guest.Change(product, 6)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");
        (await guest.Change(product, 5)).ShouldBe(HttpStatusCode.OK);

        (await app.Level(product)).ShouldBe((5, 5));
    }

    [Fact]
    public async Task What_is_removed_is_free_at_once_and_removing_it_again_changes_nothing()
    {
        var (kept, removed) = (await app.GivenProduct(stock: 5), await app.GivenProduct(stock: 5));
        var guest = app.Guest();
        await guest.Add(kept, 1);
        await guest.Add(removed, 3);

        (await guest.Remove(removed)).ShouldBe(HttpStatusCode.OK).Body["items"]!.AsArray().Count.ShouldBe(1);
        (await guest.Remove(removed)).ShouldBe(HttpStatusCode.OK).Body["items"]!.AsArray().Count.ShouldBe(1);

        (await app.Level(removed)).ShouldBe((5, 0));
        (await app.Level(kept)).ShouldBe((5, 1));
    }

    [Fact]
    public async Task An_emptied_cart_holds_nothing()
    {
        var (one, two) = (await app.GivenProduct(stock: 5), await app.GivenProduct(stock: 5));
        var guest = app.Guest();
        await guest.Add(one, 1);
        await guest.Add(two, 3);

        (await guest.Send(HttpMethod.Delete, "/api/cart")).ShouldBe(HttpStatusCode.OK).Body["items"]!.AsArray().ShouldBeEmpty();

        (await app.Level(one)).ShouldBe((5, 0));
        (await app.Level(two)).ShouldBe((5, 0));
    }

    [Fact]
    public async Task An_expired_hold_is_said_so_and_others_may_take_its_pieces()
    {
        var product = await app.GivenProduct(stock: 2);
        var (late, quick) = (app.Guest(), app.Guest());
        await late.Add(product, 2);
        (await quick.Add(product, 1)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");

        app.Clock.Advance(TimeSpan.FromMinutes(31));

        var line = (await late.Cart()).Line(product);
        line.Text("state").ShouldBe("expired");
        line["heldUntil"].ShouldBeNull();
        (await quick.Add(product, 2)).ShouldBe(HttpStatusCode.OK);
        (await late.Change(product, 1)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");
        (await app.Level(product)).ShouldBe((2, 2));
    }

    [Fact]
    public async Task A_changed_price_and_a_product_that_is_gone_are_said_so()
    {
        var (dearer, gone) = (await app.GivenProduct(stock: 2, priceMinor: 1000), await app.GivenProduct(stock: 2, priceMinor: 500));
        var guest = app.Guest();
        await guest.Add(dearer);
        await guest.Add(gone);
        await app.SetPrice(dearer, 1250);
        await app.EndSale(gone);

        var cart = await guest.Cart();

        cart.Line(dearer).Text("state").ShouldBe("price-changed");
        cart.Line(dearer).Text("price").ShouldBe("10.00");
        cart.Line(dearer).Text("currentPrice").ShouldBe("12.50");
        cart.Line(gone).Text("state").ShouldBe("gone");
        cart.Body.Text("total").ShouldBe("12.50");
        (await guest.Change(gone, 2)).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await guest.Remove(gone)).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_product_that_does_not_exist_or_is_not_in_the_cart_is_not_found()
    {
        var guest = app.Guest();
        (await guest.Add("nothing")).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await guest.Change("nothing", 1)).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await guest.Change(await app.GivenProduct(stock: 1), 1)).ShouldBe(HttpStatusCode.NotFound, "not-found");
    }

    [Theory]
    [InlineData("""{"productId":"PRODUCT","quantity":0}""", "validation-failed")]
    [InlineData("""{"productId":"PRODUCT","quantity":100}""", "validation-failed")]
    [InlineData("""{"productId":"PRODUCT","quantity":-1}""", "validation-failed")]
    [InlineData("""{"quantity":1}""", "validation-failed")]
    [InlineData("""{"productId":"PRODUCT","quantity":1.5}""", "validation-failed")]
    [InlineData("""{"productId":"PRODUCT","quantity":"1"}""", "validation-failed")]
    [InlineData("""{"productId":"PRODUCT","quantity":99999999999999999999}""", "validation-failed")]
    [InlineData("""{"productId":7,"quantity":1}""", "validation-failed")]
    [InlineData("""{"productId":"a\u0000b","quantity":1}""", "validation-failed")]
    [InlineData("[]", "invalid-request")]
    [InlineData("{", "invalid-request")]
    public async Task Bad_input_is_refused_and_nothing_is_held(string json, string code)
    {
        var product = await app.GivenProduct(stock: 500);
        using var client = app.NewClient();

        var answer = await client.PostAsync(
            "/api/cart", new StringContent(json.Replace("PRODUCT", product), System.Text.Encoding.UTF8, "application/json"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain($"\"code\":\"{code}\"");
        (await app.Level(product)).ShouldBe((500, 0));
    }

    [Fact]
    public async Task A_cart_has_at_most_99_pieces_of_one_product_and_100_products()
    {
        var product = await app.GivenProduct(stock: 500);
        var guest = app.Guest();
        await guest.Add(product, 99);
        (await guest.Add(product, 1)).ShouldBe(HttpStatusCode.Conflict, "cart-quantity-limit");

        for (var i = 1; i < 100; i++) (await guest.Add(await app.GivenProduct(stock: 1))).ShouldBe(HttpStatusCode.OK);
        var one = await app.GivenProduct(stock: 1);
        (await guest.Add(one)).ShouldBe(HttpStatusCode.Conflict, "cart-full");

        (await app.Level(one)).ShouldBe((1, 0));
        (await guest.Cart()).Body["items"]!.AsArray().Count.ShouldBe(100);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("not base64url at all, and much longer than a token is")]
    public async Task A_token_that_is_none_is_replaced_by_one_that_is(string nonsense)
    {
        var guest = app.Guest();
        guest.Token = nonsense;
        (await guest.Cart()).ShouldBe(HttpStatusCode.OK);
        guest.Token.ShouldNotBe(nonsense);
    }

    [Fact]
    public async Task An_access_token_that_is_not_valid_does_not_make_its_owner_a_guest()
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Add("Authorization", "Bearer nonsense");
        (await client.GetAsync("/api/cart")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_guests_cart_is_forgotten_after_thirty_days_and_no_sooner()
    {
        var product = await app.GivenProduct(stock: 5);
        var (old, young) = (app.Guest(), app.Guest());
        await old.Add(product);
        app.Clock.Advance(TimeSpan.FromDays(16));
        await young.Add(product);
        app.Clock.Advance(TimeSpan.FromDays(15));

        await app.Tidy();
        await app.ForgetOldCarts();

        (await CartsOf(old)).ShouldBe(0);
        (await CartsOf(young)).ShouldBe(1);
        await app.ShouldAddUp();
    }

    private Task<long> CartsOf(Buyer guest) => app.Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM shop_carts WHERE token_hash = @hash", new { hash = HashOf(guest.Token!) }).AsTask());

    private static string HashOf(string token) => Convert.ToHexStringLower(
        System.Security.Cryptography.SHA256.HashData(System.Buffers.Text.Base64Url.DecodeFromChars(token)));
}
