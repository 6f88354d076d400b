using System.Buffers;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Payments;

/// <summary>
/// A payment provider says that something happened. It is answered 200 once it is stored, and the payment is due, in one commit; whatever
/// else happens, the provider says it again. The same event twice is one.
/// </summary>
public static class ReceiveWebhook
{
    private const int BodyBytesMax = 256 * 1024;

    private static readonly Problem ProviderUnknown = new(404, "not-found", "There is no such payment provider.");
    private static readonly Problem TooLarge = new(413, "body-too-large", "The body is too large.");

    /// <param name="Received">Always true: what is not stored is not answered 200.</param>
    public sealed record Response(bool Received);

    internal static void Map(IEndpointRouteBuilder routes) => routes.MapPost("/api/payments/webhooks/{provider}", Handle)
        .WithName("ReceiveWebhook").WithTags("Payments").WithoutSignIn().DisableRateLimiting();

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        string provider, HttpRequest request, PaymentProviders providers, Database database, TimeProvider time, CancellationToken ct)
    {
        if (providers.Find(provider) is not IOnlineProvider online) return ProviderUnknown.ToResult();
        if (await BodyOf(request, ct) is not { } body) return TooLarge.ToResult();
        var (notice, problem) = online.Read(request.Headers[StripeSignature.Header], body);
        if (problem is not null) return problem.ToResult();
        await database.Write(tx => Store(tx, online.Name, notice!, time.NowMs()), ct);
        return TypedResults.Ok(new Response(true));
    }

    /// <summary>Byte for byte as it was signed; null when it is larger than any event.</summary>
    private static async Task<byte[]?> BodyOf(HttpRequest request, CancellationToken ct)
    {
        if (request.ContentLength > BodyBytesMax) return null;
        var buffer = ArrayPool<byte>.Shared.Rent(BodyBytesMax + 1);
        try
        {
            var length = await request.Body.ReadAtLeastAsync(buffer, BodyBytesMax + 1, throwOnEndOfStream: false, ct);
            return length > BodyBytesMax ? null : buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Every type of event is kept, and none is believed: that something happened is all that is taken from it.</summary>
    private static async Task Store(Tx tx, string provider, ProviderNotice notice, long now)
    {
        var id = notice.PaymentId ?? await tx.First<string>("""
            SELECT id FROM shop_payments WHERE provider = @provider AND reference = @reference
            UNION ALL
            SELECT id FROM shop_payments WHERE provider = @provider AND intent = @intent
            LIMIT 1
            """, new { provider, reference = notice.Reference, intent = notice.Intent });
        var isNew = await tx.Execute("""
            INSERT INTO shop_payment_events (provider, event_id, type, object_id, payment_id, created_at, received_at)
            VALUES (@provider, @eventId, @type, @objectId, @id, @createdAt, @now)
            ON CONFLICT (provider, event_id) DO NOTHING
            """, new
        {
            provider,
            eventId = notice.EventId,
            type = notice.Type,
            objectId = notice.ObjectId,
            id,
            createdAt = notice.CreatedAt,
            now,
        });
        if (isNew == 0 || id is null) return;
        var woken = await tx.Execute(
            "UPDATE shop_payments SET due_at = @now WHERE id = @id AND provider = @provider", new { id, provider, now });
        if (woken > 0) tx.Signal(PaymentBook.Signal);
    }
}
