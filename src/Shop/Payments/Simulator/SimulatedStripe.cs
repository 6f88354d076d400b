using System.Globalization;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Payments.Simulator;

/// <summary>What the simulated provider answers.</summary>
internal sealed record SimulatorAnswer(int Status, JsonNode Body)
{
    public static SimulatorAnswer Ok(JsonNode body) => new(200, body);

    public static SimulatorAnswer Refused(int status, string code, string message) => new(status, new JsonObject
    {
        ["error"] = new JsonObject { ["type"] = "invalid_request_error", ["code"] = code, ["message"] = message },
    });

    public static SimulatorAnswer Missing(string what, string id) => Refused(404, "resource_missing", $"No such {what}: '{id}'");
}

/// <summary>
/// A double of Stripe for demos and tests: the part of its REST API that <see cref="StripeProvider"/> uses, with the same paths, shapes,
/// states and refusals, reached over HTTP by the very client that reaches Stripe.
/// </summary>
internal sealed class SimulatedStripe(SimulatorStore store, PublicUrl address, IOptions<SimulatorOptions> options, TimeProvider time)
{
    public const string Path = "/simulator";

    private const int PageSizeMax = 100;

    public async Task<SimulatorAnswer> CreateSession(Tx tx, SimulatorForm form)
    {
        if (form["mode"] != "payment" || form["payment_intent_data[capture_method]"] != "manual")
            return SimulatorAnswer.Refused(400, "parameter_unknown", "Only payments that are captured later are simulated.");
        var amount = form.Number("line_items[0][price_data][unit_amount]");
        if (amount is not (>= 50 and <= 99_999_999))
            return SimulatorAnswer.Refused(400, "amount_too_small", "The amount must be between 0.50 and 999,999.99.");
        var now = store.NowSeconds;
        var expiresAt = form.Number("expires_at") ?? now + (24 * 3600);
        if (expiresAt < now + (30 * 60) || expiresAt > now + (24 * 3600) + 60)
            return SimulatorAnswer.Refused(400, "parameter_invalid", "expires_at must be between 30 minutes and 24 hours from now.");
        var id = SimulatorStore.NewId("cs_test");
        var session = new SimulatedSession
        {
            Id = id,
            AmountTotal = amount.Value,
            Currency = form["line_items[0][price_data][currency]"] ?? "eur",
            Title = form["line_items[0][price_data][product_data][name]"] ?? "",
            SuccessUrl = form["success_url"] ?? address.Of("/"),
            CancelUrl = form["cancel_url"] ?? address.Of("/"),
            Url = address.Of($"{Path}/pay/{id}"),
            Metadata = form.Map("metadata"),
            IntentMetadata = form.Map("payment_intent_data[metadata]"),
            Locale = form["locale"],
            CustomerEmail = form["customer_email"],
            ClientReferenceId = form["client_reference_id"],
            ExpiresAt = expiresAt,
            Created = now,
        };
        await store.Add(tx, id, parent: null, session);
        return SimulatorAnswer.Ok(session.View(intent: null));
    }

    public async Task<SimulatorAnswer> FindSession(Tx tx, string id, bool expand)
    {
        if (await Session(tx, id) is not { } session) return SimulatorAnswer.Missing("checkout.session", id);
        return SimulatorAnswer.Ok(await View(tx, session, expand));
    }

    public async Task<SimulatorAnswer> ExpireSession(Tx tx, string id)
    {
        if (await Session(tx, id) is not { } session) return SimulatorAnswer.Missing("checkout.session", id);
        if (session.Status != "open")
            return SimulatorAnswer.Refused(400, "resource_not_open", $"Only open sessions can be expired, and this is {session.Status}.");
        return SimulatorAnswer.Ok(await View(tx, await Expire(tx, session), expand: true));
    }

    public static async Task<SimulatorAnswer> FindIntent(Tx tx, string id, bool expand) =>
        await SimulatorStore.Find<SimulatedIntent>(tx, id) is { } intent
            ? SimulatorAnswer.Ok(intent.View(expand))
            : SimulatorAnswer.Missing("payment_intent", id);

    public async Task<SimulatorAnswer> Capture(Tx tx, string id, SimulatorForm form, bool expand)
    {
        if (await SimulatorStore.Find<SimulatedIntent>(tx, id) is not { } intent) return SimulatorAnswer.Missing("payment_intent", id);
        if (intent.Status != "requires_capture") return UnexpectedState(intent, "captured");
        var amount = form.Number("amount_to_capture") ?? intent.Amount;
        if (amount < 1 || amount > intent.Amount) return SimulatorAnswer.Refused(400, "amount_too_large", "More than was authorised.");
        intent = await Succeed(tx, intent, amount);
        return SimulatorAnswer.Ok(intent.View(expand));
    }

