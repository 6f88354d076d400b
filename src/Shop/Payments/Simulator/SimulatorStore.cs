using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Payments.Simulator;

/// <summary>Something that the simulated provider will do by itself.</summary>
internal sealed record SimulatorTask(string Id, string Kind, string Subject, string Body, long Attempts)
{
    public const string Webhook = "webhook";

    /// <summary>A slow bank answers about an intent.</summary>
    public const string Bank = "bank";
}

/// <summary>What the simulated provider keeps. Its tables stand for another company's database, and are read by nobody else.</summary>
internal sealed class SimulatorStore(IOptions<SimulatorOptions> options, TimeProvider time)
{
    /// <summary>Raised when there is something to do.</summary>
    public const string Signal = "shop.simulator";

    private long _webhooks;

    public long NowSeconds => time.NowMs() / Clock.Second;

    /// <summary>As Stripe's: a prefix that says what it names, and something that cannot be guessed.</summary>
    public static string NewId(string prefix) => $"{prefix}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}";

    /// <summary>Locked, so that its next state follows from this one.</summary>
    public static async ValueTask<T?> Find<T>(Tx tx, string id)
        where T : class
    {
        var body = await tx.First<string>(
            $"SELECT body FROM shop_simulator_objects WHERE id = @id AND kind = @kind {tx.Dialect.ForUpdate}",
            new { id, kind = typeof(T).Name });
        return body is null ? null : JsonSerializer.Deserialize<T>(body);
    }

    public async ValueTask Add<T>(Tx tx, string id, string? parent, T body) => await tx.Execute("""
        INSERT INTO shop_simulator_objects (id, kind, parent, body, created_at)
        VALUES (@id, @kind, @parent, @body, @now)
        """, new { id, kind = typeof(T).Name, parent, body = JsonSerializer.Serialize(body), now = time.NowMs() });

    public static async ValueTask Save<T>(Tx tx, string id, T body) => await tx.Execute(
        "UPDATE shop_simulator_objects SET body = @body WHERE id = @id", new { id, body = JsonSerializer.Serialize(body) });

    /// <summary>The newest first, as Stripe lists.</summary>
    /// <param name="parent">Only those of this one; null for all.</param>
    /// <param name="after">The id of the last one of the page before.</param>
    public static async ValueTask<List<T>> List<T>(Tx tx, string? parent, long sinceSeconds, string? after, int limit)
    {
        long? from = after is null
            ? null
            : await tx.First<long?>("SELECT created_at FROM shop_simulator_objects WHERE id = @after", new { after });
        var bodies = await tx.Query<string>($"""
            SELECT body FROM shop_simulator_objects
            WHERE kind = @kind AND created_at >= @since
                {(parent is null ? "" : "AND parent = @parent")}
                {(from is null ? "" : "AND (created_at < @from OR created_at = @from AND id < @after)")}
            ORDER BY created_at DESC, id DESC
            LIMIT @limit
            """, new { kind = typeof(T).Name, parent, since = sinceSeconds * Clock.Second, from, after, limit });
        return [.. bodies.Select(body => JsonSerializer.Deserialize<T>(body)!)];
    }

    /// <summary>Tells the shop of something, with whatever goes wrong on the way.</summary>
    public async ValueTask Tell(Tx tx, string type, JsonObject subject, WebhookFate fate)
    {
        var number = Interlocked.Increment(ref _webhooks);
        var faults = options.Value;
        if (fate == WebhookFate.Never || IsTurn(fate, number, faults.DropEvery)) return;
        var dueAt = time.NowMs();
        if (IsTurn(fate, number, faults.ReorderEvery)) dueAt += faults.ReorderSeconds * Clock.Second;
        if (fate == WebhookFate.Late || IsTurn(fate, number, faults.LateEvery)) dueAt += faults.LateHours * Clock.Hour;
        var happened = new JsonObject
        {
            ["id"] = NewId("evt"),
            ["object"] = "event",
            ["api_version"] = StripeClient.Version,
            ["created"] = NowSeconds,
            ["data"] = new JsonObject { ["object"] = subject },
            ["livemode"] = false,
            ["pending_webhooks"] = 1,
            ["type"] = type,
        }.ToJsonString();
        await Plan(tx, SimulatorTask.Webhook, type, happened, dueAt);
        if (fate == WebhookFate.Twice || IsTurn(fate, number, faults.DuplicateEvery))
            await Plan(tx, SimulatorTask.Webhook, type, happened, dueAt);
    }

    public async ValueTask Plan(Tx tx, string kind, string subject, string body, long dueAt)
    {
        await tx.Execute("""
            INSERT INTO shop_simulator_tasks (id, kind, subject, body, attempts, due_at)
            VALUES (@id, @kind, @subject, @body, 0, @dueAt)
            """, new { id = Ids.New(time), kind, subject, body, dueAt });
        tx.Signal(Signal);
    }

    /// <summary>What a buyer chose for one payment goes before what is configured for all.</summary>
    private static bool IsTurn(WebhookFate fate, long number, int every) =>
        fate == WebhookFate.AsConfigured && every > 0 && number % every == 0;
}
