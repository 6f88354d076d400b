using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>Somebody comes in between, exactly after a request has read and before it writes.</summary>
public class RivalInjectionTests(RivalApp app) : IClassFixture<RivalApp>
{
    private async Task<(Buyer Shop, Buyer Buyer, string Product, string Order)> GivenPaidOrder(Person admin)
    {
        var (shop, buyer, product) = (new Buyer(admin.Client), app.Guest(), await app.GivenProduct(stock: 5));
        await buyer.Add(product, 2);
        var order = (await buyer.Order()).ShouldBe(HttpStatusCode.Created).Id();
        (await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{order}", new { status = "paid" })).ShouldBe(HttpStatusCode.OK);
        return (shop, buyer, product, order);
    }

    [Fact]
    public async Task Another_buyer_takes_the_last_piece_in_between()
    {
        var product = await app.GivenProduct(stock: 1);
        var (slow, quick) = (app.Guest(), app.Guest());
        app.BeforeWriteOf("POST", "/api/cart", async () => (await quick.Add(product)).ShouldBe(HttpStatusCode.OK));

        (await slow.Add(product)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");

        app.ShouldHaveMet();
        (await app.Level(product)).ShouldBe((1, 1));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_hold_runs_out_in_between_and_another_buys_the_piece()
    {
        var product = await app.GivenProduct(stock: 1);
        var (slow, quick) = (app.Guest(), app.Guest());
        await slow.Add(product);
        app.BeforeWriteOf("POST", "/api/orders", async () =>
        {
            app.Clock.Advance(TimeSpan.FromHours(3));
            await quick.Add(product);
            (await quick.Order()).ShouldBe(HttpStatusCode.Created);
        });

        (await slow.Order()).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");

        app.ShouldHaveMet();
        (await app.Level(product)).ShouldBe((0, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task The_other_tab_checks_out_the_same_cart_in_between()
    {
        var product = await app.GivenProduct(stock: 5);
        var guest = app.Guest();
        await guest.Add(product, 2);
        app.BeforeWriteOf("POST", "/api/orders", async () => (await guest.Order()).ShouldBe(HttpStatusCode.Created));

        (await guest.Order()).ShouldBe(HttpStatusCode.Conflict, "cart-empty");

        app.ShouldHaveMet();
        (await app.Level(product)).ShouldBe((3, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task The_parcel_leaves_while_the_buyer_cancels()
    {
        using var admin = await app.Admin();
        var (shop, buyer, product, order) = await GivenPaidOrder(admin);
        app.BeforeWriteOf("POST", $"/api/orders/{order}/cancel", async () =>
            (await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{order}", new { status = "shipped" })).ShouldBe(HttpStatusCode.OK));

        (await buyer.Cancel(order)).ShouldBe(HttpStatusCode.Conflict, "order-transition");

        app.ShouldHaveMet();
        (await app.Level(product)).ShouldBe((3, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task The_buyer_cancels_while_the_parcel_leaves()
    {
        using var admin = await app.Admin();
        var (shop, buyer, product, order) = await GivenPaidOrder(admin);
        app.BeforeWriteOf("PATCH", $"/api/admin/orders/{order}", async () => (await buyer.Cancel(order)).ShouldBe(HttpStatusCode.OK));

        var shipped = await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{order}", new { status = "shipped" });

        shipped.ShouldBe(HttpStatusCode.Conflict, "order-transition");
        app.ShouldHaveMet();
        (await app.Level(product)).ShouldBe((5, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_guest_adds_on_the_phone_while_the_computer_signs_in_and_merges()
    {
        var (person, _) = await app.SignedIn();
        var (product, guest) = (await app.GivenProduct(stock: 5), app.Guest());
        await guest.Add(product, 2);
        var computer = new Buyer(person.Client) { Token = guest.Token };
        app.BeforeWriteOf("GET", "/api/cart", async () => (await guest.Add(product)).ShouldBe(HttpStatusCode.OK));

        var merged = (await computer.Cart()).ShouldBe(HttpStatusCode.OK);

        app.ShouldHaveMet();
        ((int)merged.Body["items"]![0]!["quantity"]!).ShouldBe(3);
        (await app.Level(product)).ShouldBe((5, 3));
        await app.ShouldAddUp();
    }
}
