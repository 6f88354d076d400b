using System.Security.Claims;
using Microsoft.AspNetCore.Http;

namespace Kontor.Foundation.Security;

/// <summary>Who asks, on an endpoint that requires somebody signed in; a handler takes it as a parameter.</summary>
/// <param name="Id">The person's.</param>
/// <param name="SessionId">The session's.</param>
/// <param name="Roles">In alphabetical order.</param>
/// <param name="Assurance">How they signed in. Like all of this it is read from the access token, without I/O.</param>
public sealed record CurrentUser(
    string Id, string SessionId, IReadOnlyList<string> Roles, Assurance Assurance = Assurance.OneFactor)
{
    /// <summary>The method that stands for all combinations of two factors (RFC 8176).</summary>
    private const string TwoFactors = "mfa";

    public bool IsAdmin => Roles.Contains(RoleNames.Admin);

    public static CurrentUser? Of(ClaimsPrincipal principal) =>
        principal is SignedInPrincipal signedIn ? signedIn.User : Read(principal);

    internal static CurrentUser? Read(ClaimsPrincipal principal) =>
        principal.Identity is { IsAuthenticated: true } && principal.FindFirstValue(Claims.User) is { } id
            ? new(
                id,
                principal.FindFirstValue(Claims.Session) ?? "",
                [.. principal.FindAll(Claims.Role).Select(claim => claim.Value)],
                principal.HasClaim(Claims.Method, TwoFactors) ? Assurance.TwoFactors : Assurance.OneFactor)
            : null;

    /// <summary>Null on an endpoint that also serves strangers; take it as `CurrentUser?` there.</summary>
    public static ValueTask<CurrentUser?> BindAsync(HttpContext context) => ValueTask.FromResult(Of(context.User));
}

/// <summary>Somebody whose claims do not change: they are read once, for all requests with the same token.</summary>
public sealed class SignedInPrincipal : ClaimsPrincipal
{
    public SignedInPrincipal(ClaimsIdentity identity)
        : base(identity) => User = CurrentUser.Read(this);

    internal CurrentUser? User { get; }
}

/// <summary>How sure it is that a session is its owner's; a gate may ask for the least that it takes.</summary>
public enum Assurance
{
    /// <summary>They know the password, or another service says who they are.</summary>
    OneFactor = 1,

    /// <summary>They also have a device with the second factor, or a passkey that verified them.</summary>
    TwoFactors = 2,
}

/// <summary>The claims of an access token that modules may rely on.</summary>
public static class Claims
{
    public const string User = "sub";
    public const string Session = "sid";
    public const string Role = "roles";

    /// <summary>One that the person has and this session does not, because of how they signed in.</summary>
    public const string WithheldRole = "roles_withheld";

    public const string Method = "amr";
    public const string Name = "name";
}

public static class RoleNames
{
    public const string Customer = "customer";
    public const string Premium = "premium";
    public const string Admin = "admin";
}
