using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Administration;

/// <summary>An account as admins see it.</summary>
/// <param name="Roles">In alphabetical order.</param>
/// <param name="LockedAt">Null while the person may sign in.</param>
/// <param name="LockedBecause">What the admin said who locked it.</param>
/// <param name="LastSeenAt">Null when the person has had no session lately.</param>
public sealed record Account(
    string Id, string Email, string Name, IReadOnlyList<string> Roles, bool EmailVerified, DateTimeOffset? LockedAt,
    string? LockedBecause, DateTimeOffset CreatedAt, DateTimeOffset? LastSeenAt);

/// <summary>Finds people for admins, for the API and for pages.</summary>
internal sealed class PeopleSearch(Database database)
{
    private sealed record Row(
        string Id, string Email, string Name, bool EmailVerified, long? LockedAt, string? LockedBecause, long CreatedAt,
        long? LastSeenAt);

    private sealed record RoleRow(string UserId, string Role);

    /// <param name="Total">Of all pages.</param>
    public sealed record Page(IReadOnlyList<Account> Users, long Total, string? NextCursor);

    /// <param name="Text">Words that the name or the address begin with; may be empty.</param>
    /// <param name="Role">Null for any.</param>
    /// <param name="IsLocked">Null for either.</param>
    /// <param name="After">The id of the last one seen.</param>
    public sealed record Query(string Text, string? Role, bool? IsLocked, string? After, int Limit);

    public Task<Account?> Find(string id, CancellationToken ct) => database.Snapshot(async tx =>
    {
        var row = await tx.First<Row>($"""
            SELECT {Columns}
            FROM accounts_users u
            WHERE u.id = @id
            """, new { id });
        return row is null ? null : (await WithRoles(tx, [row]))[0];
    }, ct);

    public Task<Page> List(Query query, CancellationToken ct) => database.Snapshot(async tx =>
    {
        var (list, count, values) = StatementsOf(query);
        var rows = await tx.Query<Row>(list, values);
        values.Remove("after");
        var total = await tx.First<long>(count, values);
        var isLast = rows.Count <= query.Limit;
        if (!isLast) rows.RemoveAt(query.Limit);
        return new Page(await WithRoles(tx, rows), total, isLast ? null : Paging.Encode(rows[^1].Id));
    }, ct);

    /// <summary>The newest first: ids are in the order in which people came, so that one index gives both the order and the page.</summary>
    internal static (string List, string Count, Dictionary<string, object?> Values) StatementsOf(Query query)
    {
        var (conditions, values) = ConditionsOf(query);
        var count = $"""
            SELECT COUNT(*)
            FROM accounts_users u
            {Where(conditions)}
            """;
        if (query.After is not null)
        {
            conditions.Add("u.id < @after");
            values["after"] = query.After;
        }

        var list = $"""
            SELECT {Columns}
            FROM accounts_users u
            {Where(conditions)}
            ORDER BY u.id DESC
            LIMIT {query.Limit + 1}
            """;
        return (list, count, values);
    }

    private const string Columns = """
        u.id, u.email, u.name, u.email_verified, u.locked_at, u.locked_because, u.created_at,
            (SELECT MAX(s.last_seen_at) FROM accounts_sessions s WHERE s.user_id = u.id) AS last_seen_at
        """;

    private static (List<string> Conditions, Dictionary<string, object?> Values) ConditionsOf(Query query)
    {
        var conditions = new List<string>();
        var values = new Dictionary<string, object?>();
        foreach (var (i, (word, end)) in PersonWords.Searched(query.Text).Index())
        {
            conditions.Add($"u.id IN (SELECT user_id FROM accounts_words WHERE word >= @word{i} AND word < @end{i})");
            (values[$"word{i}"], values[$"end{i}"]) = (word, end);
        }

        if (query.Role is not null)
        {
            conditions.Add("u.id IN (SELECT user_id FROM accounts_roles WHERE role = @role)");
            values["role"] = query.Role;
        }

        if (query.IsLocked is { } isLocked) conditions.Add(isLocked ? "u.locked_at IS NOT NULL" : "u.locked_at IS NULL");
        return (conditions, values);
    }

    private static string Where(List<string> conditions) =>
        conditions.Count == 0 ? "" : $"WHERE {string.Join("\n  AND ", conditions)}";

    private static async Task<IReadOnlyList<Account>> WithRoles(Tx tx, List<Row> rows)
    {
        var held = await tx.Query<RoleRow>($"""
            SELECT user_id, role
            FROM accounts_roles
            WHERE user_id {tx.Dialect.In("ids")}
            ORDER BY role
            LIMIT {rows.Count * RolesMax}
            """, new { ids = rows.Select(row => row.Id).ToArray() });
        var roles = held.ToLookup(role => role.UserId, role => role.Role, StringComparer.Ordinal);
        return [.. rows.Select(row => AccountOf(row, [.. roles[row.Id]]))];
    }

    private const int RolesMax = 100;

    private static Account AccountOf(Row row, IReadOnlyList<string> roles) => new(
        row.Id, row.Email, row.Name, roles, row.EmailVerified, row.LockedAt?.ToTime(), row.LockedBecause, row.CreatedAt.ToTime(),
        row.LastSeenAt?.ToTime());
}
