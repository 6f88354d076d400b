using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Pricing;

/// <summary>What an order costs beside its goods: codes, shipping, and the tax that is in the price.</summary>
internal static class PricingSetup
{
    public static void AddPricing(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PricingOptions>().Bind(configuration.GetSection("Shop:Pricing")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Coupons>();
        services.AddSingleton<Quotes>();
        services.AddSingleton<CheckoutView>();
    }
}
