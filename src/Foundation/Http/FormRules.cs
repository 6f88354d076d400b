using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Foundation.Http;

internal static class FormRules
{
    private static readonly Problem FormExpired = new(400, "form-expired", "This form has expired. Go back and try again.");

    /// <summary>The framework only notes that a token is missing, and a handler that reads no form would never ask.</summary>
    public static Task Check(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: false })
        {
            // The token's check has read the form; the framework looks for this in one kind of form only.
            if (context.Features.Get<IFormFeature>()?.Form is { } form && HasNul(form))
                throw new BadHttpRequestException("The form has a NUL character.");
            return next(context);
        }

        context.Response.StatusCode = FormExpired.Status;
        return context.RequestServices.GetRequiredService<IProblemDetailsService>().WriteAsync(
            new ProblemDetailsContext { HttpContext = context, ProblemDetails = FormExpired.ToDetails() }).AsTask();
    }

    private static bool HasNul(IFormCollection form) =>
        form.Any(field => field.Value.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true));
}
