using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Waiting;

/// <summary>Waiting for a product of which there is none left.</summary>
internal static class WaitingSetup
{
    public static void AddWaiting(this IServiceCollection services)
    {
        services.AddSingleton<WaitingList>();
        services.AddSingleton<WaitingLink>();
        services.AddSingleton<JoinLine.Joining>();
        services.AddSingleton<IEventHandler, OfferLetters>();
        services.AddSingleton<IInvariant, LinesAddUp>();
        services.AddHostedService<WaitingTidying>();
    }

    public static void MapWaiting(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api").WithTags("Waiting list");
        ListPlaces.Map(api);
        JoinLine.Map(api);
        LeaveLine.Map(api);
        ClaimOffer.Map(api);
    }
}
