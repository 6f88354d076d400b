using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Payments.Simulator;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class WebhookTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    private const string Address = "/api/payments/webhooks/simulator";

    [Fact]
    public async Task An_event_is_stored_once_however_often_it_comes()
    {
        var order = await app.GivenOpenPayment();
        await app.PayAtProvider(order);
        var body = Event("evt_twice", "checkout.session.completed", order.PaymentId);

        var statuses = await Task.WhenAll(Enumerable.Range(0, 5).Select(async _ => (await Send(body)).StatusCode));

        statuses.ShouldAllBe(status => status == HttpStatusCode.OK);
        (await Stored("evt_twice")).ShouldBe(1);
        await app.Becomes(order.OrderId, OrderStatus.Paid);
        (await app.Events("shop.order-paid", order.OrderId)).ShouldBe(1);
    }

    [Theory]
    [InlineData("customer.created")]
    [InlineData("something.nobody.has.heard.of")]
    public async Task A_type_that_is_not_known_is_kept_and_does_nothing(string type)
    {
        (await Send(Event($"evt_{type}", type, paymentId: null))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Stored($"evt_{type}")).ShouldBe(1);
    }

    [Fact]
    public async Task What_an_event_says_is_not_believed()
    {
        var order = await app.GivenOpenPayment();

        (await Send(Event("evt_lie", "payment_intent.succeeded", order.PaymentId))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await app.Sweep();

        (await app.PaymentOf(order.OrderId)).Stage.ShouldBe(PaymentState.Open);
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Pending);
    }

    [Fact]
    public async Task An_event_that_names_only_the_intent_finds_its_payment()
    {
        var order = await app.GivenPaidOrder();
        var intent = (await app.IntentOf(order)).Id;

        await Send($$"""
            {"id": "evt_charge", "type": "charge.refunded", "created": 1,
             "data": {"object": {"id": "ch_1", "object": "charge", "payment_intent": "{{intent}}"} } }
            """);

        (await app.Database.Read(tx => tx.First<string>(
            "SELECT payment_id FROM shop_payment_events WHERE event_id = 'evt_charge'").AsTask())).ShouldBe(order.PaymentId);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("of another secret")]
    [InlineData("of another body")]
    [InlineData("without a time")]
    [InlineData("nonsense")]
    [InlineData("301 seconds old")]
    [InlineData("301 seconds ahead")]
    [InlineData("of another version")]
    public async Task A_signature_that_is_wrong_stores_nothing(string wrong)
    {
        var id = $"evt_{wrong.Replace(' ', '_')}";
        var body = Event(id, "checkout.session.completed", paymentId: null);
        var now = app.Clock.GetUtcNow().ToUnixTimeSeconds();
        var secret = Secret;
        var header = wrong switch
        {
            "none" => null,
            "of another secret" => Header(now, "whsec_other", body),
            "of another body" => Header(now, secret, body + " "),
            "without a time" => Header(now, secret, body)[$"t={now},".Length..],
            "301 seconds old" => Header(now - 302, secret, body),
            "301 seconds ahead" => Header(now + 303, secret, body),
            "of another version" => Header(now, secret, body).Replace("v1=", "v0=", StringComparison.Ordinal),
            _ => "t=abc,v1=zzz,=,",
        };

        var answer = await Send(body, header);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBe("webhook-signature-invalid");
        (await Stored(id)).ShouldBe(0);
    }

    [Fact]
    public async Task While_a_secret_is_rotated_either_signature_is_good_enough()
    {
        var body = Event("evt_rotated", "checkout.session.completed", paymentId: null);
        var now = app.Clock.GetUtcNow().ToUnixTimeSeconds();
        var both = $"{Header(now, "whsec_new", body)},{Header(now, Secret, body).Split(',')[1]}";

        (await Send(body, both)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Stored("evt_rotated")).ShouldBe(1);

        var bytes = Encoding.UTF8.GetBytes(body);
        StripeSignature.IsValid(Header(now, "whsec_old", body), bytes, ["whsec_new", "whsec_old"], now).ShouldBeTrue();
        StripeSignature.IsValid(Header(now, "whsec_old", body), bytes, ["whsec_new"], now).ShouldBeFalse();
        StripeSignature.IsValid(Header(now - 300, "whsec_old", body), bytes, ["whsec_old"], now).ShouldBeTrue();
    }

    [Fact]
    public void The_signature_is_Stripes()
    {
        // Computed with openssl: printf '1492774577.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_test
        Convert.ToHexStringLower(StripeSignature.Sign("whsec_test", 1492774577, """{"id":"evt_1"}"""u8))
            .ShouldBe("7656fc2882a7ca0a651666b36bf2f2f22ee204f54f608f227498a2419f2890b2");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("{}x")]
    [InlineData("""{"id": "evt_x", "type": "t"}""")]
    [InlineData("""{"id": 7, "type": "t", "data": {"object": {}}}""")]
    [InlineData("""{"id": "evt_x", "type": "t", "data": {"object": []}}""")]
    [InlineData("""{"id": "a\u0000b", "type": "t", "data": {"object": {}}}""")]
    public async Task What_is_signed_and_no_event_is_refused(string body)
    {
        var answer = await Send(body);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBe("webhook-invalid");
    }

    [Fact]
    public async Task An_event_with_fields_of_other_types_is_taken_for_what_is_right_about_it()
    {
        (await Send("""
            {"id": "evt_odd", "type": "t", "created": "yesterday",
             "data": {"object": {"id": 7, "object": null, "metadata": "none", "payment_intent": {"id": "pi"}}}}
            """)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Stored("evt_odd")).ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_larger_than_any_event_is_refused(bool withLength)
    {
        var body = Event("evt_large", "t", paymentId: new string('x', 300_000));
        var answer = await Send(body, withLength: withLength);
        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await answer.Code()).ShouldBe("body-too-large");
        (await Stored("evt_large")).ShouldBe(0);
    }

    [Theory]
    [InlineData("stripe")]
    [InlineData("invoice")]
    [InlineData("nobody")]
    public async Task A_provider_that_is_not_configured_has_no_webhook(string provider)
    {
        var answer = await Send(Event("evt_nobody", "t", null), path: $"/api/payments/webhooks/{provider}");
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Code()).ShouldBe("not-found");
    }

    [Fact]
    public async Task An_event_that_cannot_be_stored_is_not_answered_with_200()
    {
        await app.Database.Write(tx => tx.Execute("ALTER TABLE shop_payment_events RENAME TO shop_payment_events_gone").AsTask());
        var answer = await Send(Event("evt_unstored", "t", null));
        await app.Database.Write(tx => tx.Execute("ALTER TABLE shop_payment_events_gone RENAME TO shop_payment_events").AsTask());

        ((int)answer.StatusCode).ShouldBeGreaterThanOrEqualTo(500);
        (await Send(Event("evt_unstored", "t", null))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Stored("evt_unstored")).ShouldBe(1);
    }

    private string Secret => app.Services.GetRequiredService<SimulatorAccount>().Account.WebhookSecrets[0];

    private static string Event(string id, string type, string? paymentId) => $$"""
        {"id": "{{id}}", "object": "event", "type": "{{type}}", "created": 1792774577,
         "data": {"object": {"id": "cs_1", "object": "checkout.session", "metadata": {"kontor_payment": "{{paymentId}}"} } } }
        """;

    private static string Header(long time, string secret, string body) =>
        $"t={time},v1={Convert.ToHexStringLower(StripeSignature.Sign(secret, time, Encoding.UTF8.GetBytes(body)))}";

    private Task<HttpResponseMessage> Send(string body, bool withLength = true, string path = Address) =>
        Send(body, Header(app.Clock.GetUtcNow().ToUnixTimeSeconds(), Secret, body), withLength, path);

    private async Task<HttpResponseMessage> Send(string body, string? header, bool withLength = true, string path = Address)
    {
        using var client = app.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (header is not null) request.Headers.Add("Stripe-Signature", header);
        request.Headers.TransferEncodingChunked = !withLength;
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await client.SendAsync(request);
    }

    private Task<long> Stored(string id) => app.Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM shop_payment_events WHERE provider = 'simulator' AND event_id = @id", new { id }).AsTask());
}
