using System.Text.Json.Nodes;

namespace Kontor.Shop.Payments.Simulator;

// The simulated provider's own records, and the JSON that it shows of them, which has Stripe's shapes.

internal sealed record SimulatedSession
{
    public required string Id { get; init; }

    public required long AmountTotal { get; init; }

    public required string Currency { get; init; }

    public required string Title { get; init; }

    public required string SuccessUrl { get; init; }

    public required string CancelUrl { get; init; }

    public required string Url { get; init; }

    public required Dictionary<string, string> Metadata { get; init; }

    public required Dictionary<string, string> IntentMetadata { get; init; }

    public string? Locale { get; init; }

    public string? CustomerEmail { get; init; }

    public string? ClientReferenceId { get; init; }

    public required long ExpiresAt { get; init; }

    public required long Created { get; init; }

    /// <summary>`open`, `complete` or `expired`.</summary>
    public string Status { get; init; } = "open";

    /// <summary>Begun when the buyer first tries to pay.</summary>
    public string? IntentId { get; init; }

    public JsonObject View(JsonNode? intent) => new()
    {
        ["id"] = Id,
        ["object"] = "checkout.session",
        ["amount_total"] = AmountTotal,
        ["client_reference_id"] = ClientReferenceId,
        ["created"] = Created,
        ["currency"] = Currency,
        ["customer_email"] = CustomerEmail,
        ["expires_at"] = ExpiresAt,
        ["livemode"] = false,
        ["locale"] = Locale,
        ["metadata"] = SimulatorJson.Of(Metadata),
        ["mode"] = "payment",
        ["payment_intent"] = intent,
        ["payment_method_types"] = new JsonArray("card"),
        ["payment_status"] = "unpaid",
        ["status"] = Status,
        ["success_url"] = SuccessUrl,
        ["cancel_url"] = CancelUrl,
        ["url"] = Status == "open" ? Url : null,
    };
}

internal sealed record SimulatedIntent
{
    public required string Id { get; init; }

    public required string SessionId { get; init; }

    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required Dictionary<string, string> Metadata { get; init; }

    public required string Description { get; init; }

    public required long Created { get; init; }

    /// <summary>`requires_payment_method`, `requires_action`, `processing`, `requires_capture`, `succeeded` or `canceled`.</summary>
    public required string Status { get; init; }

    public string? ChargeId { get; init; }

    public long AmountReceived { get; init; }

    public long AmountRefunded { get; init; }

    public bool IsDisputed { get; init; }

    public string? CancellationReason { get; init; }

    /// <summary>Stripe's `decline_code` of the last attempt.</summary>
    public string? Declined { get; init; }

    public WebhookFate Fate { get; init; }

    public JsonObject View(bool withCharge) => new()
    {
        ["id"] = Id,
        ["object"] = "payment_intent",
        ["amount"] = Amount,
        ["amount_capturable"] = Status == "requires_capture" ? Amount : 0,
        ["amount_received"] = AmountReceived,
        ["cancellation_reason"] = CancellationReason,
        ["capture_method"] = "manual",
        ["created"] = Created,
        ["currency"] = Currency,
        ["description"] = Description,
        ["last_payment_error"] = Declined is null
            ? null
            : new JsonObject { ["type"] = "card_error", ["code"] = "card_declined", ["decline_code"] = Declined },
        ["latest_charge"] = withCharge ? Charge() : ChargeId,
        ["livemode"] = false,
        ["metadata"] = SimulatorJson.Of(Metadata),
        ["status"] = Status,
    };

    public JsonObject? Charge() => ChargeId is null ? null : new()
    {
        ["id"] = ChargeId,
        ["object"] = "charge",
        ["amount"] = Amount,
        ["amount_captured"] = AmountReceived,
        ["amount_refunded"] = AmountRefunded,
        ["captured"] = AmountReceived > 0,
        ["currency"] = Currency,
        ["disputed"] = IsDisputed,
        ["metadata"] = SimulatorJson.Of(Metadata),
        ["payment_intent"] = Id,
        ["refunded"] = AmountRefunded > 0 && AmountRefunded == AmountReceived,
    };
}

internal sealed record SimulatedRefund
{
    public required string Id { get; init; }

    public required string IntentId { get; init; }

    public string? ChargeId { get; init; }

    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required Dictionary<string, string> Metadata { get; init; }

    public required long Created { get; init; }

    public string Status { get; init; } = "succeeded";

    public string? FailureReason { get; init; }

    public JsonObject View() => new()
    {
        ["id"] = Id,
        ["object"] = "refund",
        ["amount"] = Amount,
        ["charge"] = ChargeId,
        ["created"] = Created,
        ["currency"] = Currency,
        ["failure_reason"] = FailureReason,
        ["metadata"] = SimulatorJson.Of(Metadata),
        ["payment_intent"] = IntentId,
        ["status"] = Status,
    };
}

internal static class SimulatorJson
{
    public static JsonObject Of(Dictionary<string, string> pairs) =>
        new(pairs.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key, pair.Value)));
}
