using System.Net;
using Kontor.Shop.Waiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>Who may get in line, and what is refused.</summary>
public class JoinLineTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task Who_can_have_a_piece_at_once_does_not_wait()
    {
        var product = await app.GivenProduct(stock: 1);

        var refusal = (await Join(app.Guest(), product)).ShouldBe(HttpStatusCode.Conflict, "in-stock");

        refusal.Body.Text("available").ShouldBe("1");
    }

    [Fact]
    public async Task Joining_again_is_being_in_line()
    {
        var product = await app.GivenProduct(stock: 0);
        var (guest, next) = (app.Guest(), app.Guest());
        var first = (await Join(guest, product)).ShouldBe(HttpStatusCode.OK);
        guest.Token.ShouldNotBeNull();
        first.Body["cartToken"]!.GetValue<string>().ShouldBe(guest.Token);
        await Join(next, product);

        var again = (await Join(guest, product)).ShouldBe(HttpStatusCode.OK);

        again.Body.Text("position").ShouldBe("1");
        again.Body["cartToken"].ShouldBeNull();
        (await Waiting(product)).ShouldBe(2);
    }

    [Fact]
    public async Task One_person_who_asks_many_times_at_once_has_one_place()
    {
        var product = await app.GivenProduct(stock: 0);
        var (buyer, _) = await app.SignedIn();

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Join(buyer, product)));

        replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.OK);
        (await Waiting(product)).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task An_address_is_in_line_once_whoever_gives_it_and_a_stranger_neither_learns_nor_gets_anything()
    {
        var product = await app.GivenProduct(stock: 0);
        var (owner, stranger) = (app.Guest(), app.Guest());
        var address = $"{Guid.NewGuid():N}@example.org";
        await Join(app.Guest(), product);
        await Join(owner, product, address);

        var reply = (await Join(stranger, product, address.ToUpperInvariant())).ShouldBe(HttpStatusCode.OK);

        reply.Body["position"].ShouldBeNull();
        (await Waiting(product)).ShouldBe(2);
        (await stranger.Send(HttpMethod.Get, "/api/waiting")).Body["places"]!.AsArray().ShouldBeEmpty();
        await app.Database.Write(tx => app.Stock.Change(tx, product, 2, "delivery", "test").AsTask());
        (await stranger.Add(product)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");
        (await owner.Add(product)).ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("nobody")]
    public async Task A_guest_gives_an_address(string? email)
    {
        var product = await app.GivenProduct(stock: 0);

        var refusal = await app.Guest().Send(HttpMethod.Post, $"/api/products/{product}/waiting", new { email });

        refusal.ShouldBe(HttpStatusCode.BadRequest, "validation-failed").Body["errors"]!.AsObject().Single().Key.ShouldBe("email");
        (await Waiting(product)).ShouldBe(0);
    }

    [Fact]
    public async Task Nobody_waits_for_what_does_not_exist_or_is_sold_no_more()
    {
        var gone = await app.GivenProduct(stock: 0);
        await app.EndSale(gone);

        (await Join(app.Guest(), gone)).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await Join(app.Guest(), "nothing")).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await app.Guest().Send(HttpMethod.Delete, "/api/products/nothing/waiting")).ShouldBe(HttpStatusCode.NoContent);
        (await app.Guest().Send(HttpMethod.Post, "/api/waiting/nothing/claim", new { })).ShouldBe(
            HttpStatusCode.BadRequest, "validation-failed");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Who_waits_for_half_a_year_or_for_what_is_sold_no_more_is_forgotten()
    {
        var (old, gone, young) = (await app.GivenProduct(stock: 0), await app.GivenProduct(stock: 0), await app.GivenProduct(stock: 0));
        await Join(app.Guest(), old);
        app.Clock.Advance(TimeSpan.FromDays(181));
        foreach (var product in new[] { gone, gone, young }) await Join(app.Guest(), product);
        await app.EndSale(gone);

        while (await app.Services.GetServices<IHostedService>().OfType<WaitingTidying>().Single().Forget(default) > 0) { }

        (await Waiting(old)).ShouldBe(0);
        (await Waiting(gone)).ShouldBe(0);
        (await Waiting(young)).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Nobody_waits_for_everything()
    {
        var guest = app.Guest();
        var address = $"{Guid.NewGuid():N}@example.org";
        for (var i = 0; i < 50; i++) (await Join(guest, await app.GivenProduct(stock: 0), address)).ShouldBe(HttpStatusCode.OK);
        var more = await app.GivenProduct(stock: 0);

        (await Join(guest, more, address)).ShouldBe(HttpStatusCode.Conflict, "waiting-limit");
        (await Join(app.Guest(), more, address)).ShouldBe(HttpStatusCode.Conflict, "waiting-limit");

        (await guest.Send(HttpMethod.Get, "/api/waiting")).Body["places"]!.AsArray().Count.ShouldBe(50);
    }

    private static Task<Reply> Join(Buyer buyer, string product, string? email = null) => buyer.Send(
        HttpMethod.Post, $"/api/products/{product}/waiting", new { email = email ?? $"{Guid.NewGuid():N}@example.org" });

    private Task<long> Waiting(string product) => app.Database.Read(tx => tx.First<long>(
        "SELECT waiting FROM shop_stock WHERE product_id = @product", new { product }).AsTask());
}
