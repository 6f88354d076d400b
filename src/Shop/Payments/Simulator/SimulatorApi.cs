using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Payments.Simulator;

/// <summary>The simulated provider over HTTP: Stripe's paths below `/simulator`, its authorisation and its idempotency keys.</summary>
internal static class SimulatorApi
{
    /// <summary>What a request does to the provider's objects. What it answers is kept with it, under the request's key.</summary>
    private delegate Task<SimulatorAnswer> Operation(Tx tx, SimulatorForm form);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup($"{SimulatedStripe.Path}/v1").ExcludeFromDescription().WithoutSignIn().DisableRateLimiting();
        api.MapPost("/checkout/sessions", (HttpContext http, SimulatedStripe stripe) => Post(http, stripe.CreateSession));
        api.MapGet("/checkout/sessions/{id}", (string id, HttpContext http, SimulatedStripe stripe) =>
            Get(http, (tx, form) => stripe.FindSession(tx, id, Expands(form))));
        api.MapPost("/checkout/sessions/{id}/expire", (string id, HttpContext http, SimulatedStripe stripe) =>
            Post(http, (tx, _) => stripe.ExpireSession(tx, id)));
        api.MapGet("/payment_intents", (HttpContext http, CancellationToken _) => Get(http, SimulatedStripe.ListIntents));
        api.MapGet("/payment_intents/{id}", (string id, HttpContext http) =>
            Get(http, (tx, form) => SimulatedStripe.FindIntent(tx, id, Expands(form))));
        api.MapPost("/payment_intents/{id}/capture", (string id, HttpContext http, SimulatedStripe stripe) =>
            Post(http, (tx, form) => stripe.Capture(tx, id, form, Expands(form))));
        api.MapPost("/payment_intents/{id}/cancel", (string id, HttpContext http, SimulatedStripe stripe) =>
            Post(http, (tx, form) => stripe.Cancel(tx, id, form, Expands(form))));
        api.MapPost("/refunds", (HttpContext http, SimulatedStripe stripe) => Post(http, stripe.Refund));
        api.MapGet("/refunds", (HttpContext http, CancellationToken _) => Get(http, SimulatedStripe.ListRefunds));
    }

    private static bool Expands(SimulatorForm form) => form["expand[0]"] is not null;

    private static Task<IResult> Get(HttpContext http, Operation operation) => Run(
        http, new(http.Request.Query.Select(field => KeyValuePair.Create(field.Key, field.Value.ToString()))), operation, key: null);

    private static async Task<IResult> Post(HttpContext http, Operation operation)
    {
        var form = await http.Request.ReadFormAsync();
        return await Run(
            http, new(form.Select(field => KeyValuePair.Create(field.Key, field.Value.ToString()))), operation,
            http.Request.Headers["Idempotency-Key"]);
    }

    private static async Task<IResult> Run(HttpContext http, SimulatorForm form, Operation operation, string? key)
    {
        if (!IsOurs(http)) return Answer(SimulatorAnswer.Refused(401, "api_key_invalid", "Invalid API Key provided."));
        var (database, time) = (http.Service<Database>(), http.Service<TimeProvider>());
        // A read may expire a session, so it is a write here as well.
        var answer = await database.Write(tx => key is null
            ? operation(tx, form)
            : Once(tx, key, $"{http.Request.Path} {form.Text}", time.NowMs(), () => operation(tx, form)));
        return Answer(answer);
    }

    /// <summary>As Stripe does: the first answer to a key is given again, unless it was that the request was wrong.</summary>
    private static async Task<SimulatorAnswer> Once(Tx tx, string key, string request, long now, Func<Task<SimulatorAnswer>> work)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(request)));
        var claimed = await tx.Execute("""
            INSERT INTO shop_simulator_keys (key, request_hash, status, answer, created_at)
            VALUES (@key, @hash, 0, '', @now)
            ON CONFLICT (key) DO NOTHING
            """, new { key, hash, now });
        if (claimed == 0)
        {
            var earlier = await tx.First<Earlier>(
                "SELECT request_hash, status, answer FROM shop_simulator_keys WHERE key = @key", new { key });
            return earlier!.RequestHash == hash
                ? new((int)earlier.Status, JsonNode.Parse(earlier.Answer)!)
                : SimulatorAnswer.Refused(400, "idempotency_error", "This key was used with other parameters.");
        }

        var answer = await work();
        if (answer.Status == 200)
        {
            await tx.Execute(
                "UPDATE shop_simulator_keys SET status = 200, answer = @answer WHERE key = @key",
                new { key, answer = answer.Body.ToJsonString() });
        }
        else
        {
            await tx.Execute("DELETE FROM shop_simulator_keys WHERE key = @key", new { key });
        }

        return answer;
    }

    private sealed record Earlier(string RequestHash, long Status, string Answer);

    private static bool IsOurs(HttpContext http)
    {
        var expected = Encoding.UTF8.GetBytes($"Bearer {http.Service<SimulatorAccount>().Account.SecretKey}");
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(http.Request.Headers.Authorization.ToString()), expected);
    }

    private static IResult Answer(SimulatorAnswer answer) =>
        Results.Text(answer.Body.ToJsonString(), "application/json", Encoding.UTF8, answer.Status);

    private static T Service<T>(this HttpContext http)
        where T : notnull => (T)http.RequestServices.GetService(typeof(T))!;
}
