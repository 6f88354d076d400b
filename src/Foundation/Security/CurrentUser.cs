using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Kontor.Foundation.Security;

/// <summary>Who asks, on an endpoint that requires somebody signed in; a handler takes it as a parameter.</summary>
public sealed record CurrentUser(string Id, string SessionId, IReadOnlyList<string> Roles)
{
    public bool IsAdmin => Roles.Contains(RoleNames.Admin);

    public static CurrentUser? Of(ClaimsPrincipal principal) =>
        principal.Identity is { IsAuthenticated: true } && principal.FindFirstValue(Claims.User) is { } id
            ? new(id, principal.FindFirstValue(Claims.Session) ?? "", [.. principal.FindAll(Claims.Role).Select(claim => claim.Value)])
            : null;

    /// <summary>Null on an endpoint that also serves strangers; take it as `CurrentUser?` there.</summary>
    public static ValueTask<CurrentUser?> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context.User));
}

/// <summary>The claims of an access token that modules may rely on.</summary>
public static class Claims
{
    public const string User = "sub";
    public const string Session = "sid";
    public const string Role = "roles";
    public const string Name = "name";
}

public static class RoleNames
{
    public const string Customer = "customer";
    public const string Premium = "premium";
    public const string Admin = "admin";
}
