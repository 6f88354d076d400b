using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Pricing;

public class CouponTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task An_order_is_made_of_goods_coupon_shipping_and_the_tax_in_it()
    {
        var code = await GivenCoupon(new { amount = 10.00m, minimum = 50m });
        var buyer = await BuyerWith(priceMinor: 3_000, pieces: 2);

        var quote = (await Quote(buyer, "express", code.ToLowerInvariant())).ShouldBe(HttpStatusCode.OK);
        ((decimal)quote.Body["goods"]!).ShouldBe(60.00m);
        ((decimal)quote.Body["discount"]!).ShouldBe(10.00m);
        ((decimal)quote.Body["shipping"]!["price"]!).ShouldBe(9.90m);
        ((decimal)quote.Body["total"]!).ShouldBe(59.90m);
        ((decimal)quote.Body["tax"]!["percent"]!).ShouldBe(19m);
        ((decimal)quote.Body["tax"]!["amount"]!).ShouldBe(9.56m);
        quote.Body["methods"]!.AsArray().Select(method => (string)method!["key"]!).ShouldBe(["standard", "express", "pickup"]);

        var order = (await Order(buyer, "express", code)).ShouldBe(HttpStatusCode.Created);
        ((decimal)order.Body["totalAmount"]!).ShouldBe(59.90m);
        ((decimal)order.Body["discount"]!).ShouldBe(10.00m);
        ((string)order.Body["coupon"]!).ShouldBe(code);
        ((string)order.Body["shipping"]!["method"]!).ShouldBe("express");
        ((decimal)order.Body["tax"]!["amount"]!).ShouldBe(9.56m);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Without_a_choice_an_order_costs_what_its_goods_cost()
    {
        var buyer = await BuyerWith(priceMinor: 1_250, pieces: 3);
        var order = (await buyer.Order()).ShouldBe(HttpStatusCode.Created);
        ((decimal)order.Body["totalAmount"]!).ShouldBe(37.50m);
        ((decimal)order.Body["shipping"]!["price"]!).ShouldBe(0m);
    }

    [Theory]
    [InlineData("AT", 20)]
    [InlineData("CH", 0)]
    public async Task The_tax_is_that_of_the_country_it_goes_to(string country, int percent)
    {
        var buyer = await BuyerWith(priceMinor: 12_000);
        var quote = await buyer.Send(HttpMethod.Post, "/api/checkout/quote", new { country });
        ((decimal)quote.Body["tax"]!["percent"]!).ShouldBe(percent);
        ((decimal)quote.Body["tax"]!["amount"]!).ShouldBe(percent == 20 ? 20m : 0m);
        ((decimal)quote.Body["total"]!).ShouldBe(120m);
    }

    [Fact]
    public async Task The_last_use_is_given_to_one_of_many_who_ask_at_once()
    {
        var code = await GivenCoupon(new { percent = 50, usesMax = 1 });
        var buyers = new List<Buyer>();
        for (var i = 0; i < 12; i++) buyers.Add(await BuyerWith(priceMinor: 1_000));

        var replies = await Task.WhenAll(buyers.Select(buyer => Order(buyer, null, code)));

        replies.Count(reply => reply.Status == HttpStatusCode.Created).ShouldBe(1);
        replies.Where(reply => reply.Status != HttpStatusCode.Created).ShouldAllBe(reply => reply.Code == "coupon-used-up");
        (await Used(code)).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task One_customer_uses_it_as_often_as_one_may_and_a_cancelled_order_gives_it_back()
    {
        var code = await GivenCoupon(new { percent = 10, usesPerCustomer = 1 });
        var (buyer, _) = await app.SignedIn();
        var first = await Order(await With(buyer), null, code);
        first.ShouldBe(HttpStatusCode.Created);

        (await Order(await With(buyer), null, code)).ShouldBe(HttpStatusCode.Conflict, "coupon-used-up");
        (await Used(code)).ShouldBe(1);

        await buyer.Cancel(first.Id());
        await buyer.Cancel(first.Id());
        (await Used(code)).ShouldBe(0);
        (await Order(buyer, null, code)).ShouldBe(HttpStatusCode.Created);
        (await Used(code)).ShouldBe(1);
    }

    [Fact]
    public async Task A_code_counts_for_one_guest_by_address_whatever_its_case()
    {
        var code = await GivenCoupon(new { percent = 10, usesPerCustomer = 1 });
        (await Order(await BuyerWith(1_000), null, code, "Robin@Example.org")).ShouldBe(HttpStatusCode.Created);
        (await Order(await BuyerWith(1_000), null, code, "robin@example.ORG")).ShouldBe(HttpStatusCode.Conflict, "coupon-used-up");
    }

    [Fact]
    public async Task A_code_that_does_not_hold_is_refused_and_nothing_is_ordered()
    {
        var early = await GivenCoupon(new { percent = 10, startsAt = DateTimeOffset.UtcNow.AddDays(30) });
        var late = await GivenCoupon(new { percent = 10, endsAt = DateTimeOffset.UtcNow.AddDays(-1) });
        var off = await GivenCoupon(new { percent = 10, active = false });
        var dear = await GivenCoupon(new { percent = 10, minimum = 10.01m });
        var buyer = await BuyerWith(priceMinor: 1_000);

        foreach (var code in new[] { early, late, off, "NO-SUCH-CODE" })
            (await Order(buyer, null, code)).ShouldBe(HttpStatusCode.UnprocessableEntity, "coupon-invalid");
        var refused = (await Order(buyer, null, dear)).ShouldBe(HttpStatusCode.Conflict, "coupon-minimum");
        ((decimal)refused.Body["minimum"]!).ShouldBe(10.01m);
        (await Order(buyer, "by-pigeon", null)).ShouldBe(HttpStatusCode.UnprocessableEntity, "shipping-unavailable");
        (await buyer.Cart()).Body["items"]!.AsArray().Count.ShouldBe(1);
        (await Used(dear)).ShouldBe(0);
    }

    [Fact]
    public async Task A_total_that_shipping_raised_is_not_charged_unseen()
    {
        var buyer = await BuyerWith(priceMinor: 1_000);
        var reply = await buyer.Send(HttpMethod.Post, "/api/orders", new
        {
            email = "ada@example.org",
            shippingAddress = Buyer.Address,
            payment = new { method = "invoice" },
            expectedTotal = 10.00m,
            shipping = "express",
        });
        reply.ShouldBe(HttpStatusCode.Conflict, "total-changed");
        ((decimal)reply.Body["total"]!).ShouldBe(19.90m);
    }

    [Theory]
    [InlineData("""{"amount": 1, "percent": 5}""")]
    [InlineData("{}")]
    [InlineData("""{"amount": 0}""")]
    [InlineData("""{"amount": 1.234}""")]
    [InlineData("""{"amount": -1}""")]
    [InlineData("""{"percent": 0}""")]
    [InlineData("""{"percent": 101}""")]
    [InlineData("""{"percent": 5, "usesMax": 0}""")]
    [InlineData("""{"percent": 5, "startsAt": "2030-01-01T00:00:00Z", "endsAt": "2030-01-01T00:00:00Z"}""")]
    public async Task Terms_that_make_no_sense_are_refused(string terms)
    {
        using var admin = await app.Admin();
        var answer = await admin.Client.PutAsync(
            "/api/admin/coupons/SENSELESS", new StringContent(terms, System.Text.Encoding.UTF8, "application/json"));
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await admin.Client.DeleteAsync("/api/admin/coupons/SENSELESS")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Only_an_admin_sets_codes()
    {
        using var stranger = app.NewClient();
        (await stranger.GetAsync("/api/admin/coupons")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await stranger.GetAsync("/api/admin/coupons/MINE")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await stranger.DeleteAsync("/api/admin/coupons/MINE")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var (customer, _) = await app.SignedIn();
        (await customer.Send(HttpMethod.Get, "/api/admin/coupons")).ShouldBe(HttpStatusCode.Forbidden, "forbidden");
        (await customer.Send(HttpMethod.Put, "/api/admin/coupons/MINE", new { percent = 100 }))
            .ShouldBe(HttpStatusCode.Forbidden, "forbidden");
        (await customer.Send(HttpMethod.Get, "/api/admin/coupons/MINE")).ShouldBe(HttpStatusCode.Forbidden, "forbidden");
        (await customer.Send(HttpMethod.Delete, "/api/admin/coupons/MINE")).ShouldBe(HttpStatusCode.Forbidden, "forbidden");

        var code = await GivenCoupon(new { percent = 5 });
        using var admin = await app.Admin();
        (await admin.Client.DeleteAsync($"/api/admin/coupons/{code}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Order(await BuyerWith(1_000), null, code)).ShouldBe(HttpStatusCode.UnprocessableEntity, "coupon-invalid");
    }

    [Fact]
    public async Task A_code_tells_how_it_stands_and_how_many_uses_are_left()
    {
        using var admin = await app.Admin();
        var code = await GivenCoupon(new { percent = 10, usesMax = 2 });
        (await Order(await BuyerWith(1_000), null, code)).ShouldBe(HttpStatusCode.Created);
        var once = await admin.Client.GetFromJsonAsync<JsonNode>($"/api/admin/coupons/{code.ToLowerInvariant()}");
        ((string)once!["code"]!).ShouldBe(code);
        ((long)once["used"]!).ShouldBe(1);
        ((long)once["usesLeft"]!).ShouldBe(1);
        ((string)once["state"]!).ShouldBe("active");

        (await Order(await BuyerWith(1_000), null, code, "eve@example.org")).ShouldBe(HttpStatusCode.Created);
        (await StateOf(code)).ShouldBe("used-up");
        // Fewer than were made already are none, and not fewer than none.
        var answer = await admin.Client.PutAsJsonAsync($"/api/admin/coupons/{code}", new { percent = 10, usesMax = 1 });
        ((long)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["usesLeft"]!).ShouldBe(0);

        (await StateOf(await GivenCoupon(new { percent = 5, startsAt = DateTimeOffset.UtcNow.AddDays(9) }))).ShouldBe("scheduled");
        (await StateOf(await GivenCoupon(new { percent = 5, endsAt = DateTimeOffset.UtcNow.AddDays(-9) }))).ShouldBe("ended");
        (await StateOf(await GivenCoupon(new { percent = 5, active = false }))).ShouldBe("ended");
        (await admin.Client.GetAsync("/api/admin/coupons/NO-SUCH-CODE")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

        async Task<string> StateOf(string one) =>
            (string)(await admin.Client.GetFromJsonAsync<JsonNode>($"/api/admin/coupons/{one}"))!["state"]!;
    }

    [Fact]
    public async Task The_page_works_out_the_total_with_what_was_chosen_and_orders_at_that()
    {
        var code = await GivenCoupon(new { percent = 50 });
        var product = await app.GivenProduct(stock: 5, priceMinor: 4_000, name: "Tent");
        using var browser = new Browser(app.Address);
        await browser.Open($"/products/{product}");
        await browser.Submit("/cart/items");
        (string, string?)[] form =
        [
            ("email", "ada@example.org"), ("name", "Ada"), ("street", "Hauptstr. 1"), ("postalCode", "10115"), ("city", "Berlin"),
            ("country", "DE"), ("shipping", "express"), ("coupon", code),
        ];

        await browser.Open("/checkout");
        browser.Html.ShouldContain("40.00");
        await browser.Submit("/checkout", [.. form, ("expectedTotal", "20.00")]);
        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        browser.Html.ShouldContain("29.90");
        browser.Html.ShouldContain("value=\"Hauptstr. 1\"");

        // What is wrong with a code is said where it was typed, and the rest of the total is seen all the same.
        var dear = await GivenCoupon(new { percent = 50, minimum = 75.50m });
        await browser.Submit("/checkout", [.. form, ("coupon", dear)]);
        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        browser.Html.ShouldContain("id=\"coupon-error\"");
        browser.Html.ShouldContain("75.50 or more.");
        browser.Html.ShouldContain($"value=\"{dear}\"");
        await browser.Submit("/checkout", [.. form, ("coupon", "NO-SUCH-CODE")]);
        browser.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        browser.Html.ShouldContain("id=\"coupon-error\"");

        await browser.Submit("/checkout", [.. form, ("expectedTotal", "29.90")]);
        browser.Status.ShouldBe(HttpStatusCode.OK);
        browser.Path.ShouldStartWith("/orders/");
        browser.Html.ShouldContain("29.90");
        browser.Html.ShouldContain("4.77");
    }

    private async Task<string> GivenCoupon(object terms)
    {
        var code = $"T-{Guid.NewGuid():N}".ToUpperInvariant()[..20];
        using var admin = await app.Admin();
        var answer = await admin.Client.PutAsJsonAsync($"/api/admin/coupons/{code}", terms);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return code;
    }

    private async Task<long> Used(string code)
    {
        using var admin = await app.Admin();
        var list = await admin.Client.GetFromJsonAsync<JsonNode>("/api/admin/coupons?limit=200");
        return (long)list!["coupons"]!.AsArray().Single(coupon => (string)coupon!["code"]! == code)!["used"]!;
    }

    private async Task<Buyer> BuyerWith(long priceMinor, int pieces = 1) => await With(app.Guest(), priceMinor, pieces);

    private async Task<Buyer> With(Buyer buyer, long priceMinor = 1_000, int pieces = 1)
    {
        (await buyer.Add(await app.GivenProduct(stock: 10, priceMinor), pieces)).ShouldBe(HttpStatusCode.OK);
        return buyer;
    }

    private static Task<Reply> Quote(Buyer buyer, string? shipping, string? coupon) =>
        buyer.Send(HttpMethod.Post, "/api/checkout/quote", new { country = "DE", shipping, coupon });

    private static Task<Reply> Order(Buyer buyer, string? shipping, string? coupon, string email = "ada@example.org") =>
        buyer.Send(HttpMethod.Post, "/api/orders", new
        {
            email,
            shippingAddress = Buyer.Address,
            payment = new { method = "invoice" },
            shipping,
            coupon,
        });
}
