using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Accounts.Administration;

/// <summary>What admins do with people's accounts.</summary>
internal static class AdministrationSetup
{
    public static void AddAdministration(this IServiceCollection services)
    {
        services.AddSingleton(new Role(RoleNames.Customer, "Customer"));
        services.AddSingleton(new Role(RoleNames.Premium, "Premium customer"));
        services.AddSingleton(new Role(RoleNames.Admin, "Administrator"));
        services.AddSingleton<PeopleSearch>();
        services.AddSingleton<SignOuts>();
        services.AddSingleton<AuditTrail>();
        services.AddSingleton<UserFile>();
        services.AddSingleton(new NavigationLink("/admin/users", "People", 70, Admin: true));
        services.AddSingleton(new NavigationLink("/admin/audit", "Audit trail", 80, Admin: true));
    }

    public static void MapAdministration(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/admin").WithTags("Accounts admin").RequireAuthorization(Policies.Admin);
        var users = admin.MapGroup("/users");
        ListUsers.Map(users);
        ShowUser.Map(users);
        ChangeRoles.Map(users);
        LockUser.Map(users);
        UserSessions.Map(users);
        SendReset.Map(users);
        ShowAudit.Map(admin);
        PeoplePages.Map(routes);
    }
}
