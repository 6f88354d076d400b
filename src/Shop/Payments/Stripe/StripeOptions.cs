namespace Kontor.Shop.Payments;

/// <summary>
/// Configured under `Shop:Payments:Stripe`, best by the environment: `Shop__Payments__Stripe__SecretKey`. Neither secret is ever logged.
/// </summary>
internal sealed class StripeOptions
{
    /// <summary>
    /// `sk_live_…`, `sk_test_…`, or a restricted key (`rk_…`) that may write checkout sessions, payment intents and refunds.
    /// </summary>
    public string? SecretKey { get; set; }

    /// <summary>`whsec_…` of the webhook endpoint; while it is rotated both, with a comma between.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>Another address than Stripe's own, for a proxy.</summary>
    public Uri BaseUrl { get; set; } = new("https://api.stripe.com");

    /// <summary>How long one request may take; it is made at most three times.</summary>
    public int TimeoutSeconds { get; set; } = 10;
}

/// <summary>With whom a <see cref="StripeClient"/> speaks, and how both prove who they are.</summary>
/// <param name="BaseUrl">Asked for with each request: a server of our own knows its address only once it listens.</param>
internal sealed record StripeAccount(Func<Uri> BaseUrl, string SecretKey, IReadOnlyList<string> WebhookSecrets, TimeSpan Timeout)
{
    public static StripeAccount Of(StripeOptions options) => new(
        () => options.BaseUrl,
        options.SecretKey!,
        options.WebhookSecret!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        TimeSpan.FromSeconds(options.TimeoutSeconds));

    /// <summary>Without the secrets.</summary>
    public override string ToString() => BaseUrl().ToString();
}
