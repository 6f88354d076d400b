using System.ComponentModel.DataAnnotations;
using Kontor.Shop.Checkout;

namespace Kontor.Shop.Pricing;

/// <summary>Configured under `Shop:Pricing`; checked at start.</summary>
internal sealed class PricingOptions : IValidatableObject
{
    private const int RateMax = 10_000;

    /// <summary>
    /// The tax that prices contain, by the country an order goes to, in hundredths of a percent. Prices are what the buyer pays, whatever
    /// the country: the tax is taken out of them, not put on top.
    /// </summary>
    public Dictionary<string, int> TaxRates { get; set; } = new(StringComparer.Ordinal)
    {
        ["AT"] = 2000,
        ["BE"] = 2100,
        ["DE"] = 1900,
        ["DK"] = 2500,
        ["ES"] = 2100,
        ["FR"] = 2000,
        ["IT"] = 2200,
        ["LU"] = 1700,
        ["NL"] = 2100,
        ["PL"] = 2300,
        ["SE"] = 2500,
    };

    /// <summary>For countries that <see cref="TaxRates"/> does not name: what is exported is free of tax.</summary>
    public int TaxRateElsewhere { get; set; }

    /// <summary>What the buyer chooses from. The first is taken where nothing is chosen.</summary>
    public List<ShippingMethod> Shipping { get; set; } = [];

    public IReadOnlyList<ShippingMethod> Methods => Shipping.Count > 0 ? Shipping : ShippingMethod.Defaults;

    public int TaxRate(string country) => TaxRates.GetValueOrDefault(country, TaxRateElsewhere);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TaxRates.Any(rate => !Countries.Has(rate.Key) || rate.Value is < 0 or > RateMax) || TaxRateElsewhere is < 0 or > RateMax)
            yield return new("Tax rates are 0 to 10000 hundredths of a percent, by two-letter country codes.", [nameof(TaxRates)]);
        if (Methods.Select(method => method.Key).Distinct(StringComparer.Ordinal).Count() != Methods.Count)
            yield return new("Two ways of shipping have the same key.", [nameof(Shipping)]);
        if (Methods.Any(method => !method.IsValid))
        {
            yield return new(
                "A way of shipping has a key (kebab-case), a name in English, a price from 0 and known countries.", [nameof(Shipping)]);
        }
    }
}
