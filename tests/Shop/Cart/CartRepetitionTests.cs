using System.Net;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class CartRepetitionTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task A_repeated_request_adds_once_and_a_new_guest_gets_the_same_token_again()
    {
        var product = await app.GivenProduct(stock: 5);
        var key = Guid.NewGuid().ToString();

        var first = await app.Guest().Add(product, 2, key);
        var again = await app.Guest().Add(product, 2, key);

        again.Replayed.ShouldBeTrue();
        first.Replayed.ShouldBeFalse();
        again.Body.ToJsonString().ShouldBe(first.Body.ToJsonString());
        (await app.Level(product)).ShouldBe((5, 2));
    }

    [Fact]
    public async Task A_key_that_was_used_with_another_body_is_refused()
    {
        var product = await app.GivenProduct(stock: 5);
        var guest = app.Guest();
        await guest.Cart();
        await guest.Add(product, 2, "one");

        (await guest.Add(product, 3, "one")).ShouldBe(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");

        (await app.Level(product)).ShouldBe((5, 2));
    }

    [Fact]
    public async Task Two_requests_with_one_key_at_once_have_one_effect_and_two_equal_answers()
    {
        var product = await app.GivenProduct(stock: 50);
        var guest = app.Guest();
        await guest.Cart();

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => guest.Add(product, 2, "same")));

        replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.OK);
        replies.Select(reply => reply.Body.ToJsonString()).Distinct().ShouldHaveSingleItem();
        replies.Count(reply => reply.Replayed).ShouldBe(7);
        (await app.Level(product)).ShouldBe((50, 2));
    }
}
