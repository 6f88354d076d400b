using System.Globalization;
using System.Text.RegularExpressions;
using Kontor.Shop.Checkout;

namespace Kontor.Shop.Pricing;

/// <summary>A way in which an order reaches its buyer.</summary>
internal sealed partial class ShippingMethod
{
    private const long PriceMinorMax = 100_000_000;

    /// <summary>In the API and on orders, for instance `express`.</summary>
    public string Key { get; set; } = "";

    /// <summary>By language; `en` is needed.</summary>
    public Dictionary<string, string> Names { get; set; } = new(StringComparer.Ordinal);

    /// <summary>In minor units.</summary>
    public long PriceMinor { get; set; }

    /// <summary>Costs nothing when the goods cost so much, after a coupon; null for never.</summary>
    public long? FreeFromMinor { get; set; }

    /// <summary>The buyer comes and gets it, so the goods go nowhere.</summary>
    public bool IsPickup { get; set; }

    /// <summary>Where it goes; empty for everywhere.</summary>
    public List<string> Countries { get; set; } = [];

    public static IReadOnlyList<ShippingMethod> Defaults { get; } =
    [
        new() { Key = "standard", Names = { ["en"] = "Standard", ["de"] = "Standard" } },
        new() { Key = "express", Names = { ["en"] = "Express", ["de"] = "Express" }, PriceMinor = 990, FreeFromMinor = 15_000 },
        new() { Key = "pickup", Names = { ["en"] = "Collect in the shop", ["de"] = "Abholung im Laden" }, IsPickup = true },
    ];

    public bool IsValid => KeyForm().IsMatch(Key) && Names.ContainsKey("en") && PriceMinor is >= 0 and <= PriceMinorMax
        && FreeFromMinor is null or > 0 && Countries.TrueForAll(Checkout.Countries.Has);

    /// <summary>In the visitor's language.</summary>
    public string Name => Names.GetValueOrDefault(CultureInfo.CurrentUICulture.TwoLetterISOLanguageName, Names["en"]);

    public bool Reaches(string country) => Countries.Count == 0 || Countries.Contains(country);

    public long PriceFor(long goodsMinor) => goodsMinor >= FreeFromMinor ? 0 : PriceMinor;

    [GeneratedRegex(@"\A[a-z0-9]+(-[a-z0-9]+)*\z")]
    private static partial Regex KeyForm();
}
