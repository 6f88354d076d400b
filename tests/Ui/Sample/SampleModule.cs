using System.Security.Claims;
using System.Text.Encodings.Web;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Ui.Tests;

/// <summary>A module with a page for every case; `X-User: ada` signs in, `X-User: admin` as an administrator.</summary>
public sealed class SampleModule : IModule
{
    private static readonly Problem Refused = new(409, "sample-refused", "Not like this.");

    private int _done;

    public string Name => "sample";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddAuthentication("Sample").AddScheme<AuthenticationSchemeOptions, HeaderSignIn>("Sample", null);
        services.AddSingleton(new NavigationLink("/gallery/products", "Second", 20));
        services.AddSingleton(new NavigationLink("/gallery", "Sample", 10));
        services.AddSingleton(new NavigationLink("/gallery/admin", "Sample", 10, Admin: true));
        services.AddSingleton(new NavigationLink("/gallery/orders", "Orders", 20, Admin: true));
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages("/gallery");
        pages.MapGet("", () => Pages.Render<GalleryPage>());
        pages.MapGet("/forms", () => Pages.Render<FormsPage>());
        pages.MapGet("/admin", () => Pages.Render<DashboardPage>()).RequireAuthorization(Policies.Admin);
        pages.MapGet("/fails", void () => throw new InvalidOperationException("A secret."));
        pages.MapGet("/fails-while-rendering", () => Pages.Render<FailingPage>());
        pages.MapGet("/refused", () => Refused.ToResult());
        pages.MapPost("/named", ([FromForm] string name) => { _done++; return name; });
        pages.MapPost("/bare", () => { _done++; });
        pages.MapGet("/done", () => _done);
        routes.MapGet("/api/sample/fails", void () => throw new InvalidOperationException("A secret."));
        routes.MapGet("/api/sample/culture", () => 1.5m.ToString("0.0", System.Globalization.CultureInfo.CurrentCulture));
    }

    private sealed class HeaderSignIn(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            // The query signs in for a browser that is only looking.
            var name = (string?)Request.Headers["X-User"] ?? Request.Query["user"];
            if (string.IsNullOrEmpty(name)) return Task.FromResult(AuthenticateResult.NoResult());
            var role = name == "admin" ? RoleNames.Admin : RoleNames.Customer;
            var identity = new ClaimsIdentity(
                [new(Claims.User, name), new(Claims.Name, $"{name} <b>"), new(Claims.Role, role)], "Sample", Claims.Name, Claims.Role);
            return Task.FromResult(AuthenticateResult.Success(new(new ClaimsPrincipal(identity), "Sample")));
        }
    }
}
