using System.Net;
using Kontor.Foundation.Seams;
using Kontor.Shop.Cart;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class CartMergeTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task A_person_who_signs_in_finds_what_the_guest_had_chosen_and_the_guests_cart_is_gone()
    {
        var (both, guestsOnly) = (await app.GivenProduct(stock: 9, priceMinor: 1000), await app.GivenProduct(stock: 9));
        var (buyer, _) = await app.SignedIn();
        var guest = app.Guest();
        await buyer.Add(both, 2);
        await app.SetPrice(both, 900);
        await guest.Add(both, 3);
        await guest.Add(guestsOnly, 1);

        buyer.Token = guest.Token;
        var cart = (await buyer.Cart()).ShouldBe(HttpStatusCode.OK);

        cart.Line(both).Text("quantity").ShouldBe("5");
        cart.Line(both).Text("price").ShouldBe("9.00", "of two prices that were seen the lower one counts");
        cart.Line(guestsOnly).Text("state").ShouldBe("held");
        var left = cart.Line(guestsOnly)["heldUntil"]!.GetValue<DateTimeOffset>() - app.Clock.GetUtcNow();
        left.ShouldBeInRange(TimeSpan.FromMinutes(119), TimeSpan.FromMinutes(120));
        cart.Body["cartToken"].ShouldBeNull();
        (await app.Level(both)).ShouldBe((9, 5));
        (await app.Level(guestsOnly)).ShouldBe((9, 1));
        (await guest.Cart()).Body["items"]!.AsArray().ShouldBeEmpty();
        (await buyer.Cart()).Line(both).Text("quantity").ShouldBe("5");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_cart_that_is_merged_by_many_requests_at_once_is_merged_once()
    {
        var product = await app.GivenProduct(stock: 50);
        var (buyer, _) = await app.SignedIn();
        var guest = app.Guest();
        await guest.Add(product, 3);

        buyer.Token = guest.Token;
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => buyer.Cart()));

        replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.OK);
        (await buyer.Cart()).Line(product).Text("quantity").ShouldBe("3");
        (await app.Level(product)).ShouldBe((50, 3));
    }

    [Fact]
    public async Task What_had_run_out_and_was_bought_by_another_is_merged_partly_and_said_so()
    {
        var product = await app.GivenProduct(stock: 5);
        var (guest, other) = (app.Guest(), app.Guest());
        await guest.Add(product, 4);
        app.Clock.Advance(TimeSpan.FromMinutes(31));
        await other.Add(product, 3);
        var (buyer, _) = await app.SignedIn();

        buyer.Token = guest.Token;
        var line = (await buyer.Cart()).Line(product);

        line.Text("quantity").ShouldBe("2");
        line.Text("wanted").ShouldBe("4");
        line.Text("held").ShouldBe("2");
        line.Text("state").ShouldBe("partly");
        (await app.Level(product)).ShouldBe((5, 5));
        (await buyer.Change(product, 4)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");
        var agreed = (await buyer.Change(product, 2)).ShouldBe(HttpStatusCode.OK).Line(product);
        agreed.Text("state").ShouldBe("held");
        agreed["wanted"].ShouldBeNull();
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task An_order_right_after_signing_in_has_what_the_guest_had_chosen()
    {
        var product = await app.GivenProduct(stock: 5);
        var (buyer, _) = await app.SignedIn();
        var guest = app.Guest();
        await guest.Add(product, 2);

        buyer.Token = guest.Token;
        var order = (await buyer.Order()).ShouldBe(HttpStatusCode.Created);

        order.Body["items"]!.AsArray().Single()!.Text("quantity").ShouldBe("2");
        order.Body["token"].ShouldBeNull();
        (await app.Level(product)).ShouldBe((3, 0));
        (await guest.Order()).ShouldBe(HttpStatusCode.Conflict, "cart-empty");
    }

    [Fact]
    public async Task Somebody_elses_token_ends_as_the_cart_of_whoever_brings_it_first()
    {
        var product = await app.GivenProduct(stock: 5);
        var (one, _) = await app.SignedIn();
        var (two, _) = await app.SignedIn();
        var guest = app.Guest();
        await guest.Add(product, 2);
        one.Token = two.Token = guest.Token;

        var carts = await Task.WhenAll(one.Cart(), two.Cart());

        carts.Sum(cart => cart.Body["items"]!.AsArray().Count).ShouldBe(1);
        (await app.Level(product)).ShouldBe((5, 2));
    }

    [Fact]
    public async Task A_browser_forgets_the_guests_cookie_when_its_cart_has_become_somebodys()
    {
        var guest = app.Guest();
        await guest.Add(await app.GivenProduct(stock: 5));
        var (buyer, _) = await app.SignedIn();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/cart");
        request.Headers.Add("Cookie", $"kontor_cart={guest.Token}");

        var answer = await buyer.Client.SendAsync(request);

        answer.Headers.GetValues("Set-Cookie").Single().ShouldStartWith("kontor_cart=; expires=Thu, 01 Jan 1970");
    }

    [Fact]
    public async Task The_home_feed_is_told_of_a_persons_cart_and_not_of_a_guests()
    {
        var product = await app.GivenProduct(stock: 9);
        var (buyer, id) = await app.SignedIn();
        var told = new List<string>();
        using var _ = app.Signals.Subscribe(WidgetStale.Channel, told.Add);

        await app.Guest().Add(product);
        told.ShouldBeEmpty();
        await buyer.Add(product);
        await buyer.Change(product, 2);
        await buyer.Change(product, 99);
        await buyer.Order();

        told.ShouldBe(Enumerable.Repeat($"shop/continue-shopping/{id}", 3));
    }

    [Fact]
    public void Quantities_add_up_to_the_limit_and_the_guests_last_products_stay_behind()
    {
        var own = Enumerable.Range(0, 98).Select(i => Line($"own-{i}", quantity: 60, price: 10)).ToList();
        var guests = new[] { Line("own-0", 60, 20), Line("new-1", 1, 5), Line("new-2", 2, 5), Line("new-3", 3, 5), Line("own-1", 1, 7) };

        CartMerge.Of(own, guests).ShouldBe([new("own-0", 99, 10), new("new-1", 1, 5), new("new-2", 2, 5), new("own-1", 61, 7)]);
    }

    private static CartLine Line(string id, long quantity, long price) =>
        new(id, id, id, quantity, Wanted: null, price, price, "EUR", Image: null, IsDeleted: false, AddedAt: 0, Held: quantity,
            HeldUntil: null, IsExtended: false);
}
