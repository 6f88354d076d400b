using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kontor.Home.Sources;

/// <summary>
/// Leaves in the server's log which admin changed what sources and types may say. Two never have to agree to that, so that it can at
/// least be found out who did it.
/// </summary>
internal sealed partial class AdminTrail(ILogger<AdminTrail> logger) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var result = await next(context);
        var request = context.HttpContext.Request;
        var answer = result is INestedHttpResult nested ? nested.Result : result;
        var isDone = answer is not IStatusCodeHttpResult { StatusCode: >= StatusCodes.Status400BadRequest };
        if (isDone && !HttpMethods.IsGet(request.Method) && CurrentUser.Of(context.HttpContext.User) is { } admin)
            LogChange(admin.Id, request.Method, request.Path);
        return result;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The administrator {UserId} did {Method} {Path}")]
    private partial void LogChange(string userId, string method, PathString path);
}
