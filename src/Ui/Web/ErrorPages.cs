using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontor.Ui;

/// <summary>A problem becomes a page when a browser asked for one; everybody else gets it as JSON.</summary>
internal sealed class ErrorPages(IOptions<ProblemDetailsOptions> options) : IProblemDetailsWriter
{
    private static readonly string[] ApiPaths = ["/api", "/auth", "/users", "/sync", "/health", "/openapi", "/.well-known"];

    public static bool IsApi(PathString path) => ApiPaths.Any(start => path.StartsWithSegments(start, StringComparison.OrdinalIgnoreCase));

    public bool CanWrite(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        return (http.IsPage() || !IsApi(http.Request.Path))
            && http.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));
    }

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        options.Value.CustomizeProblemDetails?.Invoke(context);
        // The renderer of the page that failed may still wait for its other parts: the error's page has services of its own.
        var services = http.RequestServices;
        await using var scope = services.CreateAsyncScope();
        http.RequestServices = scope.ServiceProvider;
        try
        {
            var problem = context.ProblemDetails;
            await Pages.Render<ErrorPage>(new { Problem = problem }, problem.Status!.Value).ExecuteAsync(http);
        }
        finally
        {
            http.RequestServices = services;
        }
    }
}
