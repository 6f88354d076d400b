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

    /// <summary>Refreshes for each session in five minutes: many more than its parallel requests.</summary>
    public int RefreshesPerFiveMinutes { get; set; } = 100;

    /// <summary>Requests to everything else for each user, or each address of strangers, in a minute.</summary>
    public int RequestsPerMinute { get; set; } = 600;

    public bool Off { get; set; }
}

/// <summary>Marks an endpoint outside `/auth` that counts as one of it, because it takes passwords too.</summary>
public sealed class SignInLimitMetadata;

/// <summary>Marks an endpoint whose requests are counted by <see cref="SignInLimit.CountForSession"/>.</summary>
public sealed class SessionLimitMetadata;

public static class SignInLimit
{
    private static readonly object Session = new();

    /// <summary>Requests are not counted until the endpoint knows for which session they are.</summary>
    public static TBuilder LimitedPerSession<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(new SessionLimitMetadata());

    /// <summary>Counts a request for its session, so that many behind one address do not stand in each other's way; without a session it
    /// counts as any sign-in from its address.</summary>
    /// <returns>Null, or 429 `too-many-requests`.</returns>
    public static Problem? CountForSession(this HttpContext http, string? session)
    {
        http.Items[Session] = session ?? "";
        var limiter = http.RequestServices.GetRequiredService<IOptions<RateLimiterOptions>>().Value.GlobalLimiter;
        using var lease = limiter?.AttemptAcquire(http);
        if (lease is null or { IsAcquired: true }) return null;
        var wait = lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        return ProblemResults.TooManyRequests((long)wait.TotalMilliseconds);
    }

    /// <summary>Null before it was counted; empty when there is none.</summary>
    internal static string? SessionOf(HttpContext http) => http.Items.TryGetValue(Session, out var session) ? (string?)session : null;


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
        if (http.GetEndpoint()?.Metadata.GetMetadata<SessionLimitMetadata>() is not null && SignInLimit.SessionOf(http) is not "")
            return PartitionOfSession(SignInLimit.SessionOf(http), limits);
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

    private static RateLimitPartition<string> PartitionOfSession(string? session, LimitOptions limits) => session is null
        ? RateLimitPartition.GetNoLimiter("")
        : RateLimitPartition.GetFixedWindowLimiter($"session:{session}", _ => new()
        {
            PermitLimit = limits.RefreshesPerFiveMinutes,
            Window = TimeSpan.FromMinutes(5),
        });
}
