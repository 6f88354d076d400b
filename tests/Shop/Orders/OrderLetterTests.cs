using System.Net;
using System.Text.RegularExpressions;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class OrderLetterTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    [Theory]
    [InlineData(
        "en", "Your order", "Your payment", "is on its way", "was delivered", "A part of", "sent back", "Order * is paid back")]
    [InlineData(
        "de", "Ihre Bestellung", "Ihre Zahlung", "unterwegs", "zugestellt", "Ein Teil", "zurückgeschickt", "Bestellung * wird erstattet")]
    public async Task Each_step_is_one_letter_in_the_buyers_language(string language, params string[] subjects)
    {
        var (buyer, email, order) = await Given(language, pieces: 3);
        var shop = await Shop();
        foreach (var _ in (int[])[1, 2]) await Patch(shop, order, new { status = "paid" });
        foreach (var _ in (int[])[1, 2]) await Patch(shop, order, new { status = "shipped", carrier = "dhl", trackingNumber = "4711" });
        await Patch(shop, order, new { status = "delivered" });
        await shop.Send(HttpMethod.Post, $"/api/admin/orders/{order.Id()}/refunds", new { amount = 1.00m });
        var lines = new[] { new { productId = order.Body["items"]![0]!.Text("productId"), quantity = 1 } };
        await shop.Send(HttpMethod.Post, $"/api/admin/orders/{order.Id()}/returns", new { lines });
        await Patch(shop, order, new { status = "refunded" });

        var mails = await app.MailsTo(email);

        mails.Count.ShouldBe(subjects.Length);
        foreach (var subject in subjects)
        {
            var mail = mails.Single(mail => Regex.IsMatch(mail.Subject, $"^{subject.Replace("*", "\\S+", StringComparison.Ordinal)}$")
                || (!subject.Contains('*', StringComparison.Ordinal) && mail.Subject.Contains(subject, StringComparison.Ordinal)));
            mail.Language.ShouldBe(language);
            mail.Html.ShouldContain($"<html lang=\"{language}\">");
            mail.Text.ShouldContain($"/orders/{order.Id()}?token=");
        }

        var sent = mails.Single(mail => mail.Text.Contains("4711", StringComparison.Ordinal));
        sent.Text.ShouldContain("https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=4711");
        sent.Html.ShouldContain("DHL");
        using var stranger = app.NewBrowser();
        await stranger.Open($"/orders/{order.Id()}?token={sent.Token}");
        stranger.Status.ShouldBe(HttpStatusCode.OK, "the link is the guest's way back, on any device");
        (await buyer.Send(HttpMethod.Get, $"/api/orders/{order.Id()}?token={sent.Token}")).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Whoever_cancels_a_paid_order_is_told_that_the_money_goes_back()
    {
        var (buyer, email, order) = await Given("en", pieces: 1);
        await Patch(await Shop(), order, new { status = "paid" });

        await buyer.Cancel(order.Id());
        await buyer.Cancel(order.Id());

        var mail = (await app.MailsTo(email)).Single(mail => mail.Subject.EndsWith("is cancelled", StringComparison.Ordinal));
        mail.Text.ShouldContain("10.00");
    }

    [Fact]
    public async Task An_order_that_expires_says_so_once()
    {
        var person = await app.NewPerson();
        var (order, _) = await app.GivenCardOrder(new Buyer(person.Client));
        app.Clock.Advance(TimeSpan.FromHours(25));
        await app.Sweep();
        await app.Sweep();

        var mail = (await app.MailsTo(person.Email)).Single(mail => mail.Subject.EndsWith("has expired", StringComparison.Ordinal));
        mail.Text.ShouldContain($"/orders/{order}");
        mail.Text.ShouldNotContain("token=");
    }

    [Fact]
    public async Task Nobody_writes_to_a_buyer_who_was_taken_out_of_the_order()
    {
        var (buyer, email, order) = await Given("en", pieces: 1);
        await app.MailTo(email, "Your order");
        (await buyer.Send(HttpMethod.Delete, $"/api/orders/{order.Id()}/buyer?token={order.Body["token"]}"))
            .Status.ShouldBe(HttpStatusCode.NoContent);
        var before = (await app.MailsTo(email)).Count;
        var shop = await Shop();
        foreach (var status in (string[])["paid", "shipped", "delivered"]) await Patch(shop, order, new { status });

        (await app.MailsTo(email)).Count.ShouldBe(before);
    }

    private async Task<(Buyer Buyer, string Email, Reply Order)> Given(string language, int pieces)
    {
        var client = app.NewClient();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        var buyer = new Buyer(client);
        var email = $"buyer-{Guid.NewGuid():N}@example.org";
        await buyer.Add(await app.GivenProduct(stock: 5), pieces);
        var order = await buyer.Send(HttpMethod.Post, "/api/orders", new
        {
            email,
            shippingAddress = Buyer.Address,
            payment = new { method = "invoice" },
        });
        return (buyer, email, order.ShouldBe(HttpStatusCode.Created));
    }

    private async Task<Buyer> Shop() => new((await app.Admin()).Client);

    private static async Task Patch(Buyer shop, Reply order, object body) =>
        (await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{order.Id()}", body)).ShouldBe(HttpStatusCode.OK);
}
