using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Home.Sources;

/// <summary>What one folder of Home stores about people.</summary>
internal interface IPersonalPart
{
    Task Export(DataSubject person, ExportWriter export, CancellationToken ct);

    Task Erase(Tx tx, DataSubject person);
}

/// <summary>Which widgets an admin has changed; what a front page shows of people's own lies in the nodes' memory for a while, and
/// where they have phones that sync, in a table.</summary>
internal sealed class HomePersonalData(Database database, IEnumerable<IPersonalPart> parts) : IPersonalData
{
    /// <summary>Raised with a person's id, whom every node's memory is to forget.</summary>
    public const string Signal = "home.person-erased";

    private sealed record Change(string WidgetId, long Version, long At);

    private sealed record Snapshot(string Source, string Key, long Version, string? Content, long ReceivedAt);

    private sealed record Refusal(string Id, string Source, string Key, string Code, string? Payload, long At);

    private sealed record OnPhone(string Id, string Key, string Title, string Content);

    private sealed record Wish(string Id, string Proposal);

    public string Name => "home";

    public string? Stores =>
        "What your home page shows you, knows of your taste and how often you used it. If you administer it: what you changed and propose.";

    public async Task Export(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        await export.List<OnPhone, object>(
            "onPhones",
            (tx, last) => tx.Query<OnPhone>($"""
                SELECT id, key, title, content FROM home_phone_widgets
                WHERE user_id = @userId AND is_deleted = false AND id > @after
                ORDER BY id
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Id ?? "" }),
            one => new { one.Id, one.Key, one.Title, one.Content },
            ct);
        await export.List<Change, object>(
            "changes",
            (tx, last) => tx.Query<Change>($"""
                SELECT widget_id, version, at FROM home_revisions
                WHERE user_id = @userId AND (widget_id, version) > (@widgetId, @version)
                ORDER BY widget_id, version
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, widgetId = last?.WidgetId ?? "", version = last?.Version ?? 0L }),
            one => new { one.WidgetId, one.Version, at = one.At.ToTime() },
            ct);
        await export.List<Wish, object>(
            "proposals",
            (tx, last) => tx.Query<Wish>($"""
                SELECT id, proposal FROM home_widgets
                WHERE proposer_id = @userId AND id > @after
                ORDER BY id
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Id ?? "" }),
            one => new { widgetId = one.Id, one.Proposal },
            ct);
        await ExportPushed(person, export, ct);
        foreach (var part in parts) await part.Export(person, export, ct);
    }

    public Task Erase(DataSubject person, CancellationToken ct) => database.Write(
        async tx =>
        {
            // What was changed stays, as the shop's own; only by whom is forgotten.
            await tx.Execute("UPDATE home_revisions SET user_id = NULL WHERE user_id = @userId", new { userId = person.UserId });
            await tx.Execute("UPDATE home_widgets SET proposer_id = '' WHERE proposer_id = @userId", new { userId = person.UserId });
            await tx.Execute("DELETE FROM home_snapshots WHERE user_id = @userId", new { userId = person.UserId });
            await tx.Execute("DELETE FROM home_refusals WHERE user_id = @userId", new { userId = person.UserId });
            await tx.Execute("DELETE FROM home_phone_widgets WHERE user_id = @userId", new { userId = person.UserId });
            foreach (var part in parts) await part.Erase(tx, person);
            tx.Signal(Signal, person.UserId);
        }, ct);

    private static async Task ExportPushed(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        await export.List<Snapshot, object>(
            "snapshots",
            (tx, last) => tx.Query<Snapshot>($"""
                SELECT source, key, version, content, received_at FROM home_snapshots
                WHERE user_id = @userId AND (source, key) > (@source, @key)
                ORDER BY source, key
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, source = last?.Source ?? "", key = last?.Key ?? "" }),
            one => new
            {
                one.Source,
                one.Key,
                one.Version,
                content = one.Content is null ? null : JsonNode.Parse(one.Content),
                receivedAt = one.ReceivedAt.ToTime(),
            },
            ct);
        await export.List<Refusal, object>(
            "refusals",
            (tx, last) => tx.Query<Refusal>($"""
                SELECT id, source, key, code, payload, at FROM home_refusals
                WHERE user_id = @userId AND id > @after
                ORDER BY id
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Id ?? "" }),
            one => new { one.Source, one.Key, one.Code, one.Payload, at = one.At.ToTime() },
            ct);
    }
}
