using System.Security.Claims;
using System.Text.Encodings.Web;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Planner;
using Kontor.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Sync.Tests;

/// <summary>
/// Sync and the product that brings its tables. Who asks is what the request says: signing in is another module's business.
/// </summary>
public class SyncApp : KontorApp
{
    protected override IReadOnlyList<IModule> Modules => [new BelievedSignIn(), new SyncModule(), new PlannerModule()];

    public T Service<T>() where T : notnull => Services.GetRequiredService<T>();

    public Person NewPerson(string role = RoleNames.Customer) => new(this, Ids.New(), role);

    private sealed class BelievedSignIn : IModule
    {
        public string Name => "believed";

        public void AddServices(IServiceCollection services, IConfiguration configuration) =>
            services.AddAuthentication("Believed").AddScheme<AuthenticationSchemeOptions, Handler>("Believed", null);

        public void MapEndpoints(IEndpointRouteBuilder routes)
        {
        }
    }

    private sealed class Handler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers.Authorization.ToString().Split(' ') is not ["Believed", var user, var session, var role])
                return Task.FromResult(AuthenticateResult.NoResult());
            Claim[] claims = [new(Claims.User, user), new(Claims.Session, session), new(Claims.Role, role)];
            var principal = new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name, Claims.Name, Claims.Role));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(principal, Scheme.Name)));
        }
    }
}

/// <summary>Somebody with any number of devices.</summary>
public sealed record Person(SyncApp App, string Id, string Role)
{
    public Device NewDevice()
    {
        var http = App.NewClient();
        http.DefaultRequestHeaders.Authorization = new("Believed", $"{Id} {Ids.New()} {Role}");
        return new Device(http);
    }
}
