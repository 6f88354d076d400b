using Kontor.Foundation;
using Kontor.Foundation.Seams;
using Kontor.Planner.Phone;
using Kontor.Planner.Widgets;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Planner;

/// <summary>Projects and tasks, on the phone and on the web.</summary>
public sealed class PlannerModule : IModule
{
    public string Name => "planner";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ISyncTable, ProjectsTable>();
        services.AddSingleton<ISyncTable, TasksTable>();
        services.AddSingleton<IDemoData, PlannerDemo>();
        services.AddSingleton<IWidgetSource, OpenTasks>();
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
    }
}
