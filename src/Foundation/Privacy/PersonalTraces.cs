using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Foundation.Privacy;

/// <summary>What the ground itself keeps for a while: events, and answers that a repeated request gets again.</summary>
internal sealed class PersonalTraces(Database database) : IPersonalData
{
    private sealed record Event(string Id, string Name, string Payload, long CreatedAt);

    private sealed record Saved(string Endpoint, string Key, string? Answer, long CreatedAt);

    public string Name => "foundation";

    public string? Stores =>
        "For a week, what your actions told other parts of this site; for a day, answers that keep things from being done twice.";

    public async Task Export(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        await export.List<Event, object>(
            "events",
            (tx, last) => tx.Query<Event>($"""
                SELECT id, name, payload, created_at FROM foundation_events
                WHERE user_id = @userId AND id > @after
                ORDER BY id
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Id ?? "" }),
            one => new { one.Name, payload = Read(one.Payload), createdAt = one.CreatedAt.ToTime() },
            ct);
        await export.List<Saved, object>(
            "answers",
            (tx, last) => tx.Query<Saved>($"""
                SELECT endpoint, key, answer, created_at FROM foundation_idempotency
                WHERE caller = @caller AND (endpoint, key) > (@endpoint, @key)
                ORDER BY endpoint, key
                LIMIT {ExportWriter.PageRows}
                """, new { caller = Idempotency.CallerOf(person.UserId), endpoint = last?.Endpoint ?? "", key = last?.Key ?? "" }),
            one => new { one.Endpoint, one.Key, answer = Read(one.Answer), createdAt = one.CreatedAt.ToTime() },
            ct);
    }

    public Task Erase(DataSubject person, CancellationToken ct) => database.Write(
        async tx =>
        {
            await Idempotency.Forget(tx, Idempotency.CallerOf(person.UserId));
            await Outbox.Forget(tx, person.UserId);
        }, ct);

    private static JsonNode? Read(string? json) => json is null ? null : JsonNode.Parse(json);
}
