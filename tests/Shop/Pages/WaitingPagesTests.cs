using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Pages;

/// <summary>Waiting for a product in a browser without JavaScript.</summary>
public class WaitingPagesTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task A_guest_gets_in_line_on_the_products_page_takes_the_piece_by_the_letters_link_and_orders_it()
    {
        var product = await app.GivenProduct(stock: 1, name: "Rare teapot");
        var holder = app.Guest();
        await holder.Add(product);
        var browser = app.NewBrowser("de");
        await browser.Open($"/products/{product}");
        browser.Html.ShouldContain("Zurzeit ausverkauft");
        browser.Html.ShouldNotContain("action=\"/cart/items\"");

        await browser.Submit($"/products/{product}/waiting", ("email", "nobody"));
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Html.ShouldContain("value=\"nobody\"");
        var email = $"{Guid.NewGuid():N}@example.org";
        await browser.Submit($"/products/{product}/waiting", ("email", email));
        browser.Status.ShouldBe(HttpStatusCode.OK);
        Text(browser).ShouldContain("Sie sind als Nächstes an der Reihe.");

        await holder.Remove(product);
        var mail = await app.MailTo(email, "Rare teapot ist wieder da");
        var link = mail.Text.Split('\n').Single(line => line.Contains("/waiting/", StringComparison.Ordinal)).Trim();
        await browser.Open($"/products/{product}");
        Text(browser).ShouldContain("Ein Stück ist für Sie zurückgelegt");
        var elsewhere = app.NewBrowser();
        await elsewhere.Open(new Uri(link).PathAndQuery);
        await elsewhere.Submit($"{new Uri(link).AbsolutePath}/claim");
        elsewhere.Path.ShouldBe("/cart");
        elsewhere.Html.ShouldContain("Rare teapot");

        await browser.Open(new Uri(link).PathAndQuery);
        Text(browser).ShouldContain("Das Stück ist nicht mehr für Sie zurückgelegt.");
        await browser.Open($"/products/{product}");
        browser.Html.ShouldContain("Zurzeit ausverkauft");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Somebody_signed_in_needs_no_address_and_may_leave_again()
    {
        var product = await app.GivenProduct(stock: 0);
        var person = await app.NewPerson();
        var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", person.Email), ("password", person.Password));
        await browser.Open($"/products/{product}");
        browser.Html.ShouldNotContain("name=\"email\"");

        await browser.Submit($"/products/{product}/waiting");
        browser.Html.ShouldContain("You are the next.");
        await browser.Submit($"/products/{product}/waiting/leave");

        browser.Html.ShouldContain("Sold out at the moment");
        (await new Buyer(person.Client).Send(HttpMethod.Get, "/api/waiting")).Body["places"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Whoever_declines_by_the_letters_link_lets_the_next_have_it()
    {
        var product = await app.GivenProduct(stock: 0);
        var (first, second) = (app.Guest(), app.Guest());
        var email = $"{Guid.NewGuid():N}@example.org";
        await first.Send(HttpMethod.Post, $"/api/products/{product}/waiting", new { email });
        await second.Send(HttpMethod.Post, $"/api/products/{product}/waiting", new { email = $"{Guid.NewGuid():N}@example.org" });
        await app.Database.Write(tx => app.Stock.Change(tx, product, 1, "delivery", "test").AsTask());
        var mail = await app.MailTo(email, "is there again");
        var link = new Uri(mail.Text.Split('\n').Single(line => line.Contains("/waiting/", StringComparison.Ordinal)).Trim());
        var browser = app.NewBrowser();
        await browser.Open(link.PathAndQuery);

        await browser.Submit($"{link.AbsolutePath}/leave", ("token", "made-up"));
        (await second.Add(product)).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");
        await browser.Open(link.PathAndQuery);
        await browser.Submit($"{link.AbsolutePath}/leave");

        browser.Html.ShouldContain("You do not wait any more");
        (await second.Add(product)).ShouldBe(HttpStatusCode.OK);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task An_address_that_is_in_line_already_looks_like_any_other()
    {
        var product = await app.GivenProduct(stock: 0);
        var email = $"{Guid.NewGuid():N}@example.org";
        await app.Guest().Send(HttpMethod.Post, $"/api/products/{product}/waiting", new { email });
        var browser = app.NewBrowser();
        await browser.Open($"/products/{product}");

        await browser.Submit($"/products/{product}/waiting", ("email", email));

        browser.Status.ShouldBe(HttpStatusCode.OK);
        browser.Html.ShouldContain("You are in line");
        browser.Html.ShouldNotContain("before you");
    }

    [Fact]
    public async Task What_came_back_meanwhile_is_offered_to_the_cart_instead()
    {
        var product = await app.GivenProduct(stock: 0);
        var browser = app.NewBrowser();
        await browser.Open($"/products/{product}");
        await app.Database.Write(tx => app.Stock.Change(tx, product, 1, "delivery", "test").AsTask());

        await browser.Submit($"/products/{product}/waiting", ("email", $"{Guid.NewGuid():N}@example.org"));

        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        browser.Html.ShouldContain("action=\"/cart/items\"");
    }

    [Fact]
    public async Task A_link_that_is_none_shows_nothing_of_anybody()
    {
        var browser = app.NewBrowser();
        await browser.Open("/waiting/nothing?token=made-up");
        browser.Status.ShouldBe(HttpStatusCode.OK);
        browser.Html.ShouldContain("no longer kept for you");
        await browser.Open("/waiting/nothing");
        browser.Html.ShouldContain("no longer kept for you");
    }

    private static string Text(Browser browser) => WebUtility.HtmlDecode(browser.Html);
}