    public async Task<SimulatorAnswer> Cancel(Tx tx, string id, SimulatorForm form, bool expand)
    {
        if (await SimulatorStore.Find<SimulatedIntent>(tx, id) is not { } intent) return SimulatorAnswer.Missing("payment_intent", id);
        var session = await Session(tx, intent.SessionId);
        if (intent.Status is "succeeded" or "canceled" or "processing") return UnexpectedState(intent, "canceled");
        if (session is { Status: "open" })
            return SimulatorAnswer.Refused(400, "payment_intent_unexpected_state", "It belongs to an open session: expire that.");
        intent = intent with { Status = "canceled", CancellationReason = form["cancellation_reason"] };
        await SimulatorStore.Save(tx, id, intent);
        await store.Tell(tx, "payment_intent.canceled", intent.View(withCharge: false), intent.Fate);
        return SimulatorAnswer.Ok(intent.View(expand));
    }

    public async Task<SimulatorAnswer> Refund(Tx tx, SimulatorForm form)
    {
        var id = form["payment_intent"] ?? "";
        if (await SimulatorStore.Find<SimulatedIntent>(tx, id) is not { } intent) return SimulatorAnswer.Missing("payment_intent", id);
        var left = intent.AmountReceived - intent.AmountRefunded;
        var amount = form.Number("amount") ?? left;
        if (left == 0) return SimulatorAnswer.Refused(400, "charge_already_refunded", "Nothing is left of this charge.");
        if (amount < 1 || amount > left) return SimulatorAnswer.Refused(400, "amount_too_large", "More than is left of this charge.");
        var refund = new SimulatedRefund
        {
            Id = SimulatorStore.NewId("re"),
            IntentId = id,
            ChargeId = intent.ChargeId,
            Amount = amount,
            Currency = intent.Currency,
            Metadata = form.Map("metadata"),
            Created = store.NowSeconds,
        };
        intent = intent with { AmountRefunded = intent.AmountRefunded + amount };
        await SimulatorStore.Save(tx, id, intent);
        await store.Add(tx, refund.Id, parent: id, refund);
        await store.Tell(tx, "refund.created", refund.View(), intent.Fate);
        await store.Tell(tx, "charge.refunded", intent.Charge()!, intent.Fate);
        return SimulatorAnswer.Ok(refund.View());
    }

    public static async Task<SimulatorAnswer> ListIntents(Tx tx, SimulatorForm query) => await List<SimulatedIntent>(
        tx, query, parent: null, intent => intent.View(withCharge: query["expand[0]"] == "data.latest_charge"));

    public static async Task<SimulatorAnswer> ListRefunds(Tx tx, SimulatorForm query) =>
        await List<SimulatedRefund>(tx, query, query["payment_intent"], refund => refund.View());

    /// <summary>
    /// The buyer pays with one of the test cards.
    /// </summary>
    /// <param name="card">`success`, `declined`, `funds`, `secure` (the bank asks) or `slow` (the bank answers hours later).</param>
    public async Task<SimulatedIntent?> Pay(Tx tx, string sessionId, string card, WebhookFate fate)
    {
        if (await Session(tx, sessionId) is not { Status: "open" } session) return null;
        var intent = session.IntentId is { } known ? await SimulatorStore.Find<SimulatedIntent>(tx, known) : await Begin(tx, session);
        intent = intent! with { Fate = fate };
        return card switch
        {
            "secure" => await Move(tx, intent with { Status = "requires_action", Declined = null }),
            "declined" => await Decline(tx, intent, "generic_decline"),
            "funds" => await Decline(tx, intent, "insufficient_funds"),
            "slow" => await Process(tx, session, intent),
            _ => await Authorise(tx, session, intent),
        };
    }

    /// <summary>The buyer answers the bank.</summary>
    public async Task<SimulatedIntent?> Answer(Tx tx, string sessionId, bool confirmed)
    {
        if (await Session(tx, sessionId) is not { Status: "open", IntentId: { } intentId } session) return null;
        if (await SimulatorStore.Find<SimulatedIntent>(tx, intentId) is not { Status: "requires_action" } intent) return null;
        return confirmed ? await Authorise(tx, session, intent) : await Decline(tx, intent, "authentication_required");
    }

    /// <summary>A slow bank pays; there is nothing left to capture.</summary>
    public async Task Arrive(Tx tx, string intentId)
    {
        if (await SimulatorStore.Find<SimulatedIntent>(tx, intentId) is { Status: "processing" } intent)
            await Succeed(tx, intent, intent.Amount);
    }

    /// <summary>Judged by the clock whenever somebody looks.</summary>
    public async ValueTask<SimulatedSession?> Session(Tx tx, string id)
    {
        var session = await SimulatorStore.Find<SimulatedSession>(tx, id);
        return session is { Status: "open" } && session.ExpiresAt <= store.NowSeconds ? await Expire(tx, session) : session;
    }

    private async Task<SimulatedSession> Expire(Tx tx, SimulatedSession session)
    {
        var expired = session with { Status = "expired" };
        await SimulatorStore.Save(tx, session.Id, expired);
        var intent = session.IntentId is { } id ? await SimulatorStore.Find<SimulatedIntent>(tx, id) : null;
        if (intent is not null) await Move(tx, intent with { Status = "canceled", CancellationReason = "expired" });
        await store.Tell(tx, "checkout.session.expired", expired.View(session.IntentId), intent?.Fate ?? WebhookFate.AsConfigured);
        return expired;
    }

