using Kontor.Foundation;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop;

public sealed class ShopModule : IModule
{
    public string Name => "shop";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidation();
        services.AddCatalogue();
        services.AddSingleton<Stock>();
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapCatalogue();
    }
}
