using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Planner.Phone;
using Kontor.Planner.Projects;
using Kontor.Planner.Tasks;
using Kontor.Planner.Widgets;
using Microsoft.AspNetCore.Builder;
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
        services.AddSingleton<ProjectsTable>();
        services.AddSingleton<TasksTable>();
        services.AddSingleton<ISyncTable>(provider => provider.GetRequiredService<ProjectsTable>());
        services.AddSingleton<ISyncTable>(provider => provider.GetRequiredService<TasksTable>());
        services.AddSingleton<SharedRows>();
        services.AddSingleton<PlannerView>();
        services.AddSingleton<IDemoData, PlannerDemo>();
        services.AddPersonalData<PlannerPersonalData>();
        services.AddSingleton<IWidgetSource, OpenTasks>();
        services.AddSingleton<IPersonAttributes, PlannerAttributes>();
        services.AddSingleton(new NavigationLink("/planner", "Planner", 40));
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages("/planner");
        pages.RequireAuthorization();
        ShowPlanner.Map(pages);
        AddProject.Map(pages);
        AddTask.Map(pages);
        TickTask.Map(pages);
        DeleteTask.Map(pages);
        DeletedRows.Map(pages);
    }
}