    private async Task<SimulatedIntent> Begin(Tx tx, SimulatedSession session)
    {
        var intent = new SimulatedIntent
        {
            Id = SimulatorStore.NewId("pi"),
            SessionId = session.Id,
            Amount = session.AmountTotal,
            Currency = session.Currency,
            Metadata = session.IntentMetadata,
            Description = session.Title,
            Created = store.NowSeconds,
            Status = "requires_payment_method",
        };
        await store.Add(tx, intent.Id, parent: session.Id, intent);
        await SimulatorStore.Save(tx, session.Id, session with { IntentId = intent.Id });
        return intent;
    }

    private async Task<SimulatedIntent> Authorise(Tx tx, SimulatedSession session, SimulatedIntent intent)
    {
        intent = await Move(tx, intent with { Status = "requires_capture", ChargeId = SimulatorStore.NewId("ch"), Declined = null });
        await store.Tell(tx, "payment_intent.amount_capturable_updated", intent.View(withCharge: false), intent.Fate);
        await Complete(tx, session, intent);
        return intent;
    }

    private async Task<SimulatedIntent> Process(Tx tx, SimulatedSession session, SimulatedIntent intent)
    {
        intent = await Move(tx, intent with { Status = "processing", ChargeId = SimulatorStore.NewId("ch"), Declined = null });
        await Complete(tx, session, intent);
        var answersAt = time.NowMs() + (options.Value.LateHours * Clock.Hour);
        await store.Plan(tx, SimulatorTask.Bank, intent.Id, "", answersAt);
        return intent;
    }

    private async Task Complete(Tx tx, SimulatedSession session, SimulatedIntent intent)
    {
        var complete = session with { Status = "complete", IntentId = intent.Id };
        await SimulatorStore.Save(tx, session.Id, complete);
        await store.Tell(tx, "checkout.session.completed", complete.View(intent.Id), intent.Fate);
    }

    private async Task<SimulatedIntent> Succeed(Tx tx, SimulatedIntent intent, long amount)
    {
        intent = await Move(tx, intent with { Status = "succeeded", AmountReceived = amount });
        await store.Tell(tx, "payment_intent.succeeded", intent.View(withCharge: false), intent.Fate);
        return intent;
    }

    private async Task<SimulatedIntent> Decline(Tx tx, SimulatedIntent intent, string code)
    {
        intent = await Move(tx, intent with { Status = "requires_payment_method", Declined = code });
        await store.Tell(tx, "payment_intent.payment_failed", intent.View(withCharge: false), intent.Fate);
        return intent;
    }

    private static async Task<SimulatedIntent> Move(Tx tx, SimulatedIntent intent)
    {
        await SimulatorStore.Save(tx, intent.Id, intent);
        return intent;
    }

    private static async Task<JsonObject> View(Tx tx, SimulatedSession session, bool expand)
    {
        if (session.IntentId is not { } id) return session.View(intent: null);
        if (!expand) return session.View(id);
        return session.View((await SimulatorStore.Find<SimulatedIntent>(tx, id))!.View(withCharge: true));
    }

    private static async Task<SimulatorAnswer> List<T>(Tx tx, SimulatorForm query, string? parent, Func<T, JsonObject> view)
    {
        var limit = (int)Math.Clamp(query.Number("limit") ?? 10, 1, PageSizeMax);
        var found = await SimulatorStore.List<T>(
            tx, parent, query.Number("created[gte]") ?? 0, query["starting_after"], limit + 1);
        return SimulatorAnswer.Ok(new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. found.Take(limit).Select(view)]),
            ["has_more"] = found.Count > limit,
        });
    }

    private static SimulatorAnswer UnexpectedState(SimulatedIntent intent, string wanted) => SimulatorAnswer.Refused(
        400, "payment_intent_unexpected_state", $"This PaymentIntent could not be {wanted} because it has a status of {intent.Status}.");
}

/// <summary>The fields of a request, by the names that Stripe gives to nested ones: `metadata[order]`.</summary>
internal sealed class SimulatorForm(IEnumerable<KeyValuePair<string, string>> fields)
{
    private readonly Dictionary<string, string> _fields = new(fields, StringComparer.Ordinal);

    public string? this[string name] => _fields.GetValueOrDefault(name);

    /// <summary>The same request has the same text.</summary>
    public string Text => string.Join(
        '&', _fields.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));

    public long? Number(string name) =>
        long.TryParse(this[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    public Dictionary<string, string> Map(string name) => _fields
        .Where(field => field.Key.StartsWith($"{name}[", StringComparison.Ordinal) && field.Key.EndsWith(']'))
        .ToDictionary(field => field.Key[(name.Length + 1)..^1], field => field.Value);
}
