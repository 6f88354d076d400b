using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Foundation;

/// <summary>
/// One part of Kontor: a platform module or a product. It is the only public class of its project, save Razor components
/// and use-case classes, and reads as the module's table of contents. Its tables are the embedded `Schema/*.sql` files.
/// </summary>
public interface IModule
{
    /// <summary>Lower case, one word; the prefix of the module's tables, events and signals.</summary>
    string Name { get; }

    void AddServices(IServiceCollection services, IConfiguration configuration);

    void MapEndpoints(IEndpointRouteBuilder routes);
}
