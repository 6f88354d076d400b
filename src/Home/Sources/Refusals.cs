using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Home.Sources;

/// <summary>Snapshots of a source that nobody will see, with the reason and what it was; for the team to look at.</summary>
internal static class Refusals
{
    /// <summary>Of each source; older ones are forgotten.</summary>
    public const int KeptMax = 200;

    /// <summary>Enough to find a mistake by; what is longer is cut.</summary>
    public const int PayloadLengthMax = 16 * 1024;

    /// <param name="Key">Empty when it was no snapshot at all.</param>
    /// <param name="Reasons">A JSON array of objects.</param>
    /// <param name="Payload">As it came; null for those that were refused before payloads were kept.</param>
    public sealed record Refusal(
        string Id, string Source, string Key, string UserId, long Version, string Code, string Reasons, long At, string? Payload);

    /// <summary>The same again, as a pull brings it each time, is written once.</summary>
    public static async Task WriteOnce(Tx tx, Incoming refused, Problem problem, string payload, TimeProvider time)
    {
        var there = await tx.First<string>("""
            SELECT id FROM home_refusals
            WHERE source = @source AND key = @key AND version = @version AND code = @code AND payload = @payload
            LIMIT 1
            """, new
        {
            source = refused.Source,
            key = refused.Key,
            version = refused.Version,
            code = problem.Code,
            payload = Cut(payload),
        });
        if (there is null) await Write(tx, refused, problem, payload, time);
    }

    public static async Task Write(Tx tx, Incoming refused, Problem problem, string payload, TimeProvider time)
    {
        var source = refused.Source;
        var reasons = problem.Extensions.GetValueOrDefault("reasons")
            ?? new[] { new { pointer = "", reason = problem.Detail ?? problem.Title } };
        await tx.Execute("""
            INSERT INTO home_refusals (id, source, key, user_id, version, code, reasons, at, payload)
            VALUES (@id, @source, @key, @userId, @version, @code, @reasons, @at, @payload)
            """, new
        {
            id = Ids.New(time),
            source,
            key = refused.Key,
            userId = refused.UserId,
            version = refused.Version,
            code = problem.Code,
            reasons = JsonSerializer.Serialize(reasons, JsonSerializerOptions.Web),
            at = time.NowMs(),
            payload = Cut(payload),
        });
        await tx.Execute($"""
            DELETE FROM home_refusals
            WHERE source = @source AND id < (
                SELECT MIN(id) FROM (SELECT id FROM home_refusals WHERE source = @source ORDER BY id DESC LIMIT {KeptMax}) AS latest)
            """, new { source });
    }

    public static ValueTask<int> Delete(Tx tx, string source) =>
        tx.Execute("DELETE FROM home_refusals WHERE source = @source", new { source });

    /// <summary>The latest first.</summary>
    public static ValueTask<List<Refusal>> Of(Tx tx, string source) => tx.Query<Refusal>($"""
        SELECT id, source, key, user_id, version, code, reasons, at, payload FROM home_refusals
        WHERE source = @source
        ORDER BY id DESC
        LIMIT {KeptMax}
        """, new { source });

    /// <summary>Not between the halves of one character, and without what a database's text cannot have.</summary>
    private static string Cut(string payload)
    {
        var end = Math.Min(payload.Length, PayloadLengthMax);
        if (end < payload.Length && char.IsHighSurrogate(payload[end - 1])) end--;
        return payload[..end].Replace('\0', '\uFFFD');
    }
}
