using System.ComponentModel.DataAnnotations;

namespace Kontor.Shop.Payments;

/// <summary>Configured under `Shop:Payments`; checked at start.</summary>
internal sealed class PaymentOptions
{
    /// <summary>
    /// Who takes cards: `stripe`, `simulator` or `none`. By default Stripe where its key is given, else the simulator in a demo, else
    /// nobody.
    /// </summary>
    [AllowedValues(null, "stripe", "simulator", "none")]
    public string? Card { get; set; }

    /// <summary>How often due payments are looked for; what is woken by a webhook does not wait for it.</summary>
    [Range(1, 3600)]
    public int PollSeconds { get; set; } = 5;

    /// <summary>How often the provider's list is compared with ours.</summary>
    [Range(1, 24 * 60)]
    public int ReconcileMinutes { get; set; } = 60;

    /// <summary>How old a payment may be that is still compared; refunds are for four times as long.</summary>
    [Range(1, 90)]
    public int ReconcileDays { get; set; } = 8;
}
