using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Foundation.Http;

/// <summary>Marks an endpoint that answers HTML to a browser: its cookie signs in there, and a stranger is sent to `/login`.</summary>
public sealed class PageMetadata;

/// <summary>
/// Marks an endpoint that does not ask who is signed in, because it signs in itself or has keys of its own: whatever token a request
/// carries there is not looked at, not even to refuse it.
/// </summary>
public sealed class WithoutSignInMetadata;

public static class PageEndpoints
{
    /// <summary>A group of pages: left out of the API reference, with antiforgery on every form.</summary>
    public static RouteGroupBuilder MapPages(this IEndpointRouteBuilder routes, string prefix = "") =>
        routes.MapGroup(prefix).WithMetadata(new PageMetadata(), new RequireAntiforgeryTokenAttribute()).ExcludeFromDescription();

    public static TBuilder WithoutSignIn<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new WithoutSignInMetadata());

    public static bool IsPage(this HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<PageMetadata>() is not null;
}

/// <summary>With what an <see cref="IAuthorizationHandler"/> fails whose refusal is not "you may not do this".</summary>
/// <param name="handler">Which fails.</param>
/// <param name="problem">The refusal.</param>
/// <param name="page">Where a visitor can do something about it, and so is sent; null when nowhere.</param>
public sealed class AuthorizationProblem(IAuthorizationHandler handler, Problem problem, string? page = null)
    : AuthorizationFailureReason(handler, problem.Title)
{
    public Problem Problem { get; } = problem;

    public string? Page { get; } = page;
}

/// <summary>Answers 401 and 403 as problems on the API, and sends the visitor of a page to sign in.</summary>
internal sealed class AuthorizationAnswers : IAuthorizationMiddlewareResultHandler
{
    private static readonly Problem Unauthenticated = new(401, "unauthenticated", "Sign in first.");
    private static readonly Problem Forbidden = new(403, "forbidden", "You may not do this.");

    public Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult) =>
        authorizeResult.Succeeded ? next(context) : Refuse(context, authorizeResult);

    private static async Task Refuse(HttpContext context, PolicyAuthorizationResult authorizeResult)
    {
        var reason = authorizeResult.AuthorizationFailure?.FailureReasons.OfType<AuthorizationProblem>().FirstOrDefault();
        var problem = CurrentUser.Of(context.User) is null ? Unauthenticated : reason?.Problem ?? Forbidden;
        if (context.IsPage() && problem == Unauthenticated)
        {
            // To where a form was sent nobody can return: its answer is no page.
            var target = HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString : null;
            context.Response.Redirect(target is null ? "/login" : $"/login?returnUrl={Uri.EscapeDataString(target)}");
            return;
        }

        if (context.IsPage() && reason?.Page is { } page)
        {
            context.Response.Redirect(page);
            return;
        }

        context.Response.StatusCode = problem.Status;
        if (problem == Unauthenticated) context.Response.Headers.WWWAuthenticate = "Bearer";
        await context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(
            new ProblemDetailsContext { HttpContext = context, ProblemDetails = problem.ToDetails() });
    }
}

public static class Policies
{
    /// <summary>`RequireAuthorization(Policies.Admin)`.</summary>
    public const string Admin = RoleNames.Admin;
}
