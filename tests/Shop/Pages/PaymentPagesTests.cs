using System.Net;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>Paying and paying back in a browser without JavaScript.</summary>
public class PaymentPagesTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    private static readonly (string, string?)[] Address =
    [
        ("email", "ada@example.org"), ("name", "Ada Lovelace"), ("street", "Hauptstr. 1"),
        ("postalCode", "10115"), ("city", "Berlin"), ("country", "DE"),
    ];

    [Fact]
    public async Task A_guest_is_declined_tries_another_card_confirms_at_the_bank_and_has_paid()
    {
        using var browser = await GuestWith(await app.GivenProduct(stock: 5, priceMinor: 1250));
        await browser.Open("/checkout");
        browser.Html.ShouldContain("value=\"card\" checked");
        await browser.Submit("/checkout", [.. Address, ("payment", "card")]);

        browser.Path.ShouldStartWith("/simulator/pay/");
        browser.Html.ShouldContain("12.50");
        var pay = browser.Path;
        await browser.Submit(pay, ("card", "funds"), ("webhooks", "Never"));
        browser.Path.ShouldBe(pay);
        browser.Html.ShouldContain("There is not enough money on this card.");
        await browser.Submit(pay, ("card", "secure"), ("webhooks", "Never"));
        browser.Path.ShouldBe(pay.Replace("/pay/", "/bank/", StringComparison.Ordinal));
        await browser.Submit(browser.Path, ("answer", "confirm"));

        browser.Path.ShouldMatch("^/orders/[0-9a-f-]{36}\\?token=.+$");
        browser.Html.ShouldContain("badge-accent\">Paid");
        (await app.StatusOf(browser.Path[8..44])).ShouldBe(OrderStatus.Paid);
    }

    [Fact]
    public async Task Who_cancels_at_the_provider_or_at_the_bank_can_pay_later_or_not_at_all()
    {
        var product = await app.GivenProduct(stock: 5);
        using var browser = await GuestWith(product);
        await browser.Open("/checkout");
        await browser.Submit("/checkout", [.. Address, ("payment", "card")]);
        var pay = browser.Path;
        await browser.Submit(pay, ("card", "secure"), ("webhooks", "Never"));
        await browser.Submit(browser.Path, ("answer", "decline"));
        browser.Path.ShouldBe(pay);
        browser.Html.ShouldContain("The payment was not confirmed with the bank.");

        await browser.Open(BackLink(browser.Html));
        browser.Path.ShouldMatch("^/orders/[0-9a-f-]{36}\\?token=.+$");
        browser.Html.ShouldContain("The payment was not confirmed with the bank.");
        browser.Html.ShouldContain("Waits for the payment");
        var orderId = browser.Path[8..44];
        await browser.Submit($"/orders/{orderId}/pay");
        browser.Path.ShouldBe(pay);
        await browser.Open(BackLink(browser.Html));
        await browser.Submit($"/orders/{orderId}/cancel");

        browser.Html.ShouldContain("Nothing was charged");
        browser.Html.ShouldNotContain("/pay\"");
        (await app.Level(product)).ShouldBe((5, 0));
    }

    [Fact]
    public async Task A_provider_that_is_down_is_said_and_the_order_is_kept()
    {
        using var browser = await GuestWith(await app.GivenProduct(stock: 5));
        await browser.Open("/checkout");
        using (app.Provider.OnlyMe()) await browser.Submit("/checkout", [.. Address, ("payment", "card")]);

        browser.Path.ShouldMatch("^/orders/[0-9a-f-]{36}\\?token=.+&payment=unavailable$");
        browser.Html.ShouldContain("The payment service does not answer at the moment.");
        await browser.Submit($"/orders/{browser.Path[8..44]}/pay");
        browser.Path.ShouldStartWith("/simulator/pay/");
    }

    [Fact]
    public async Task Another_browser_in_which_a_guest_comes_back_is_told_nothing()
    {
        var order = await app.GivenOpenPayment();
        using var other = new Browser(app.Address);
        await other.Open($"/orders/{order.OrderId}/return");
        other.Status.ShouldBe(HttpStatusCode.OK);
        other.Html.ShouldContain("We look at your payment now.");
        other.Html.ShouldNotContain("12.50");
        await other.Open("/orders/nope/return");
        other.Html.ShouldContain("We look at your payment now.");
    }

    [Theory]
    [InlineData("cash")]
    [InlineData("stripe")]
    public async Task A_way_to_pay_that_there_is_not_is_refused(string method)
    {
        using var browser = await GuestWith(await app.GivenProduct(stock: 5));
        await browser.Open("/checkout");
        await browser.Submit("/checkout", [.. Address, ("payment", method)]);
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Html.ShouldContain("There is no such payment method.");
    }

    [Fact]
    public async Task A_page_of_the_provider_that_there_is_not_and_one_that_is_over_say_so()
    {
        using var browser = new Browser(app.Address);
        await browser.Open("/simulator/pay/cs_nope");
        browser.Status.ShouldBe(HttpStatusCode.NotFound);
        await browser.Open("/simulator/bank/cs_nope");
        browser.Status.ShouldBe(HttpStatusCode.NotFound);

        var order = await app.GivenOpenPayment();
        await browser.Open($"/simulator/bank/{order.Session}");
        browser.Path.ShouldBe($"/simulator/pay/{order.Session}");
        await app.PayAtProvider(order);
        await browser.Open($"/simulator/pay/{order.Session}");
        browser.Html.ShouldContain("This has been paid.");
        var over = await app.GivenOpenPayment();
        app.Clock.Advance(TimeSpan.FromHours(25));
        await browser.Open($"/simulator/pay/{over.Session}");
        browser.Html.ShouldContain("This page is over.");
    }

    [Fact]
    public async Task The_simulated_provider_answers_nobody_without_its_key()
    {
        using var client = app.NewClient();
        foreach (var path in new[] { "/simulator/v1/payment_intents", "/simulator/v1/refunds", "/simulator/v1/checkout/sessions/x" })
            (await client.GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        client.DefaultRequestHeaders.Authorization = new("Bearer", "sk_test_guess");
        (await client.PostAsync("/simulator/v1/refunds", new FormUrlEncodedContent([]))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task An_admin_pays_part_of_an_order_back_by_a_form_that_may_be_sent_twice()
    {
        var order = await app.GivenPaidOrder();
        using var admin = await Admin();
        var page = $"/admin/orders/{order.OrderId}";
        await admin.Open(page);
        admin.Html.ShouldContain("value=\"12.50\"");
        admin.Html.ShouldNotContain("value=\"Paid\"", customMessage: "its money makes an order by card paid");

        await admin.Submit($"{page}/refunds", ("amount", "2,50"), ("reason", "Kratzer"));
        admin.Path.ShouldBe(page);
        admin.Back();
        await admin.Submit($"{page}/refunds", ("amount", "2,50"), ("reason", "Kratzer"));
        await app.Becomes(order.OrderId, PaymentState.Captured);
        await admin.Open(page);

        admin.Html.ShouldContain("Kratzer");
        admin.Html.ShouldContain("Partly paid back");
        admin.Html.ShouldContain("value=\"10.00\"");
        await app.ShouldKeep(order, 1000);
        await admin.Submit($"{page}/refunds", ("amount", "10,01"));
        admin.Status.ShouldBe(HttpStatusCode.Conflict);
        admin.Html.ShouldContain("There is not so much left to pay back.");
        admin.Html.ShouldContain("value=\"10,01\"");
        foreach (var wrong in new[] { "", "0", "-1", "much", "1.005" })
        {
            await admin.Submit($"{page}/refunds", ("amount", wrong));
            admin.Status.ShouldBe(HttpStatusCode.BadRequest, wrong);
            admin.Html.ShouldContain("id=\"amount-error\"");
        }

        (await app.RefundsOf(order.OrderId)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_admin_sees_money_that_waits_and_settles_it_with_its_button()
    {
        var order = await app.GivenPaidOrder();
        await app.RefundThere(order, 250);
        using var admin = await Admin();
        await admin.Open("/admin/payments");
        admin.Html.ShouldContain(await app.NumberOf(order.OrderId));
        admin.Html.ShouldContain("Both sides agree about everything.");

        await admin.Submit("/admin/payments/reconcile");
        admin.Html.ShouldContain("A refund was made elsewhere");
        var found = (await app.Disagreements()).Single(one => one.OrderId == order.OrderId);
        await admin.Submit($"/admin/payments/disagreements/{found.Id}");
        admin.Path.ShouldBe("/admin/payments");
        admin.Html.ShouldNotContain("A refund was made elsewhere");
        await admin.Submit("/admin/payments/reconcile");
        admin.Html.ShouldContain("Compared just now: both sides agree about everything.");

        await admin.Open("/admin/payments?cursor=nope");
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_pages_speak_German()
    {
        using var browser = await GuestWith(await app.GivenProduct(stock: 5, priceMinor: 1250), "de");
        await browser.Open("/checkout");
        WebUtility.HtmlDecode(browser.Html).ShouldContain("Sie bezahlen auf der nächsten Seite.");
        await browser.Submit("/checkout", [.. Address, ("payment", "card")]);
        WebUtility.HtmlDecode(browser.Html).ShouldContain("Dies ist eine Simulation");
        browser.Html.ShouldContain("Bestellung K-");
        await browser.Submit(browser.Path, ("card", "success"), ("webhooks", "Never"));
        browser.Html.ShouldContain("Bezahlt");
    }

    private static string BackLink(string html) =>
        System.Text.RegularExpressions.Regex.Match(html, "<a href=\"(/orders/[^\"]+/return)\"").Groups[1].Value;

    private async Task<Browser> Admin()
    {
        var browser = new Browser(app.Address);
        await browser.Open("/login");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));
        return browser;
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
