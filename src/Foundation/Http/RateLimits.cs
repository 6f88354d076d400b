using System.Globalization;
using System.Threading.RateLimiting;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontor.Foundation.Http;

/// <summary>Configured under `Limits`; `KONTOR_LIMITS=off` turns them all off, for benchmarks and tests.</summary>
public sealed class LimitOptions
{
    /// <summary>Requests to `/auth` for each client address in five minutes: enough for an office behind one address.</summary>
    public int AuthPerFiveMinutes { get; set; } = 100;

    /// <summary>Requests to everything else for each user, or each address of strangers, in a minute.</summary>
    public int RequestsPerMinute { get; set; } = 600;

    public bool Off { get; set; }
}

/// <summary>Marks an endpoint outside `/auth` that counts as one of it, because it takes passwords too.</summary>
public sealed class SignInLimitMetadata;

public static class SignInLimit
{
    public static TBuilder LimitedAsSignIn<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new SignInLimitMetadata());
}

internal static class RateLimits
{
    public static readonly Problem TooManyRequests = new(429, "too-many-requests", "Too many requests. Try again later.");

    public static void Add(IServiceCollection services)
    {
        services.AddRateLimiter(_ => { });
        services.AddOptions<RateLimiterOptions>().Configure((RateLimiterOptions limiter, IOptions<LimitOptions> limits) =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(http => PartitionOf(http, limits.Value));
            limiter.OnRejected = Reject;
        });
    }

    private static async ValueTask Reject(OnRejectedContext context, CancellationToken ct)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        var response = context.HttpContext.Response;
        response.StatusCode = TooManyRequests.Status;
        response.Headers.RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        await context.HttpContext.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(
            new ProblemDetailsContext { HttpContext = context.HttpContext, ProblemDetails = TooManyRequests.ToDetails() });
    }

    private static RateLimitPartition<string> PartitionOf(HttpContext http, LimitOptions limits)
    {
        var path = http.Request.Path;
        if (limits.Off || path.StartsWithSegments("/health")) return RateLimitPartition.GetNoLimiter("");
        if (path.StartsWithSegments("/auth") || http.GetEndpoint()?.Metadata.GetMetadata<SignInLimitMetadata>() is not null)
        {
            return RateLimitPartition.GetFixedWindowLimiter($"auth:{ClientNetwork.Of(http).Name}", _ => new()
            {
                PermitLimit = limits.AuthPerFiveMinutes,
                Window = TimeSpan.FromMinutes(5),
            });
        }

        var caller = CurrentUser.Of(http.User)?.Id ?? ClientNetwork.Of(http).Name;
        return RateLimitPartition.GetFixedWindowLimiter(caller, _ => new()
        {
            PermitLimit = limits.RequestsPerMinute,
            Window = TimeSpan.FromMinutes(1),
        });
    }
}
