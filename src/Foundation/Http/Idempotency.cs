using System.Security.Cryptography;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Foundation.Http;

/// <summary>
/// Makes a request that moves stock or money safe to repeat. The endpoint is marked `.Idempotent()`, which tells callers apart by
/// their key;
/// the handler does its work through <see cref="Once"/>, which saves the value it computes in the same commit as the effect. A
/// refusal saves nothing.
/// </summary>
public sealed class Idempotency(TimeProvider time)
{
    internal static readonly Problem KeyReused =
        new(422, "idempotency-key-reused", "This idempotency key was used with another request.");

    internal static readonly Problem KeyInvalid =
        new(400, "idempotency-key-invalid", "An idempotency key has 1 to 255 visible ASCII characters.");

    /// <summary>Null when the caller sent no key, and each request stands for itself.</summary>
    internal IdempotencyKey? Key { get; set; }

    /// <summary>The value is saved, because the caller sent a key.</summary>
    public bool IsSaved => Key is not null;

    /// <summary>The caller's own name for this request; null when there is none. Others may use the same.</summary>
    public string? RequestKey => Key?.Key;

    /// <summary>The value was computed by an earlier request, and nothing was done by this one.</summary>
    public bool Replayed { get; private set; }

    private sealed record Saved(string RequestHash, string Answer);

    /// <summary>Runs the work, or finds the value that it gave the first time. Call it within the transaction that does the work.</summary>
    public async Task<Outcome<T>> Once<T>(Tx tx, Func<Task<Outcome<T>>> work)
    {
        Replayed = false;
        if (Key is not { } key) return await work();
        // Claimed before anything else is read: a second request with this key waits here until the first has ended.
        var claimed = await tx.Execute("""
            INSERT INTO foundation_idempotency (caller, endpoint, key, request_hash, created_at)
            VALUES (@caller, @endpoint, @key, @hash, @now)
            ON CONFLICT (caller, endpoint, key) DO NOTHING
            """, new { caller = key.Caller, endpoint = key.Endpoint, key = key.Key, hash = key.RequestHash, now = time.NowMs() });
        if (claimed == 0) return await Earlier<T>(tx, key);
        var outcome = await work();
        if (outcome.Problem is not null) return outcome;
        await tx.Execute("""
            UPDATE foundation_idempotency SET answer = @answer
            WHERE caller = @caller AND endpoint = @endpoint AND key = @key
            """, new { caller = key.Caller, endpoint = key.Endpoint, key = key.Key, answer = JsonSerializer.Serialize(outcome.Value) });
        return outcome;
    }

    /// <summary>
    /// For erasure: the saved answers to a guest's requests go, and the requests may be done again.
    /// </summary>
    /// <param name="tx">The transaction that erases.</param>
    /// <param name="guest">As a module puts it among the items of a request, see <see cref="IdempotentEndpoints.GuestItem"/>.</param>
    public static ValueTask ForgetGuest(Tx tx, string guest) => Forget(tx, CallerOfGuest(guest));

    internal static string CallerOf(string userId) => $"user:{userId}";

    internal static string CallerOfGuest(object? guest) => $"guest:{guest}";

    internal static async ValueTask Forget(Tx tx, string caller) =>
        await tx.Execute("DELETE FROM foundation_idempotency WHERE caller = @caller", new { caller });

    private async Task<Outcome<T>> Earlier<T>(Tx tx, IdempotencyKey key)
    {
        var saved = await tx.First<Saved>("""
            SELECT request_hash, answer FROM foundation_idempotency
            WHERE caller = @caller AND endpoint = @endpoint AND key = @key
            """, new { caller = key.Caller, endpoint = key.Endpoint, key = key.Key });
        if (saved!.RequestHash != key.RequestHash) return KeyReused;
        Replayed = true;
        return JsonSerializer.Deserialize<T>(saved.Answer)!;
    }
}

internal sealed record IdempotencyKey(string Caller, string Endpoint, string Key, string RequestHash);

/// <summary>Marks an endpoint that honours an idempotency key.</summary>
public sealed class IdempotentMetadata;

public static class IdempotentEndpoints
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotent-Replayed";

    /// <summary>The name of the hidden field by which pages send their key.</summary>
    public const string FormField = "idempotencyKey";

    private const int KeyLengthMax = 255;

    /// <summary>Honours `Idempotency-Key`. The handler takes <see cref="Idempotency"/> and works through its `Once`.</summary>
    public static RouteHandlerBuilder Idempotent(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(new IdempotentMetadata()).AddEndpointFilter(Filter);

    private static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var idempotency = http.RequestServices.GetRequiredService<Idempotency>();
        if (await KeyOf(http.Request) is { } key)
        {
            if (key.Length is 0 or > KeyLengthMax || key.Any(c => c is < '!' or > '~')) return Idempotency.KeyInvalid.ToResult();
            idempotency.Key = new(CallerOf(http), $"{http.Request.Method} {http.Request.Path}", key, HashOf(context.Arguments));
        }

        // The answer is written after this filter, so the header is set as late as the work is known to be a repetition.
        http.Response.OnStarting(() =>
        {
            if (idempotency.Replayed) http.Response.Headers[ReplayedHeader] = "true";
            return Task.CompletedTask;
        });
        return await next(context);
    }

    private static async ValueTask<string?> KeyOf(HttpRequest request)
    {
        if (request.Headers.TryGetValue(Header, out var header)) return header.ToString();
        if (!request.HasFormContentType) return null;
        var form = await request.ReadFormAsync();
        return form.TryGetValue(FormField, out var field) ? field.ToString() : null;
    }

    /// <summary>A guest is told apart by the token of the cart, which a module puts among the items of the request.</summary>
    private static string CallerOf(HttpContext http) => CurrentUser.Of(http.User) is { } user
        ? Idempotency.CallerOf(user.Id)
        : Idempotency.CallerOfGuest(http.Items[GuestItem] ?? http.Connection.RemoteIpAddress);

    /// <summary>Where a module that knows guests puts their token, before the filter runs.</summary>
    public const string GuestItem = "kontor.guest";

    /// <summary>
    /// What was bound from the body or the form; services and identities do not count. Such records are called `Request`.
    /// </summary>
    private static string HashOf(IList<object?> arguments)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var argument in arguments)
        {
            if (argument?.GetType() is { Name: "Request" } type) hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(argument, type));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
