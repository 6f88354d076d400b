using Kontor.Shop.Payments;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>What goes over the wire to Stripe, and what is made of what comes back, against answers as Stripe documents them.</summary>
public sealed class StripeClientTests : IDisposable
{
    private const string Secret = "sk_test_very_secret";

    private static readonly Payment OurPayment = new(
        "01a0-payment", "01a0-order", "stripe", "capturing", 1250, "EUR", "cs_test_1", "pi_1", null, 0, 0, 0, null, null, 0, 0);

    private readonly ScriptedStripe _stripe = new();
    private readonly RecordedLog _log = new();

    public void Dispose() => _stripe.Dispose();

    [Fact]
    public async Task A_payment_begins_as_a_page_whose_money_is_only_authorised()
    {
        _stripe.Answers(200, SessionJson("open", intent: "null"));

        var theirs = await Provider().Start(
            new(OurPayment, "mark-1", "Order K-2026-000001", "ada@example.org", "de", 1_795_000_000_000, "https://shop.example/r"),
            default);

        var sent = _stripe.Requests.ShouldHaveSingleItem();
        sent.Line.ShouldBe("POST https://api.stripe.example/v1/checkout/sessions");
        sent.Headers["Authorization"].ShouldBe($"Bearer {Secret}");
        sent.Headers["Stripe-Version"].ShouldBe(StripeClient.Version);
        sent.Headers["Idempotency-Key"].ShouldBe("01a0-payment");
        sent.Form.ShouldBe(new Dictionary<string, string>
        {
            ["mode"] = "payment",
            ["payment_method_types[0]"] = "card",
            ["line_items[0][quantity]"] = "1",
            ["line_items[0][price_data][currency]"] = "eur",
            ["line_items[0][price_data][unit_amount]"] = "1250",
            ["line_items[0][price_data][product_data][name]"] = "Order K-2026-000001",
            ["payment_intent_data[capture_method]"] = "manual",
            ["payment_intent_data[description]"] = "Order K-2026-000001",
            ["payment_intent_data[metadata][kontor_payment]"] = "01a0-payment",
            ["payment_intent_data[metadata][kontor_shop]"] = "mark-1",
            ["metadata[kontor_payment]"] = "01a0-payment",
            ["metadata[kontor_shop]"] = "mark-1",
            ["client_reference_id"] = "01a0-order",
            ["success_url"] = "https://shop.example/r",
            ["cancel_url"] = "https://shop.example/r",
            ["locale"] = "de",
            ["expires_at"] = "1795000000",
            ["expand[0]"] = "payment_intent.latest_charge",
            ["customer_email"] = "ada@example.org",
        }, ignoreOrder: true);
        theirs.ShouldBe(new ProviderPayment(
            ProviderStatus.Open, "cs_test_1", null, "01a0-payment", 1250, "EUR", Url: "https://checkout.stripe.com/c/pay/cs_test_1"));
    }

    [Theory]
    [InlineData("open", "requires_payment_method", "Open")]
    [InlineData("open", "requires_action", "Open")]
    [InlineData("open", "requires_confirmation", "Open")]
    [InlineData("complete", "requires_capture", "Authorised")]
    [InlineData("complete", "processing", "Processing")]
    [InlineData("complete", "succeeded", "Captured")]
    [InlineData("complete", "canceled", "Cancelled")]
    [InlineData("complete", "requires_payment_method", "Cancelled")]
    [InlineData("expired", "requires_payment_method", "Cancelled")]
    [InlineData("expired", "canceled", "Cancelled")]
    [InlineData("complete", "something_new", "Processing")]
    public async Task A_session_and_its_intent_are_one_state(string session, string intent, string expected)
    {
        _stripe.Answers(200, SessionJson(session, IntentJson(intent)));
        (await Provider().Find("cs_test_1", default)).Status.ToString().ShouldBe(expected);
        _stripe.Requests.Single().Line.ShouldBe(
            "GET https://api.stripe.example/v1/checkout/sessions/cs_test_1?expand[0]=payment_intent.latest_charge");
    }

    [Fact]
    public async Task What_was_taken_paid_back_disputed_and_declined_is_read()
    {
        _stripe.Answers(200, SessionJson("complete", IntentJson("succeeded", received: 1250, refunded: 250, disputed: true)));
        var theirs = await Provider().Find("cs_test_1", default);
        (theirs.AmountMinor, theirs.CapturedMinor, theirs.RefundedMinor, theirs.KeptMinor, theirs.IsDisputed, theirs.Currency)
            .ShouldBe((1250, 1250, 250, 1000, true, "EUR"));
        (theirs.Intent, theirs.PaymentId, theirs.Error).ShouldBe(("pi_1", "01a0-payment", "insufficient_funds"));
    }

