using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Sync.Digest;
using Kontor.Sync.History;
using Kontor.Sync.Live;
using Kontor.Sync.Pull;
using Kontor.Sync.Push;
using Kontor.Sync.Quarantine;
using Kontor.Sync.Shared;
using Kontor.Sync.Status;
using Kontor.Sync.Tables;
using Kontor.Sync.Tombstones;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Sync;

/// <summary>
/// Keeps phones in step with the server, in WatermelonDB's protocol. It knows versions, conflicts and tables, and no product.
/// </summary>
public sealed class SyncModule : IModule
{
    public string Name => "sync";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidation();
        services.AddSingleton<SyncTables>();
        services.AddSingleton<Versions>();
        services.AddSingleton<ISyncVersions>(provider => provider.GetRequiredService<Versions>());
        services.AddSingleton<RowHistory>();
        services.AddSingleton<ISyncHistory>(provider => provider.GetRequiredService<RowHistory>());
        services.AddSingleton<Marks>();
        services.AddSingleton<Positions>();
        services.AddSingleton<LastTimestamps>();
        services.AddSingleton<PullReader>();
        services.AddSingleton<PushReader>();
        services.AddSingleton<PushWriter>();
        services.AddSingleton<Listeners>();
        services.AddSingleton<ICommand, PrintSchema>();
        services.AddSingleton<Devices>();
        services.AddHostedService<DeviceNotes>();
        services.AddSingleton(new NavigationLink(InspectorPages.Address, "Sync", 75, Admin: true));
        services.AddSingleton(new NavigationLink(OwnPages.Address, "Sync and changes", 20, Account: true));
        services.AddPersonalData<SyncPersonalData>();
        services.AddSingleton<TombstonePurge>();
        services.AddHostedService<TombstonePurging>();
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        var sync = routes.MapGroup("/sync").WithTags("Sync").RequireAuthorization();
        PullChanges.Map(sync);
        PushChanges.Map(sync);
        ListenForChanges.Map(sync);
        SyncStatus.Map(sync);
        InspectUser.Map(sync);
        OwnQuarantine.Map(sync);
        OwnHistory.Map(sync);
        RecentChanges.Map(sync);
        CompareDigest.Map(sync);
        InspectorPages.Map(routes);
        OwnPages.Map(routes);
        ListenForChanges.MapForPages(routes.MapPages());
    }
}
