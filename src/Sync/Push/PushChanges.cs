using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Sync.Pull;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync.Push;

/// <summary>
/// A device sends what was changed on it; WatermelonDB's `pushChanges`. All of it is taken, or none: a row that changed
/// meanwhile is a 409, after which the client pulls, merges and pushes again. Pushing the same twice is safe.
/// </summary>
public static class PushChanges
{
    /// <summary>How a device asks for conflicts to be decided column by column.</summary>
    private const string Columns = "columns";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <param name="Changes">By table, as the client's `pushChanges` gets them.</param>
    /// <param name="LastPulledAt">As the client's `pushChanges` gets it; may stand in the query instead.</param>
    public sealed record Request(Dictionary<string, PullChanges.TableChanges> Changes, long? LastPulledAt = null);

    /// <param name="ExperimentalRejectedIds">By table: the ids that were not taken and stay unsynced on the device; absent when
    /// there are none.</param>
    /// <param name="Conflicts">What was merged; absent when nothing was. The client takes no notice of it.</param>
    public sealed record Response(
        IReadOnlyDictionary<string, List<string>>? ExperimentalRejectedIds, IReadOnlyList<RowConflict>? Conflicts);

    internal static void Map(RouteGroupBuilder sync) => sync.MapPost("/push", Handle).WithName("PushChanges")
        .Accepts<Request>("application/json", "text/plain").Produces<Response>();

    private static async Task<Results<JsonHttpResult<Dictionary<string, object>>, ProblemHttpResult>> Handle(
        [FromQuery(Name = "last_pulled_at")] string? lastPulledAt, [FromHeader(Name = "X-Sync-Merge")] string? merge, HttpRequest request,
        CurrentUser user, PushReader reader, PushWriter writer, CancellationToken ct)
    {
        if (merge is not (null or "" or Columns)) return PullQuery.Bad("X-Sync-Merge", $"This is {Columns}, or absent.").ToResult();
        if (!PullQuery.TryReadTimestamp(lastPulledAt, out var fromQuery))
            return PullQuery.Bad("last_pulled_at", "This is null, or a timestamp that a pull gave.").ToResult();
        using var body = await ReadBody(request, ct);
        var (push, problem) = reader.Read(body.RootElement);
        if (problem is not null) return problem.ToResult();
        if (fromQuery > 0 && push!.LastPulledAt > 0 && push.LastPulledAt != fromQuery)
            return PullQuery.Bad("last_pulled_at", "The query and the body name different pulls.").ToResult();
        var known = fromQuery > 0 ? fromQuery : push!.LastPulledAt ?? 0;
        (var merged, problem) = await writer.Write((user.Id, user.SessionId, merge == Columns), push!, known, ct);
        if (problem is not null) return problem.ToResult();
        var answer = new Dictionary<string, object>();
        if (push!.Rejected.Count > 0)
        {
            answer["experimentalRejectedIds"] = push.Rejected.GroupBy(row => row.Table.Name, row => row.Row.Id)
                .ToDictionary(table => table.Key, table => table.ToList());
        }

        if (merged!.Count > 0) answer["conflicts"] = merged;
        return TypedResults.Json(answer);
    }

    /// <exception cref="BadHttpRequestException">Not JSON, or a name stands twice in an object: what is meant is open.</exception>
    private static async Task<JsonDocument> ReadBody(HttpRequest request, CancellationToken ct)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(ct);
            if (!read.IsCompleted)
            {
                request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            var body = read.Buffer.ToArray();
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (!Utf8.IsValid(body)) throw new BadHttpRequestException("The body is not UTF-8.");
            return Parse(body);
        }
    }

    private static JsonDocument Parse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(Repair.Surrogates(body), Strict);
        }
        catch (JsonException exception)
        {
            throw new BadHttpRequestException("The body is not JSON.", StatusCodes.Status400BadRequest, exception);
        }
    }
}
