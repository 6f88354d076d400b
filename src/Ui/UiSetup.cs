using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Ui;

/// <summary>What every page stands on: components, languages, the stylesheet.</summary>
public static class UiSetup
{
    public static void AddUi(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddAntiforgery();
    }

    public static void UseUi(this IApplicationBuilder app)
    {
    }

    public static void MapUi(this IEndpointRouteBuilder routes)
    {
    }
}