    [Fact]
    public async Task A_page_that_nobody_has_tried_is_over_when_it_has_expired()
    {
        _stripe.Answers(200, SessionJson("expired", "null"));
        (await Provider().Find("cs_test_1", default)).Status.ShouldBe(ProviderStatus.Cancelled);
    }

    [Fact]
    public async Task A_payment_that_Stripe_does_not_know_is_unknown()
    {
        _stripe.Answers(404, """{"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such session"}}""");
        (await Provider().Find("cs_gone", default)).ShouldBe(ProviderPayment.None);
    }

    [Fact]
    public async Task Capture_cancel_and_refund_are_these_requests()
    {
        _stripe.Answers(200, IntentJson("succeeded", received: 1250));
        (await Provider().Capture(OurPayment, default)).CapturedMinor.ShouldBe(1250);
        _stripe.Answers(200, IntentJson("canceled"));
        await Provider().Cancel(OurPayment, new(ProviderStatus.Authorised, Intent: "pi_1"), default);
        _stripe.Answers(200, SessionJson("expired", "null"));
        await Provider().Cancel(OurPayment, new(ProviderStatus.Open), default);
        _stripe.Answers(200, RefundJson("re_1", "succeeded"));
        var refund = new Refund("01a0-refund", OurPayment.Id, "01a0-order", 500, "EUR", "pending", null, "a", null, 0, 0, null, 0);
        (await Provider().Refund(OurPayment, refund, "mark-1", default)).Status.ShouldBe(ProviderRefundStatus.Succeeded);
        _stripe.Answers(200, RefundJson("re_1", "pending"));
        (await Provider().Refund(OurPayment, refund with { Refusals = 2 }, "mark-1", default)).Status
            .ShouldBe(ProviderRefundStatus.Pending);

        _stripe.Requests.Select(sent => $"{sent.Line[(sent.Line.IndexOf("/v1", StringComparison.Ordinal) + 3)..]} {sent.Key}").ShouldBe([
            "/payment_intents/pi_1/capture 01a0-payment-capture", "/payment_intents/pi_1/cancel ",
            "/checkout/sessions/cs_test_1/expire ", "/refunds 01a0-refund", "/refunds 01a0-refund-2",
        ]);
        _stripe.Requests[0].Form["amount_to_capture"].ShouldBe("1250");
        _stripe.Requests[3].Form.ShouldBe(new Dictionary<string, string>
        {
            ["payment_intent"] = "pi_1",
            ["amount"] = "500",
            ["reason"] = "requested_by_customer",
            ["metadata[kontor_refund]"] = "01a0-refund",
            ["metadata[kontor_shop]"] = "mark-1",
        }, ignoreOrder: true);
    }

    [Fact]
    public async Task Lists_are_read_to_their_end_and_others_payments_left_out()
    {
        var (ours, others) = (IntentJson("succeeded"), IntentJson("succeeded", mark: "other"));
        _stripe.Answers(200, $$"""{"object": "list", "has_more": true, "data": [{{others}}, {{ours}}]}""");
        _stripe.Answers(200, $$"""{"object": "list", "has_more": false, "data": [{{IntentJson("requires_capture")}}]}""");

        var found = new List<ProviderStatus>();
        await foreach (var one in Provider().Payments("mark-1", 1_795_000_000_999, default)) found.Add(one.Status);

        found.ShouldBe([ProviderStatus.Captured, ProviderStatus.Authorised]);
        _stripe.Requests.Select(sent => sent.Line.Split('?')[1]).ShouldBe([
            "created[gte]=1795000000&expand[0]=data.latest_charge&limit=100",
            "created[gte]=1795000000&expand[0]=data.latest_charge&limit=100&starting_after=pi_1",
        ]);
    }

