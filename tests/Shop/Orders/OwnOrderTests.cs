using System.Net;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class OwnOrderTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task A_person_sees_their_own_orders_the_newest_first_in_pages()
    {
        var (buyer, _) = await app.SignedIn();
        var (other, _) = await app.SignedIn();
        var placed = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            placed.Add((await app.GivenOrder(buyer)).Id());
            await app.GivenOrder(other);
        }

        var seen = new List<string>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await buyer.Send(HttpMethod.Get, $"/api/orders?limit=2{cursor}")).ShouldBe(HttpStatusCode.OK);
            page.Body["orders"]!.AsArray().Count.ShouldBeInRange(1, 2);
            seen.AddRange(page.Body["orders"]!.AsArray().Select(order => (string)order!["id"]!));
            cursor = (string?)page.Body["nextCursor"] is { } next ? $"&cursor={next}" : null;
        }

        seen.ShouldBe(placed.AsEnumerable().Reverse());
    }

    [Fact]
    public async Task An_order_in_the_list_is_the_order_itself()
    {
        var (buyer, _) = await app.SignedIn();
        var order = await app.GivenOrder(buyer, pieces: 2);

        var listed = (await buyer.Send(HttpMethod.Get, "/api/orders")).Body["orders"]!.AsArray().Single()!;

        listed.ToJsonString().ShouldBe(order.Body.ToJsonString());
        listed["nextCursor"].ShouldBeNull();
    }

    [Fact]
    public async Task Who_has_ordered_nothing_has_an_empty_list()
    {
        var (buyer, _) = await app.SignedIn();
        (await buyer.Send(HttpMethod.Get, "/api/orders")).Body.ToJsonString().ShouldBe("""{"orders":[],"nextCursor":null}""");
    }

    [Theory]
    [InlineData("nonsense!")]
    [InlineData("bm9uc2Vuc2U")]
    [InlineData("LTE")]
    public async Task A_cursor_that_is_none_is_refused(string cursor)
    {
        var (buyer, _) = await app.SignedIn();
        (await buyer.Send(HttpMethod.Get, $"/api/orders?cursor={cursor}")).ShouldBe(HttpStatusCode.BadRequest, "cursor-invalid");
    }

    [Fact]
    public async Task Another_buyers_order_does_not_exist()
    {
        var (buyer, _) = await app.SignedIn();
        var (stranger, _) = await app.SignedIn();
        var order = await app.GivenOrder(buyer);

        (await stranger.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await stranger.Cancel(order.Id())).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await app.Guest().Send(HttpMethod.Get, $"/api/orders/{order.Id()}?token=x")).ShouldBe(HttpStatusCode.NotFound, "not-found");

        (await buyer.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).ShouldBe(HttpStatusCode.OK).Body.Text("status").ShouldBe("pending");
    }

    [Fact]
    public async Task Whoever_lacks_the_link_learns_nothing_by_repeating_the_key_of_a_guest_who_has_it()
    {
        var order = await app.GivenOrder(app.Guest());
        var cancel = $"/api/orders/{order.Id()}/cancel";

        var owner = await app.Guest().Send(HttpMethod.Post, $"{cancel}?token={order.Body["token"]}", new { }, key: "1");
        var stranger = await app.Guest().Send(HttpMethod.Post, cancel, new { }, key: "1");

        owner.ShouldBe(HttpStatusCode.OK).Body.Text("status").ShouldBe("cancelled");
        stranger.ShouldBe(HttpStatusCode.NotFound, "not-found");
    }

    [Fact]
    public async Task Nobody_in_between_keeps_a_cart_or_an_order()
    {
        var guest = app.Guest();
        var order = await app.GivenOrder(guest);
        await guest.Send(HttpMethod.Post, $"/api/orders/{order.Id()}/cancel", new { });

        (await guest.Cart()).Message.Headers.CacheControl!.NoStore.ShouldBeTrue();
        (await guest.Send(HttpMethod.Get, $"/api/orders/{order.Id()}")).Message.Headers.CacheControl!.NoStore.ShouldBeTrue();
        using var page = await guest.Client.GetAsync($"/orders/{order.Id()}?token={order.Body["token"]}");
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        page.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Fact]
    public async Task A_person_who_is_signed_in_need_not_say_their_address()
    {
        var (buyer, _) = await app.SignedIn();
        await buyer.Add(await app.GivenProduct(stock: 5));

        var order = await buyer.Send(
            HttpMethod.Post, "/api/orders", new { shippingAddress = Buyer.Address, payment = new { method = "invoice" } });

        order.ShouldBe(HttpStatusCode.Created).Body["email"].ShouldBeNull();
        order.Body["userId"].ShouldBeNull();
    }

    [Fact]
    public async Task One_persons_key_is_not_anothers()
    {
        var (one, _) = await app.SignedIn();
        var (two, _) = await app.SignedIn();
        await one.Add(await app.GivenProduct(stock: 5));
        await two.Add(await app.GivenProduct(stock: 5));

        var first = (await one.Order(key: "1")).ShouldBe(HttpStatusCode.Created);
        var second = (await two.Order(key: "1")).ShouldBe(HttpStatusCode.Created);

        second.Replayed.ShouldBeFalse();
        second.Id().ShouldNotBe(first.Id());
    }
}
