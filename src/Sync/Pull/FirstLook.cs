using Kontor.Foundation.Security;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Sync.Pull;

/// <summary>
/// Stands before <see cref="PullChanges"/> and answers what most pulls get: nothing new. To bind parameters and results as the framework
/// does would cost more than the look itself. Whatever else a request asks for, also wrongly, is left to the endpoint.
/// </summary>
internal sealed class FirstLook(SyncTables tables, PullReader reader, RequestDelegate endpoint)
{
    public static void PutBefore(EndpointBuilder builder)
    {
        var look = ActivatorUtilities.CreateInstance<FirstLook>(builder.ApplicationServices, builder.RequestDelegate!);
        builder.RequestDelegate = look.Handle;
    }

    private async Task Handle(HttpContext http)
    {
        var query = PullQuery.Read(tables, http.Request.Query).Value;
        var hasAll = query is not null && CurrentUser.Of(http.User) is { } user
            && await reader.IsUpToDate(query, user, http.RequestAborted);
        if (hasAll && query!.WaitSeconds == 0) await PullAnswer.Nothing(tables, query).ExecuteAsync(http);
        else await endpoint(http);
    }
}
