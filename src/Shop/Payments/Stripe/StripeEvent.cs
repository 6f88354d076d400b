using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Payments;

/// <summary>
/// What a webhook is about. Only that is read: how the payment stands is asked of Stripe, so that an event that comes late, twice or in
/// another order says nothing wrong. https://docs.stripe.com/api/events/object
/// </summary>
internal static class StripeEvent
{
    public static readonly Problem SignatureInvalid =
        new(400, "webhook-signature-invalid", "The signature is missing, wrong or too old.");

    public static readonly Problem Invalid = new(400, "webhook-invalid", "This is not an event.");

    private const int TextLengthMax = 255;

    public static Outcome<ProviderNotice> Read(byte[] body, string paymentMark)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return Read(document.RootElement, paymentMark) is { } notice ? notice : Invalid;
        }
        catch (JsonException)
        {
            return Invalid;
        }
    }

    private static ProviderNotice? Read(JsonElement stored, string paymentMark)
    {
        if (stored.ValueKind != JsonValueKind.Object) return null;
        if (Text(stored, "id") is not { } id || Text(stored, "type") is not { } type) return null;
        if (!stored.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Object) return null;
        if (!data.TryGetProperty("object", out var subject) || subject.ValueKind != JsonValueKind.Object) return null;
        var (kind, subjectId) = (Text(subject, "object"), Text(subject, "id"));
        return new(
            id,
            type,
            subjectId ?? "",
            subject.TryGetProperty("metadata", out var marks) && marks.ValueKind == JsonValueKind.Object ? Text(marks, paymentMark) : null,
            Reference: kind == "checkout.session" ? subjectId : null,
            Intent: kind == "payment_intent" ? subjectId : Text(subject, "payment_intent"),
            CreatedAt: Time(stored, "created"));
    }

    private static long Time(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Number) return 0;
        return value.TryGetInt64(out var seconds) ? Math.Clamp(seconds, 0, long.MaxValue / Clock.Second) * Clock.Second : 0;
    }

    /// <summary>Null when it is missing, no text, or longer than any id of Stripe's.</summary>
    private static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            && value.GetString() is { Length: > 0 and <= TextLengthMax } text && !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : null;
}
