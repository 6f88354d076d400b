using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.SignIn;

/// <summary>
/// Step-up: what takes over an account, such as changing its password, wants a sign-in that is not older than ten minutes, so that an
/// open browser or a stolen token is not enough. When that was is kept with the session, which the database is asked for each time.
/// </summary>
internal static class FreshSignIn
{
    public const long AgeMsMax = 10 * Clock.Minute;

    /// <summary>The page that asks for it.</summary>
    public const string Page = "/login/again";

    public static readonly Problem SignInAgain = new(401, "sign-in-again", "Your last sign-in is too long ago for this. Sign in again.");

    /// <summary>RFC 9470: tells a client that another access token alone does not help.</summary>
    private static readonly string Challenge = $"Bearer error=\"insufficient_user_authentication\", max_age=\"{AgeMsMax / Clock.Second}\"";

    /// <summary>
    /// On an endpoint that requires somebody signed in: the API answers <see cref="SignInAgain"/>, a page leads to one that asks and from
    /// there back. The page with the form should carry it too, so that nobody fills in what is then refused.
    /// </summary>
    public static TBuilder WithFreshSignIn<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.AddEndpointFilter<TBuilder, Filter>();

    /// <summary>The same where <see cref="AccountOptions.FreshSignInToEndSessions"/> asks for it, on an endpoint that ends
    /// sessions.</summary>
    public static TBuilder EndsSessions<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.AddEndpointFilter(static (context, next) =>
            context.HttpContext.RequestServices.GetRequiredService<IOptions<AccountOptions>>().Value.FreshSignInToEndSessions
                ? new Filter().InvokeAsync(context, next)
                : next(context));

    /// <summary>In both directions, because clocks are set back.</summary>
    public static bool IsFresh(Authentication authentication, long now) => Math.Abs(now - authentication.At) <= AgeMsMax;

    private sealed class Filter : IEndpointFilter
    {
        public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
        {
            var http = context.HttpContext;
            var user = CurrentUser.Of(http.User) ?? throw new InvalidOperationException("This endpoint does not require a sign-in.");
            var sessions = http.RequestServices.GetRequiredService<ISessions>();
            var now = http.RequestServices.GetRequiredService<TimeProvider>().NowMs();
            // A session that has ended is not fresh either; only requests that were under way get here with one.
            var last = await sessions.LastAuthentication(user.SessionId, user.Id, http.RequestAborted);
            if (last is not null && IsFresh(last, now)) return await next(context);
            if (http.IsPage()) return TypedResults.LocalRedirect($"{Page}?returnUrl={Uri.EscapeDataString(ReturnTo(http.Request))}");
            http.Response.Headers.WWWAuthenticate = Challenge;
            return SignInAgain.ToResult();
        }
    }

    /// <summary>This page, or the one whose form was sent: to where a form goes nobody can return.</summary>
    private static string ReturnTo(HttpRequest request)
    {
        if (HttpMethods.IsGet(request.Method)) return request.Path + request.QueryString;
        return Uri.TryCreate(request.Headers.Referer.ToString(), UriKind.Absolute, out var form) && form.Authority == request.Host.Value
            ? form.PathAndQuery
            : "/account";
    }
}
