using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Home.Sources;

/// <summary>Snapshots that a source pushed and nobody will see, with the reason; for the team to look at. Contents are not kept.</summary>
internal static class Refusals
{
    /// <summary>Of each source; older ones are forgotten.</summary>
    public const int KeptMax = 200;

    /// <param name="Reasons">A JSON array of objects.</param>
    public sealed record Refusal(string Id, string Source, string Key, string UserId, long Version, string Code, string Reasons, long At);

    public static async Task Write(Tx tx, string source, string key, string userId, long version, Problem problem, TimeProvider time)
    {
        var reasons = problem.Extensions.GetValueOrDefault("reasons")
            ?? new[] { new { pointer = "", reason = problem.Detail ?? problem.Title } };
        await tx.Execute("""
            INSERT INTO home_refusals (id, source, key, user_id, version, code, reasons, at)
            VALUES (@id, @source, @key, @userId, @version, @code, @reasons, @at)
            """, new
        {
            id = Ids.New(time),
            source,
            key,
            userId,
            version,
            code = problem.Code,
            reasons = JsonSerializer.Serialize(reasons, JsonSerializerOptions.Web),
            at = time.NowMs(),
        });
        await tx.Execute($"""
            DELETE FROM home_refusals
            WHERE source = @source AND id < (
                SELECT MIN(id) FROM (SELECT id FROM home_refusals WHERE source = @source ORDER BY id DESC LIMIT {KeptMax}) AS latest)
            """, new { source });
    }

    /// <summary>The latest first.</summary>
    public static ValueTask<List<Refusal>> Of(Tx tx, string source) => tx.Query<Refusal>($"""
        SELECT id, source, key, user_id, version, code, reasons, at FROM home_refusals
        WHERE source = @source
        ORDER BY id DESC
        LIMIT {KeptMax}
        """, new { source });
}