    [Theory]
    [InlineData(500, null)]
    [InlineData(503, null)]
    [InlineData(429, null)]
    [InlineData(409, null)]
    [InlineData(400, "true")]
    [InlineData(0, null)]
    public async Task A_request_whose_outcome_is_not_known_is_made_again_with_the_same_key(int status, string? advice)
    {
        _stripe.Answers(status, "", advice);
        _stripe.Answers(status, "", advice);
        _stripe.Answers(200, IntentJson("succeeded", received: 1250));

        (await Provider().Capture(OurPayment, default)).Status.ShouldBe(ProviderStatus.Captured);

        _stripe.Requests.Count.ShouldBe(3);
        _stripe.Requests.Select(sent => sent.Key).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task After_three_times_nobody_knows_and_that_is_said()
    {
        for (var i = 0; i < 3; i++) _stripe.Answers(500, "<html>");
        var failure = await Should.ThrowAsync<ProviderException>(() => Provider().Capture(OurPayment, default));
        (failure.IsRefusal, failure.Code).ShouldBe((false, "http-500"));
        _stripe.Requests.Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(402, "card_declined", "expired_card")]
    [InlineData(400, "payment_intent_unexpected_state", null)]
    [InlineData(404, "resource_missing", null)]
    public async Task A_refusal_is_not_tried_again(int status, string code, string? decline)
    {
        var declineCode = decline is null ? "null" : $"\"{decline}\"";
        _stripe.Answers(status, $$"""
            {"error": {"type": "card_error", "code": "{{code}}", "decline_code": {{declineCode}}, "message": "No."} }
            """);
        var refusal = await Should.ThrowAsync<ProviderException>(() => Provider().Capture(OurPayment, default));
        (refusal.IsRefusal, refusal.Code).ShouldBe((true, decline ?? code));
        _stripe.Requests.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(401, """{"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}""")]
    [InlineData(404, "<html>a proxy's page</html>")]
    [InlineData(500, """{"error": {"type": "api_error"}}""", "false")]
    public async Task A_wrong_key_and_a_strangers_answer_say_nothing_about_what_was_done(int status, string body, string? advice = null)
    {
        _stripe.Answers(status, body, advice);
        (await Should.ThrowAsync<ProviderException>(() => Provider().Capture(OurPayment, default))).IsRefusal.ShouldBeFalse();
        _stripe.Requests.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_given_up_and_asked_for_again()
    {
        for (var i = 0; i < 3; i++) _stripe.Hangs();
        var failure = await Should.ThrowAsync<ProviderException>(
            () => Provider(TimeSpan.FromMilliseconds(50)).Find("cs_test_1", default));
        (failure.IsRefusal, failure.Code).ShouldBe((false, "no-answer"));
        _stripe.Requests.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_broken_answer_is_no_answer()
    {
        _stripe.Answers(200, "{\"id\": \"cs_");
        (await Should.ThrowAsync<ProviderException>(() => Provider().Find("cs_test_1", default))).IsRefusal.ShouldBeFalse();
    }

    [Fact]
    public async Task The_secret_is_nowhere_in_the_log_or_in_what_is_thrown()
    {
        for (var i = 0; i < 3; i++) _stripe.Answers(500, "");
        var failure = await Should.ThrowAsync<ProviderException>(() => Provider().Capture(OurPayment, default));

        _log.Lines.ShouldNotBeEmpty();
        string.Join('\n', _log.Lines).ShouldNotContain(Secret);
        failure.ToString().ShouldNotContain(Secret);
        Account(TimeSpan.Zero).ToString().ShouldNotContain(Secret);
    }

    private StripeProvider Provider(TimeSpan? timeout = null)
    {
        var account = Account(timeout ?? TimeSpan.FromSeconds(10));
        return new("stripe", new StripeClient(account, _stripe, _log), account, null, TimeProvider.System);
    }

    private static StripeAccount Account(TimeSpan timeout) =>
        new(() => new Uri("https://api.stripe.example"), Secret, ["whsec_1"], timeout);

    private static string SessionJson(string status, string intent) => $$"""
        {"id": "cs_test_1", "object": "checkout.session", "amount_total": 1250, "currency": "eur", "status": "{{status}}",
         "payment_status": "unpaid", "payment_intent": {{intent}}, "url": "https://checkout.stripe.com/c/pay/cs_test_1",
         "metadata": {"kontor_payment": "01a0-payment"}, "customer_details": {"email": "ada@example.org"}, "expires_at": 1795000000}
        """;

    private static string IntentJson(
        string status, long received = 0, long refunded = 0, bool disputed = false, string mark = "mark-1") => $$"""
        {"id": "pi_1", "object": "payment_intent", "amount": 1250, "amount_received": {{received}}, "currency": "eur",
         "status": "{{status}}", "last_payment_error": {"code": "card_declined", "decline_code": "insufficient_funds"},
         "latest_charge": {"id": "ch_1", "amount_refunded": {{refunded}}, "disputed": {{(disputed ? "true" : "false")}} },
         "metadata": {"kontor_payment": "01a0-payment", "kontor_shop": "{{mark}}"} }
        """;

    private static string RefundJson(string id, string status) => $$"""
        {"id": "{{id}}", "object": "refund", "amount": 500, "currency": "eur", "payment_intent": "pi_1",
         "status": "{{status}}", "metadata": {} }
        """;
}
