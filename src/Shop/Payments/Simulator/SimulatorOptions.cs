using System.ComponentModel.DataAnnotations;

namespace Kontor.Shop.Payments.Simulator;

/// <summary>
/// What goes wrong with the simulated provider's webhooks, configured under `Shop:Payments:Simulator`. Each number is "every nth"; 0 is
/// never. Buyers choose the rest at its page: cards that are declined, that ask the bank, and a bank that takes its time.
/// </summary>
internal sealed class SimulatorOptions
{
    /// <summary>Sent twice.</summary>
    [Range(0, int.MaxValue)]
    public int DuplicateEvery { get; set; }

    /// <summary>Held back, so that later ones come before it.</summary>
    [Range(0, int.MaxValue)]
    public int ReorderEvery { get; set; }

    /// <summary>Never sent.</summary>
    [Range(0, int.MaxValue)]
    public int DropEvery { get; set; }

    /// <summary>Sent <see cref="LateHours"/> later.</summary>
    [Range(0, int.MaxValue)]
    public int LateEvery { get; set; }

    /// <summary>How late, and how long the slow bank takes.</summary>
    [Range(0, 1000)]
    public int LateHours { get; set; } = 25;

    /// <summary>How long webhooks are held back that are to come in another order.</summary>
    [Range(1, 3600)]
    public int ReorderSeconds { get; set; } = 2;
}

/// <summary>What a buyer wants to see happen to the webhooks of one payment.</summary>
internal enum WebhookFate
{
    AsConfigured,
    Twice,
    Late,
    Never,
}
