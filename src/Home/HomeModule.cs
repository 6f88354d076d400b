using System.Net;
using Kontor.Foundation;
using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Home.Attributes;
using Kontor.Home.Demo;
using Kontor.Home.Experiments;
using Kontor.Home.Feed;
using Kontor.Home.Insight;
using Kontor.Home.Phone;
using Kontor.Home.Preview;
using Kontor.Home.Ranking;
using Kontor.Home.Rules;
using Kontor.Home.Segments;
using Kontor.Home.Simulation;
using Kontor.Home.Sources;
using Kontor.Home.Sources.Pulled;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kontor.Home;

/// <summary>The home feed: what products offer, shown to those who may see it, when it is time.</summary>
public sealed class HomeModule : IModule
{
    public string Name => "home";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidation();
        services.AddOptions<HomeOptions>().Bind(configuration.GetSection("Home"))
            .Configure(options => options.FourEyes = HomeOptions.TeamsIn(configuration.GetSection("Home:FourEyes")))
            .ValidateDataAnnotations()
            .Validate(options => options.FourEyes.All(team => team == "*" || WidgetSettings.IsTeam(team)), HomeOptions.FourEyesWrong)
            .ValidateOnStart();

        services.AddOptions<RankingOptions>().Bind(configuration.GetSection("Home:Ranking")).ValidateDataAnnotations().ValidateOnStart();

        services.AddSingleton<WidgetTypes>();
        services.AddSingleton<TypeEditor>();
        services.AddSingleton<Approval>();
        services.AddSingleton<WidgetEditor>();

        services.AddSingleton<PersonReads>();
        services.AddSingleton<PersonFacts>();
        services.AddSingleton<RecordedReaders>();
        services.AddSingleton<Simulator>();
        services.AddSingleton<DailyReach>();
        services.AddSingleton<IPersonalPart>(provider => provider.GetRequiredService<DailyReach>());
        services.AddSingleton<SegmentEditor>();
        services.AddSingleton<SegmentPaging>();
        services.AddSingleton<IPersonalPart, ToldPersonalData>();

        AddSources(services);
        services.AddInsight();

        services.AddSingleton<FeedModels>();
        services.AddSingleton<Readers>();
        services.AddSingleton<HomeFeed>();
        services.AddSingleton<FeedAnswers>();
        services.AddPreview();
        services.AddSingleton<KnownPersons>();
        services.AddSingleton<CurrentRates>();
        services.AddSingleton<IWarmUp>(provider => provider.GetRequiredService<CurrentRates>());
        services.AddHostedService(provider => provider.GetRequiredService<CurrentRates>());
        services.AddSingleton<FeedOrders>();
        services.AddSingleton<IFeedEventReader, LearnFromEvents>();
        services.AddSingleton<IFeedEventReader, CountViewers>();
        services.AddSingleton<IPersonalPart, ViewersPersonalData>();
        services.AddSingleton<TasteReader>();
        services.AddSingleton<IPersonalPart, TastePersonalData>();
        services.AddSingleton<ISyncTable, PhoneWidgets>();
        services.AddSingleton<IDemoData, DemoHome>();

        services.AddExperiments(configuration);

        services.AddSingleton(new NavigationLink("/", "Home", 0));
        services.AddSingleton(new NavigationLink(ShowTaste.Address, "Your home page", 10, Account: true));
        services.AddSingleton(new NavigationLink("/admin/widgets", "Widgets", 40, Admin: true));
        services.AddSingleton(new NavigationLink("/admin/experiments", "Experiments", 41, Admin: true));
        services.AddSingleton(new NavigationLink("/admin/segments", "Segments", 42, Admin: true));
    }

    private static void AddSources(IServiceCollection services)
    {
        services.AddSingleton<OfferedWidgets>();
        services.AddSingleton<PersonalSnapshots>();
        services.AddSingleton<PushedContent>();
        services.AddSingleton<KeptSnapshots>();
        services.AddSingleton<ContentStates>();
        services.AddSingleton<ContractCheck>();
        services.AddSingleton<VerifyType.Verifier>();
        services.AddSingleton<SourceDesk>();
        services.AddSingleton(new NavigationLink("/admin/types", "Types", 43, Admin: true));
        services.AddSingleton(new NavigationLink("/admin/sources", "Sources", 44, Admin: true));
        services.AddSingleton<KnownAccounts>();
        services.AddSingleton<SnapshotIntake>();
        services.AddSingleton<PullSecrets>();
        services.AddSingleton<PullDeclarations>();
        services.AddSingleton<PullClient>();
        services.TryAddSingleton<ResolveHost>(Dns.GetHostAddressesAsync);
        services.AddHostedService<PullSources>();
        services.AddPersonalData<HomePersonalData>();
        services.AddSingleton<Pulls>();
        services.AddSingleton<Refresher>();
        services.AddHostedService(provider => provider.GetRequiredService<Refresher>());
        services.AddSingleton<IWarmUp, OfferAtStart>();
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        var home = routes.MapGroup("/api/home").WithTags("Home");
        GetHome.Map(home);
        ExplainHome.Map(home);
        PushSnapshot.Map(home);
        TellEvents.Map(home);
        VerifyType.Map(home);
        OwnTaste.Map(home);
        RecordEvents.Map(home);
        DeclareAttribute.Map(home);
        TellPerson.Map(home);

        var admin = routes.MapGroup("/api/admin").WithTags("Home").RequireAuthorization(Policies.Admin);
        ListWidgets.Map(admin);
        CreateWidget.Map(admin);
        ChangeWidget.Map(admin);
        PublishWidget.Map(admin);
        ArchiveWidget.Map(admin);
        WidgetHistory.Map(admin);
        ListTypes.Map(admin);
        var told = admin.MapGroup("").AddEndpointFilter<AdminTrail>();
        ManageTypes.Map(told);
        ManageSources.Map(told);
        ChangeSource.Map(told);
        ListAttributes.Map(admin);
        ManageSegments.Map(admin);
        EvaluateRule.Map(admin);
        SimulateFeed.Map(admin);
        admin.MapExperiments();
        ShowAnalytics.Map(admin);

        var pages = routes.MapPages();
        ShowHome.Map(pages);
        ShowTypes.Map(routes);
        ShowSources.Map(routes);
        ShowTaste.Map(pages);
        ShowPreview.Map(pages);
        RecordHomeEvents.Map(pages);
        var widgets = routes.MapPages("/admin/widgets").RequireAuthorization(Policies.Admin);
        ShowWidgets.Map(widgets);
        NewWidget.Map(widgets);
        EditWidget.Map(widgets);
        ShowRevisions.Map(widgets);
        SegmentPages.Map(routes.MapPages("/admin/segments").RequireAuthorization(Policies.Admin));
        ShowInsight.Map(pages);
        ExperimentPages.Map(pages);
    }
}
