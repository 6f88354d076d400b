using System.Text.Json;
using Kontor.Foundation.Data;

namespace Kontor.Home.Widgets;

/// <summary>What each widget was after each of its changes, and who changed it.</summary>
internal static class Revisions
{
    /// <summary>Older ones of a widget are forgotten.</summary>
    public const int KeptMax = 100;

    /// <param name="UserId">Null for a source, and for a person who is no more.</param>
    public sealed record Revision(long Version, string? UserId, long At, string Widget);

    /// <param name="userId">Null when its source said something else.</param>
    public static async Task Write(Tx tx, Widget widget, string? userId)
    {
        await tx.Execute("""
            INSERT INTO home_revisions (widget_id, version, user_id, at, widget)
            VALUES (@id, @version, @userId, @at, @json)
            """, new { id = widget.Id, version = widget.Version, userId, at = widget.UpdatedAt, json = WidgetView.Json(widget) });
        await tx.Execute("""
            DELETE FROM home_revisions
            WHERE widget_id = @id AND version <= @version
            """, new { id = widget.Id, version = widget.Version - KeptMax });
    }

    /// <summary>The latest first.</summary>
    public static ValueTask<List<Revision>> Of(Tx tx, string widgetId) => tx.Query<Revision>($"""
        SELECT version, user_id, at, widget FROM home_revisions
        WHERE widget_id = @widgetId
        ORDER BY version DESC
        LIMIT {KeptMax}
        """, new { widgetId });

    public static ValueTask<Revision?> Find(Tx tx, string widgetId, long version) => tx.First<Revision>("""
        SELECT version, user_id, at, widget FROM home_revisions
        WHERE widget_id = @widgetId AND version = @version
        """, new { widgetId, version });

    /// <summary>The members in which two revisions differ, in the order of the later one's.</summary>
    public static IEnumerable<(string Member, JsonElement? Before, JsonElement? After)> Difference(string before, string after)
    {
        var (old, now) = (Members(before), Members(after));
        foreach (var member in now.Keys.Union(old.Keys).Where(member => member is not ("version" or "updatedAt")))
        {
            JsonElement? a = old.TryGetValue(member, out var was) ? was : null;
            JsonElement? b = now.TryGetValue(member, out var next) ? next : null;
            if (a is { } one && b is { } other && JsonElement.DeepEquals(one, other)) continue;
            yield return (member, a, b);
        }
    }

    private static Dictionary<string, JsonElement> Members(string json) => JsonElement.Parse(json).EnumerateObject()
        .Where(member => member.Value.ValueKind != JsonValueKind.Null)
        .ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
}
