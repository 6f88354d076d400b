using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class CheckoutPagesTests(ShopApp app) : IClassFixture<ShopApp>
{
    private static readonly (string, string?)[] Address =
    [
        ("email", "ada@example.org"), ("name", "Ada Lovelace"), ("street", "Hauptstr. 1"),
        ("postalCode", "10115"), ("city", "Berlin"), ("country", "DE"),
    ];

    [Fact]
    public async Task A_guest_changes_the_cart_orders_sees_the_order_and_cancels_it()
    {
        var product = await app.GivenProduct(stock: 5, priceMinor: 1250, name: "Tent <b>");
        using var browser = await GuestWith(product);

        await browser.Open("/cart");
        browser.Html.ShouldContain("Tent &lt;b&gt;");
        await browser.Submit($"/cart/items/{product}/quantity", ("quantity", "2"));
        browser.Path.ShouldBe("/cart");
        browser.Html.ShouldContain("25.00");
        await browser.Open("/checkout");
        await browser.Submit("/checkout", Address);

        browser.Status.ShouldBe(HttpStatusCode.OK);
        browser.Path.ShouldMatch("^/orders/[0-9a-f-]{36}\\?token=.+$");
        browser.Html.ShouldContain("Ada Lovelace");
        browser.Html.ShouldContain("Germany");
        (await app.Level(product)).ShouldBe((3, 0));

        var address = browser.Path;
        await browser.Submit($"/orders/{address[8..44]}/cancel");
        browser.Path.ShouldBe(address);
        browser.Html.ShouldContain("Cancelled");
        browser.Html.ShouldNotContain("/cancel");
        (await app.Level(product)).ShouldBe((5, 0));
    }

    [Fact]
    public async Task Only_the_link_opens_a_guests_order()
    {
        using var browser = await GuestWith(await app.GivenProduct(stock: 5));
        await browser.Open("/checkout");
        await browser.Submit("/checkout", Address);

        using var stranger = new Browser(app.Address);
        await stranger.Open(browser.Path);
        stranger.Status.ShouldBe(HttpStatusCode.OK);
        await stranger.Open(browser.Path.Split('?')[0]);
        stranger.Status.ShouldBe(HttpStatusCode.NotFound);
        stranger.Html.ShouldNotContain("Lovelace");
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_orders_once_and_shows_the_same_order()
    {
        var product = await app.GivenProduct(stock: 5);
        using var browser = await GuestWith(product);
        await browser.Open("/checkout");

        await browser.Submit("/checkout", Address);
        var first = browser.Path;
        browser.Back();
        await browser.Submit("/checkout", Address);

        browser.Path.ShouldBe(first);
        (await app.Level(product)).ShouldBe((4, 0));
    }

    [Fact]
    public async Task An_error_stands_beside_its_field_and_what_was_typed_is_kept()
    {
        var product = await app.GivenProduct(stock: 5);
        using var browser = await GuestWith(product);
        await browser.Open("/checkout");

        await browser.Submit("/checkout", [.. Address, ("postalCode", " "), ("email", "nobody"), ("street", "Neue Gasse <7>")]);

        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Html.ShouldContain("id=\"postalCode-error\"");
        browser.Html.ShouldContain("id=\"email-error\"");
        browser.Html.ShouldNotContain("id=\"street-error\"");
        browser.Html.ShouldContain("value=\"Neue Gasse &lt;7&gt;\"");
        browser.Html.ShouldContain("value=\"nobody\"");
        (await app.Level(product)).ShouldBe((5, 1));
    }

    [Fact]
    public async Task A_form_with_nothing_in_it_is_answered_like_any_other()
    {
        using var browser = await GuestWith(await app.GivenProduct(stock: 5));
        await browser.Open("/checkout");

        await browser.Submit("/checkout");

        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        foreach (var field in (string[])["email", "name", "street", "postalCode", "city"])
            browser.Html.ShouldContain($"id=\"{field}-error\"");
    }

    [Fact]
    public async Task A_price_that_rose_is_agreed_to_by_ticking_a_box()
    {
        var product = await app.GivenProduct(stock: 5, priceMinor: 1000);
        using var browser = await GuestWith(product);
        await browser.Open("/checkout");
        browser.Html.ShouldNotContain("acceptPrices");
        await app.SetPrice(product, 1100);

        await browser.Submit("/checkout", Address);
        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        browser.Html.ShouldContain("acceptPrices");
        browser.Html.ShouldContain("value=\"Hauptstr. 1\"");
        await browser.Submit("/checkout", [.. Address, ("acceptPrices", "true")]);

        browser.Path.ShouldStartWith("/orders/");
        browser.Html.ShouldContain("11.00");
    }

    [Fact]
    public async Task Nobody_pays_more_than_the_page_showed_when_its_button_was_pressed()
    {
        var product = await app.GivenProduct(stock: 5, priceMinor: 1000);
        using var browser = await GuestWith(product);
        await app.SetPrice(product, 800);
        await browser.Open("/checkout");
        browser.Html.ShouldContain("8.00");
        await app.SetPrice(product, 900);

        await browser.Submit("/checkout", Address);
        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        browser.Html.ShouldContain("9.00");
        browser.Html.ShouldNotContain("acceptPrices");
        await app.SetPrice(product, 1100);
        await browser.Submit("/checkout", Address);
        browser.Html.ShouldContain("acceptPrices");
        await app.SetPrice(product, 1200);
        await browser.Submit("/checkout", [.. Address, ("acceptPrices", "true")]);
        browser.Status.ShouldBe(HttpStatusCode.Conflict, "the box was ticked beside 11.00");
        (await app.Level(product)).ShouldBe((5, 1));

        await browser.Submit("/checkout", [.. Address, ("acceptPrices", "true")]);
        browser.Path.ShouldStartWith("/orders/");
        browser.Html.ShouldContain("12.00");
    }

    [Fact]
    public async Task Too_large_a_quantity_is_refused_beside_its_field_with_what_can_be_had()
    {
        var product = await app.GivenProduct(stock: 5);
        using var browser = await GuestWith(product);
        await browser.Open("/cart");

        await browser.Submit($"/cart/items/{product}/quantity", ("quantity", "7"));

        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        browser.Html.ShouldContain($"id=\"quantity-{product}-error\"");
        browser.Html.ShouldContain("You can have 5.");
        browser.Html.ShouldContain("value=\"7\"");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("100")]
    [InlineData("many")]
    [InlineData("")]
    public async Task A_quantity_that_is_none_is_refused(string typed)
    {
        var product = await app.GivenProduct(stock: 500);
        using var browser = await GuestWith(product);
        await browser.Open("/cart");

        await browser.Submit($"/cart/items/{product}/quantity", ("quantity", typed));

        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Html.ShouldContain("A quantity is a number from 1 to 99.");
        (await app.Level(product)).ShouldBe((500, 1));
    }

    [Fact]
    public async Task What_is_removed_leaves_an_empty_cart_and_nothing_to_check_out()
    {
        var product = await app.GivenProduct(stock: 5);
        using var browser = await GuestWith(product);
        await browser.Open("/cart");

        await browser.Submit($"/cart/items/{product}/remove");
        browser.Html.ShouldContain("Your cart is empty");
        await browser.Open("/checkout");

        browser.Path.ShouldBe("/cart");
        (await app.Level(product)).ShouldBe((5, 0));
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_does_nothing()
    {
        var product = await app.GivenProduct(stock: 5);
        using var browser = await GuestWith(product);
        await browser.Open("/cart");

        await browser.Submit($"/cart/items/{product}/remove", ("__RequestVerificationToken", null));
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);

        (await app.Level(product)).ShouldBe((5, 1));
    }

    [Fact]
    public async Task The_pages_speak_German()
    {
        using var browser = await GuestWith(await app.GivenProduct(stock: 5), "de");
        await browser.Open("/checkout");
        browser.Html.ShouldContain("Zahlungspflichtig bestellen");
        WebUtility.HtmlDecode(browser.Html).ShouldContain(">Österreich<");
        await browser.Submit("/checkout");
        WebUtility.HtmlDecode(browser.Html).ShouldContain("Bitte ausfüllen.");
    }

    [Fact]
    public async Task A_strangers_list_of_orders_asks_to_sign_in()
    {
        using var browser = new Browser(app.Address);
        await browser.Open("/orders");
        browser.Path.ShouldBe("/login?returnUrl=%2Forders");
    }

    [Fact]
    public async Task Who_signs_in_orders_without_an_address_of_mail_and_finds_the_order_in_the_list()
    {
        var product = await app.GivenProduct(stock: 5);
        using var browser = await GuestWith(product);
        await browser.Open("/login");
        await browser.Submit("/login", ("email", "ada@kontor.example"), ("password", "kontor-demo-ada"));

        await browser.Open("/checkout");
        browser.Html.ShouldNotContain("name=\"email\"");
        await browser.Submit("/checkout", Address);
        browser.Path.ShouldMatch("^/orders/[0-9a-f-]{36}$");
        var order = browser.Path;
        await browser.Open("/orders");

        browser.Html.ShouldContain($"href=\"{order}\"");
        (await app.Level(product)).ShouldBe((4, 0));
    }

    private async Task<Browser> GuestWith(string product, string language = "en")
    {
        var guest = app.Guest();
        (await guest.Add(product)).ShouldBe(HttpStatusCode.OK);
        var browser = new Browser(app.Address, language);
        browser.Cookies.Add(app.Address, new Cookie("kontor_cart", guest.Token));
        return browser;
    }
}
