using System.Globalization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Kontor.Accounts.Erasure;

/// <summary>All that is stored about a person, for themselves or through an admin: JSON with a member for each module.</summary>
public static class ExportData
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/users/me/export", Own).WithName("ExportOwnData").WithTags("Accounts").RequireAuthorization()
            .Produces(StatusCodes.Status200OK, contentType: "application/json");
        routes.MapGet("/api/admin/users/{id}/export", Any).WithName("ExportData").WithTags("Accounts").RequireAuthorization(Policies.Admin)
            .Produces(StatusCodes.Status200OK, contentType: "application/json");
    }

    internal static Task<Results<Export, ProblemHttpResult>> Own(
        CurrentUser user, Actor by, IUsers users, Audit audit, Database database, TimeProvider time, CancellationToken ct) =>
        Any(user.Id, by, users, audit, database, time, ct);

    private static async Task<Results<Export, ProblemHttpResult>> Any(
        string id, Actor by, IUsers users, Audit audit, Database database, TimeProvider time, CancellationToken ct)
    {
        if (await users.Find(id, ct) is not { } user) return User.Unknown.ToResult();
        // Noted also when its owner does it, who may not be the one who does.
        await database.Write(tx => audit.Record(tx, by, AuditAction.DataExported, id).AsTask(), ct);
        return new Export(new(user.Id, user.EmailVerified ? user.Email.ToLowerInvariant() : null, time.NowMs()));
    }

    /// <summary>Is read and sent page by page; should reading fail on the way, the connection ends before the JSON does.</summary>
    internal sealed class Export(DataSubject person) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var (response, services) = (httpContext.Response, httpContext.RequestServices);
            var date = person.Until.ToTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            response.ContentType = "application/json; charset=utf-8";
            response.Headers.CacheControl = "no-store";
            response.Headers.ContentDisposition =
                new ContentDispositionHeaderValue("attachment") { FileName = $"kontor-{date}.json" }.ToString();
            await ExportWriter.Write(
                person, services.GetServices<IPersonalData>(), services.GetRequiredService<Database>(), response.BodyWriter,
                httpContext.RequestAborted);
        }
    }
}
