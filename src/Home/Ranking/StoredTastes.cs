using Kontor.Foundation.Data;

namespace Kontor.Home.Ranking;

/// <summary>Writes `home_tastes`. A person's events are taken in one after the other, so none of them is lost to another.</summary>
internal static class StoredTastes
{
    /// <summary>Raised with a person's id when what is known of them changes their feed.</summary>
    public const string Signal = "home.taste";

    private const string Nothing = "'{}', 0, '[]'";
    private const string Columns = "is_on, likes, likes_as_of, seen";

    /// <summary>Null for somebody of whom nothing was ever known.</summary>
    public static ValueTask<PersonalState.Row?> Find(Tx tx, string userId) =>
        tx.First<PersonalState.Row>($"SELECT {Columns} FROM home_tastes WHERE user_id = @userId", new { userId });

    /// <summary>What is known, to be changed; nobody else changes it before this transaction ends.</summary>
    public static async Task<PersonalState.Row> Lock(Tx tx, string userId, long now) =>
        await tx.First<PersonalState.Row>(
            $"SELECT {Columns} FROM home_tastes WHERE user_id = @userId {tx.Dialect.ForUpdate}", new { userId })
        // Two who come first at once: the second waits here, and then reads what the first has written.
        ?? (await tx.First<PersonalState.Row>($"""
            INSERT INTO home_tastes (user_id, is_on, likes, likes_as_of, seen, updated_at)
            VALUES (@userId, true, {Nothing}, @now)
            ON CONFLICT (user_id) DO UPDATE SET user_id = excluded.user_id
            RETURNING {Columns}
            """, new { userId, now }))!;

    /// <param name="tx">Has locked the row.</param>
    /// <param name="userId">Whose it is.</param>
    /// <param name="state">All of it.</param>
    /// <param name="now">Milliseconds since 1970.</param>
    /// <param name="isSeen">The person's next feed may differ; if not, nobody needs to read it again today.</param>
    public static async Task Save(Tx tx, string userId, PersonalState state, long now, bool isSeen)
    {
        var row = state.ToRow();
        await tx.Execute("""
            UPDATE home_tastes
            SET is_on = @isOn, likes = @likes, likes_as_of = @likesAsOf, seen = @seen, updated_at = @now
            WHERE user_id = @userId
            """, new { userId, isOn = row.IsOn, likes = row.Likes, likesAsOf = row.LikesAsOf, seen = row.Seen, now });
        if (isSeen) tx.Signal(Signal, userId);
    }

    /// <summary>Forgets what is known; a person who switched it off stays so.</summary>
    public static async Task Forget(Tx tx, string userId, long now)
    {
        await tx.Execute("""
            UPDATE home_tastes
            SET likes = '{}', likes_as_of = 0, seen = '[]', updated_at = @now
            WHERE user_id = @userId
            """, new { userId, now });
        tx.Signal(Signal, userId);
    }

    /// <summary>Off, nothing is kept but that it is off.</summary>
    public static async Task Switch(Tx tx, string userId, bool isOn, long now)
    {
        await tx.Execute($"""
            INSERT INTO home_tastes (user_id, is_on, likes, likes_as_of, seen, updated_at)
            VALUES (@userId, @isOn, {Nothing}, @now)
            ON CONFLICT (user_id) DO UPDATE
            SET is_on = excluded.is_on, likes = excluded.likes, likes_as_of = excluded.likes_as_of, seen = excluded.seen,
                updated_at = excluded.updated_at
            WHERE home_tastes.is_on <> excluded.is_on
            """, new { userId, isOn, now });
        tx.Signal(Signal, userId);
    }

    public static async Task Erase(Tx tx, string userId)
    {
        await tx.Execute("DELETE FROM home_tastes WHERE user_id = @userId", new { userId });
        tx.Signal(Signal, userId);
    }

}
