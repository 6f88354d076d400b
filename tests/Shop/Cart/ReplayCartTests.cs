using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>What was done to a cart on a phone without a network.</summary>
public class ReplayCartTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task Each_operation_is_answered_for_itself_and_done_in_its_order()
    {
        var (one, two, few) = (await app.GivenProduct(stock: 9), await app.GivenProduct(stock: 9), await app.GivenProduct(stock: 2));
        var guest = app.Guest();
        await guest.Add(one, 2);

        var reply = (await Replay(guest,
            new("a", "add", one, 3),
            new("b", "set", two, 4),
            new("c", "add", few, 5),
            new("d", "add", few, 5, OrFewer: true),
            new("e", "remove", one),
            new("f", "add", "nothing", 1),
            new("g", "set", two, 1))).ShouldBe(HttpStatusCode.OK);

        Statuses(reply).ShouldBe(["a done 5", "b done 4", "c refused ", "d partly 2", "e done 0", "f refused ", "g done 1"]);
        var problem = reply.Body["results"]![2]!["problem"]!;
        problem.Text("code").ShouldBe("insufficient-stock");
        problem.Text("available").ShouldBe("2");
        reply.Body["results"]![5]!["problem"]!.Text("code").ShouldBe("not-found");
        var lines = reply.Body["cart"]!["items"]!.AsArray().Select(line => $"{line!["productId"]} {line["quantity"]} {line["state"]}");
        lines.ShouldBe([$"{two} 1 held", $"{few} 2 partly"], ignoreOrder: true);
        reply.Body["cart"]!["items"]!.AsArray().Single(line => (string)line!["productId"]! == few)!.Text("wanted").ShouldBe("5");
        (await app.Level(one)).ShouldBe((9, 0));
        (await app.Level(two)).ShouldBe((9, 1));
        (await app.Level(few)).ShouldBe((2, 2));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Replaying_all_of_it_again_changes_nothing_and_answers_the_same()
    {
        var (product, few) = (await app.GivenProduct(stock: 9), await app.GivenProduct(stock: 1));
        var guest = app.Guest();
        await guest.Cart();
        Operation[] operations = [new("1", "add", product, 3), new("2", "add", few, 2), new("3", "add", product, 1)];
        var first = await Replay(guest, operations);
        // What was refused then could be done now: it must not, because the phone was told that it was not.
        await app.Database.Write(tx => app.Stock.Change(tx, few, 5, "delivery", "test").AsTask());

        var again = await Replay(guest, [.. operations, new("4", "add", product, 1)]);

        Statuses(again).ShouldBe([.. Statuses(first), "4 done 5"]);
        Repeated(again).ShouldBe([true, true, true, false]);
        Repeated(first).ShouldBe([false, false, false]);
        (await app.Level(product)).ShouldBe((9, 5));
        (await app.Level(few)).ShouldBe((6, 0));
    }

    [Fact]
    public async Task An_operation_that_comes_twice_at_once_is_done_once()
    {
        var product = await app.GivenProduct(stock: 50);
        var guest = app.Guest();
        await guest.Cart();

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Replay(guest, new Operation("same", "add", product, 2))));

        replies.ShouldAllBe(reply => Statuses(reply).Single() == "same done 2");
        replies.Count(reply => !Repeated(reply).Single()).ShouldBe(1);
        (await app.Level(product)).ShouldBe((50, 2));
    }

    [Fact]
    public async Task What_was_done_as_a_guest_is_not_done_again_after_signing_in_nor_after_the_cart_was_ordered()
    {
        var product = await app.GivenProduct(stock: 9);
        var guest = app.Guest();
        await guest.Cart();
        Operation[] operations = [new("x", "add", product, 2)];
        await Replay(guest, operations);
        var (person, _) = await app.SignedIn();
        person.Token = guest.Token;

        Repeated(await Replay(person, operations)).ShouldBe([true]);
        (await person.Cart()).Line(product).Text("quantity").ShouldBe("2");
        (await person.Order()).ShouldBe(HttpStatusCode.Created);
        Repeated(await Replay(person, operations)).ShouldBe([true]);

        (await app.Level(product)).ShouldBe((7, 0));
    }

    [Fact]
    public async Task An_id_that_was_used_for_something_else_is_refused_and_anothers_is_their_own()
    {
        var product = await app.GivenProduct(stock: 9);
        var (guest, other) = (app.Guest(), app.Guest());
        await guest.Cart();
        await Replay(guest, new Operation("id", "add", product, 1));

        var reply = await Replay(guest, new Operation("id", "add", product, 2));

        Statuses(reply).ShouldBe(["id refused "]);
        reply.Body["results"]![0]!["problem"]!.Text("code").ShouldBe("operation-reused");
        Statuses(await Replay(other, new Operation("id", "add", product, 2))).ShouldBe(["id done 2"]);
        (await app.Level(product)).ShouldBe((9, 3));
    }

    [Theory]
    [InlineData("""{}""", "operations")]
    [InlineData("""{"operations": null}""", "operations")]
    [InlineData("""{"operations": []}""", "operations")]
    [InlineData("""{"operations": [{"change": "add", "productId": "p"}]}""", "operations[0].id")]
    [InlineData("""{"operations": [{"id": "1", "productId": "p"}]}""", "operations[0].change")]
    [InlineData("""{"operations": [{"id": "1", "change": "eat", "productId": "p"}]}""", "operations[0].change")]
    [InlineData("""{"operations": [{"id": "1", "change": "add"}]}""", "operations[0].productId")]
    [InlineData("""{"operations": [{"id": "1", "change": "add", "productId": "p", "quantity": 0}]}""", "operations[0].quantity")]
    [InlineData("""{"operations": [{"id": "1", "change": "add", "productId": "p", "quantity": 1.5}]}""", "operations[0].quantity")]
    public async Task Bad_input_is_named_and_nothing_of_it_is_done(string body, string field)
    {
        var guest = app.Guest();
        var reply = (await guest.Send(HttpMethod.Post, "/api/cart/operations", JsonNode.Parse(body)))
            .ShouldBe(HttpStatusCode.BadRequest, "validation-failed");
        reply.Body["errors"]!.AsObject().Select(error => error.Key).ShouldBe([field]);
    }

    [Fact]
    public async Task More_than_a_hundred_at_once_are_refused()
    {
        var operations = Enumerable.Range(0, 101).Select(i => new Operation($"{i}", "remove", "p")).ToArray();
        (await Replay(app.Guest(), operations)).ShouldBe(HttpStatusCode.BadRequest, "validation-failed");
    }

    private sealed record Operation(string Id, string Change, string ProductId, int Quantity = 1, bool OrFewer = false);

    private static Task<Reply> Replay(Buyer buyer, params Operation[] operations) =>
        buyer.Send(HttpMethod.Post, "/api/cart/operations", new { operations });

    private static List<string> Statuses(Reply reply) => [.. reply.Body["results"]!.AsArray()
        .Select(result => $"{result!["id"]} {result["status"]} {result["quantity"]}")];

    private static List<bool> Repeated(Reply reply) => [.. reply.Body["results"]!.AsArray().Select(result => (bool)result!["repeated"]!)];
}
