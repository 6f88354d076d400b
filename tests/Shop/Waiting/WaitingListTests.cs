using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class WaitingListTests(ShopApp app) : IClassFixture<ShopApp>
{
    private static readonly TimeSpan OverAnHour = TimeSpan.FromMinutes(61);

    [Fact]
    public async Task A_piece_that_comes_free_is_kept_for_the_first_in_line_before_anybody_else_can_take_it()
    {
        var product = await app.GivenProduct(stock: 1);
        var (holder, stranger) = (app.Guest(), app.Guest());
        await holder.Add(product);
        var (first, _) = await app.SignedIn();
        var (second, _) = await app.SignedIn();
        (await Join(first, product)).Body.Text("position").ShouldBe("1");
        (await Join(second, product)).Body.Text("position").ShouldBe("2");

        await holder.Remove(product);

        var place = (await Places(first)).Single();
        place.Text("state").ShouldBe("offered");
        (place["offeredUntil"]!.GetValue<DateTimeOffset>() - app.Clock.GetUtcNow())
            .ShouldBeInRange(TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60));
        (await Places(second)).Single().Text("position").ShouldBe("1");
        (await stranger.Add(product)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock").Body.Text("available").ShouldBe("0");
        (await second.Add(product)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");
        (await Places(second)).Single().Text("position").ShouldBe("1", "who tried in vain keeps the place");
        (await first.Add(product)).ShouldBe(HttpStatusCode.OK).Line(product).Text("state").ShouldBe("held");
        (await Places(first)).ShouldBeEmpty();
        (await app.Level(product)).ShouldBe((1, 1));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Who_is_offered_a_piece_gets_one_mail_and_by_its_link_the_piece_on_any_device()
    {
        var product = await app.GivenProduct(stock: 1, name: "Rare thing");
        var holder = app.Guest();
        await holder.Add(product);
        var guest = app.Guest();
        var email = $"{Guid.NewGuid():N}@example.org";
        await Join(guest, product, email);

        await holder.Remove(product);

        var mail = await app.MailTo(email, "Rare thing is there again");
        var path = new Uri(mail.Text.Split('\n').Single(line => line.Contains("/waiting/", StringComparison.Ordinal)).Trim());
        var id = path.Segments[^1];
        var device = app.Guest();
        (await Claim(device, id, "made-up")).ShouldBe(HttpStatusCode.Conflict, "offer-lapsed");
        (await Claim(device, Guid.NewGuid().ToString(), mail.Token)).ShouldBe(HttpStatusCode.Conflict, "offer-lapsed");
        (await Claim(device, id, mail.Token)).ShouldBe(HttpStatusCode.OK).Line(product).Text("held").ShouldBe("1");
        (await Claim(app.Guest(), id, mail.Token)).ShouldBe(HttpStatusCode.Conflict, "offer-lapsed");
        (await device.Order()).ShouldBe(HttpStatusCode.Created);
        (await app.MailsTo(email)).ShouldHaveSingleItem();
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_person_is_written_to_at_the_address_of_the_account()
    {
        var product = await app.GivenProduct(stock: 1);
        var holder = app.Guest();
        await holder.Add(product);
        var person = await app.NewPerson();
        await Join(new Buyer(person.Client), product, email: "somebody.else@example.org");

        await holder.Remove(product);

        await app.MailTo(person.Email, "is there again");
        (await app.MailsTo("somebody.else@example.org")).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_offer_that_lapses_goes_to_the_next_and_who_let_it_lapse_has_left_the_line()
    {
        var product = await app.GivenProduct(stock: 1);
        var holder = app.Guest();
        await holder.Add(product);
        var (first, second) = (app.Guest(), app.Guest());
        await Join(first, product, Address());
        await Join(second, product, Address());
        await holder.Remove(product);

        app.Clock.Advance(OverAnHour);
        (await Places(first)).ShouldBeEmpty("an offer that ran out is none, also before anybody tidied up");
        (await first.Add(product)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");
        await app.Tidy();

        (await Places(second)).Single().Text("state").ShouldBe("offered");
        (await second.Add(product)).ShouldBe(HttpStatusCode.OK);
        (await Join(first, product, Address())).Body.Text("position").ShouldBe("1");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_hold_that_ran_out_is_for_those_in_line_and_not_for_who_comes_by()
    {
        var product = await app.GivenProduct(stock: 2);
        var holder = app.Guest();
        await holder.Add(product, 2);
        var (waiting, passing) = (app.Guest(), app.Guest());
        await Join(waiting, product, Address());
        app.Clock.Advance(TimeSpan.FromMinutes(31));

        (await passing.Send(HttpMethod.Get, $"/api/products/{product}")).Body.Text("available").ShouldBe("1");
        (await passing.Add(product, 2)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock").Body.Text("available").ShouldBe("1");
        (await passing.Add(product)).ShouldBe(HttpStatusCode.OK);

        (await Places(waiting)).Single().Text("state").ShouldBe("offered");
        (await app.Level(product)).ShouldBe((2, 2));
        (await holder.Change(product, 1)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Goods_that_come_in_are_offered_to_as_many_as_there_are_pieces()
    {
        var product = await app.GivenProduct(stock: 0);
        var buyers = new List<Buyer>();
        for (var i = 0; i < 4; i++)
        {
            buyers.Add(app.Guest());
            await Join(buyers[i], product, Address());
        }

        await app.Database.Write(tx => app.Stock.Change(tx, product, 3, "delivery", "test").AsTask());

        var states = new List<string>();
        foreach (var buyer in buyers) states.Add((await Places(buyer)).Single().Text("state"));
        states.ShouldBe(["offered", "offered", "offered", "waiting"]);
        (await app.Level(product)).ShouldBe((3, 3));
        (await app.Guest().Send(HttpMethod.Get, $"/api/products/{product}")).Body.Text("available").ShouldBe("0");
    }

    [Fact]
    public async Task A_cancelled_orders_piece_is_offered_too()
    {
        var product = await app.GivenProduct(stock: 1);
        var (buyer, waiting) = (app.Guest(), app.Guest());
        await buyer.Add(product);
        var order = await buyer.Order();
        await Join(waiting, product, Address());

        await buyer.Cancel(order.Id());

        (await Places(waiting)).Single().Text("state").ShouldBe("offered");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Leaving_makes_room_and_gives_an_offered_piece_to_the_next()
    {
        var product = await app.GivenProduct(stock: 1);
        var holder = app.Guest();
        await holder.Add(product);
        var (first, second, third) = (app.Guest(), app.Guest(), app.Guest());
        foreach (var buyer in new[] { first, second, third }) await Join(buyer, product, Address());

        await Leave(second, product);
        (await Places(third)).Single().Text("position").ShouldBe("2");
        await holder.Remove(product);
        await Leave(first, product);
        await Leave(first, product);

        (await Places(first)).ShouldBeEmpty();
        (await Places(third)).Single().Text("state").ShouldBe("offered");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_place_is_the_guests_still_after_signing_in()
    {
        var product = await app.GivenProduct(stock: 1);
        var holder = app.Guest();
        await holder.Add(product);
        var guest = app.Guest();
        await Join(guest, product, Address());
        await guest.Add(await app.GivenProduct(stock: 1));
        var (person, _) = await app.SignedIn();
        person.Token = guest.Token;
        await person.Cart();
        person.Token = null;

        await holder.Remove(product);

        (await Places(guest)).ShouldBeEmpty();
        (await Places(person)).Single().Text("state").ShouldBe("offered");
        (await person.Add(product)).ShouldBe(HttpStatusCode.OK);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Those_in_line_get_what_many_carts_let_go_in_their_order_though_strangers_try_at_the_same_moment()
    {
        var product = await app.GivenProduct(stock: 20);
        var holders = Enumerable.Range(0, 20).Select(_ => app.Guest()).ToList();
        await Task.WhenAll(holders.Select(holder => holder.Add(product)));
        var line = new List<Buyer>();
        for (var i = 0; i < 40; i++)
        {
            line.Add(app.Guest());
            await Join(line[i], product, Address());
        }

        var strangers = Enumerable.Range(0, 40).Select(_ => app.Guest()).ToList();
        await Task.WhenAll([.. holders.Select(holder => holder.Remove(product)), .. strangers.Select(stranger => stranger.Add(product))]);
        var claims = await Task.WhenAll(line.Select(buyer => buyer.Add(product)));

        claims.Select(claim => claim.Status == HttpStatusCode.OK).ShouldBe(Enumerable.Range(0, 40).Select(i => i < 20));
        (await app.Level(product)).ShouldBe((20, 20));
        await app.ShouldAddUp();
    }

    private static string Address() => $"{Guid.NewGuid():N}@example.org";

    private static async Task<Reply> Join(Buyer buyer, string product, string? email = null) =>
        (await buyer.Send(HttpMethod.Post, $"/api/products/{product}/waiting", new { email })).ShouldBe(HttpStatusCode.OK);

    private static async Task Leave(Buyer buyer, string product) =>
        (await buyer.Send(HttpMethod.Delete, $"/api/products/{product}/waiting")).ShouldBe(HttpStatusCode.NoContent);

    private static Task<Reply> Claim(Buyer buyer, string place, string token) =>
        buyer.Send(HttpMethod.Post, $"/api/waiting/{place}/claim", new { token });

    private static async Task<List<System.Text.Json.Nodes.JsonNode>> Places(Buyer buyer) =>
        [.. (await buyer.Send(HttpMethod.Get, "/api/waiting")).ShouldBe(HttpStatusCode.OK).Body["places"]!.AsArray().Select(node => node!)];
}
