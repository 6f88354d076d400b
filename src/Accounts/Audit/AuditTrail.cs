using System.Globalization;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;

namespace Kontor.Accounts;

/// <summary>One deed.</summary>
/// <param name="By">A person's id, `system`, `command` for the server's console, or `stranger`.</param>
/// <param name="ByEmail">The address that this person has today; null when there is no such account.</param>
/// <param name="Network">From where, shortened; null when nobody asked from anywhere.</param>
/// <param name="Subject">The id of the person whose account it was done to.</param>
/// <param name="SubjectEmail">Likewise.</param>
/// <param name="Details">What else was noted; a JSON object.</param>
public sealed record AuditEntry(
    string Id, DateTimeOffset At, string Action, string By, string? ByEmail, string? Network, string? Subject, string? SubjectEmail,
    JsonElement Details);

/// <param name="NextCursor">Null at the end.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntry> Entries, string? NextCursor);

/// <summary>Reads the audit trail, the newest deed first.</summary>
internal sealed class AuditTrail(Database database)
{
    /// <param name="Subject">Done to this person; null for anybody.</param>
    /// <param name="By">Done by this one; null for anybody.</param>
    /// <param name="Action">Null for any.</param>
    /// <param name="From">Milliseconds since 1970, inclusive.</param>
    /// <param name="Until">Likewise, exclusive.</param>
    /// <param name="Cursor">Of the page before.</param>
    public sealed record Query(
        string? Subject = null, string? By = null, string? Action = null, long? From = null, long? Until = null, string? Cursor = null,
        int Limit = Paging.LimitDefault);

    private sealed record Row(
        long Id, long At, string Action, string Actor, string? ActorEmail, string? Network, string? Subject, string? SubjectEmail,
        string Details);

    /// <returns>Or <see cref="Paging.CursorInvalid"/>.</returns>
    public async Task<Outcome<AuditPage>> List(Query query, CancellationToken ct)
    {
        if (Before(query.Cursor) is not { } before) return Paging.CursorInvalid;
        // One bound for both, which the index follows.
        if (query.Until is { } until && until <= before.At) before = (until, 0);
        var rows = await database.Read(tx => tx.Query<Row>($"""
            SELECT a.id, a.at, a.action, a.actor, by.email AS actor_email, a.network, a.subject, whose.email AS subject_email, a.details
            FROM accounts_audit a
            LEFT JOIN accounts_users by ON by.id = a.actor
            LEFT JOIN accounts_users whose ON whose.id = a.subject
            WHERE (a.at, a.id) < (@at, @id)
            {ConditionsOf(query)}
            ORDER BY a.at DESC, a.id DESC
            LIMIT {query.Limit + 1}
            """, new
        {
            at = before.At,
            id = before.Id,
            subject = query.Subject,
            by = query.By,
            action = query.Action,
            from = query.From,
        }).AsTask(), ct);
        var isLast = rows.Count <= query.Limit;
        if (!isLast) rows.RemoveAt(query.Limit);
        return new AuditPage([.. rows.Select(EntryOf)], isLast ? null : Paging.Encode(Text(rows[^1].At), Text(rows[^1].Id)));
    }

    private static string ConditionsOf(Query query)
    {
        var conditions = new List<string>();
        if (query.Subject is not null) conditions.Add("AND a.subject = @subject");
        if (query.By is not null) conditions.Add("AND a.actor = @by");
        if (query.Action is not null) conditions.Add("AND a.action = @action");
        if (query.From is not null) conditions.Add("AND a.at >= @from");
        return string.Join("\n", conditions);
    }

    private static (long At, long Id)? Before(string? cursor)
    {
        if (string.IsNullOrEmpty(cursor)) return (long.MaxValue, long.MaxValue);
        return Paging.Decode(cursor, parts: 2) is [var at, var id] && Number(at) is { } atMs && Number(id) is { } number
            ? (atMs, number)
            : null;
    }

    private static AuditEntry EntryOf(Row row) => new(
        Text(row.Id), row.At.ToTime(), row.Action, row.Actor, row.ActorEmail, row.Network, row.Subject, row.SubjectEmail,
        JsonElement.Parse(row.Details));

    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
