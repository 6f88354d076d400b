using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Ui;

/// <summary>What every page stands on: components, languages, the stylesheet.</summary>
public static class UiSetup
{
    public static void AddUi(this IServiceCollection services)
    {
        services.AddRazorComponents();
        services.AddSingleton<Texts>();
        services.AddSingleton<Letters>();
        services.AddSingleton<Assets>();
        // First, because the framework's own writer takes every request that accepts anything, as browsers do.
        services.Insert(0, ServiceDescriptor.Singleton<IProblemDetailsWriter, ErrorPages>());
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "kontor_af";
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.HttpOnly = true;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            // `frame-ancestors` of the page's policy says it already, and more strictly.
            options.SuppressXFrameOptionsHeader = true;
        });
    }

    /// <summary>Before everything else, so that the pages of errors have their headers and their language too.</summary>
    public static void UseUi(this IApplicationBuilder app)
    {
        app.Use(PageHeaders.Use);
        app.Use(Languages.Use);
    }

    public static void MapUi(this IEndpointRouteBuilder routes)
    {
        AssetEndpoint.Map(routes);
        Languages.Map(routes);
    }
}
