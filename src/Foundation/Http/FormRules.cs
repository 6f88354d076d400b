using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Foundation.Http;

internal static class FormRules
{
    private static readonly Problem FormExpired = new(400, "form-expired", "This form has expired. Go back and try again.");

    /// <summary>The framework only notes that a token is missing, and a handler that reads no form would never ask.</summary>
    public static Task RefuseForgedForms(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false }) return next(context);
        context.Response.StatusCode = FormExpired.Status;
        return context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(
            new ProblemDetailsContext { HttpContext = context, ProblemDetails = FormExpired.ToDetails() }).AsTask();
    }
}
