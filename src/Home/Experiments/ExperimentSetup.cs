using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Home.Insight;
using Kontor.Home.Sources;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Home.Experiments;

/// <summary>All that experiments are made of.</summary>
internal static class ExperimentSetup
{
    public static void AddExperiments(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<ExperimentEditor>();
        services.AddSingleton<ExperimentDesk>();
        services.AddSingleton<Assignments>();
        services.AddSingleton<IFeedEventReader, Exposures>();
        services.AddSingleton<IPersonalPart, ExperimentPersonalData>();
        services.AddSingleton<IWarmUp, DemoTrials>();
        services.AddHostedService<AssignmentKeeper>();
        foreach (var goal in configuration.GetSection("Home:Goals").Get<GoalEvent[]>() ?? [])
            services.AddSingleton<IEventHandler>(provider => ActivatorUtilities.CreateInstance<ReachGoal>(provider, goal));
    }

    public static void MapExperiments(this RouteGroupBuilder admin)
    {
        AssignVariation.Map(admin);
        ManageExperiments.Map(admin);
        RunExperiment.Map(admin);
        ExperimentHistory.Map(admin);
        ShowResults.Map(admin);
    }
}
