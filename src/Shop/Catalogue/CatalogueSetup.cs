using Kontor.Foundation.Seams;
using Kontor.Shop.Catalogue.Demo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Catalogue;

/// <summary>What is for sale: the public list and the product's own address.</summary>
internal static class CatalogueSetup
{
    public static void AddCatalogue(this IServiceCollection services)
    {
        services.AddSingleton<Products>();
        services.AddSingleton<ProductSearch>();
        services.AddSingleton<CatalogueCache>();
        services.AddSingleton<ProductReader>();
        services.AddSingleton<ProductViews>();
        services.AddHostedService(provider => provider.GetRequiredService<ProductViews>());
        services.AddSingleton<IDemoData, DemoCatalogue>();
    }

    public static void MapCatalogue(this IEndpointRouteBuilder routes)
    {
        var products = routes.MapGroup("/api/products").WithTags("Products");
        ListProducts.Map(products);
        GetProduct.Map(products);
    }
}
