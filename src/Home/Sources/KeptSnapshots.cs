using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Home.Feed;
using Kontor.Home.Widgets;

namespace Kontor.Home.Sources;

/// <summary>
/// The last known good of the sources of this process: one row for each widget that is the same for all, written in the background when
/// it has changed, and read before the first request. So the home page of a server that starts is whole, whatever has fallen meanwhile.
/// </summary>
internal sealed class KeptSnapshots(Database database, OfferedWidgets offered)
{
    private readonly ConcurrentDictionary<string, Slot> _changed = new(StringComparer.Ordinal);

    private sealed record Row(string WidgetKey, string Type, string? Content, long AsOf);

    /// <summary>To be written with the next <see cref="Write"/>; costs whoever calls nothing.</summary>
    public void Changed(Slot slot) => _changed[slot.Widget.Key] = slot;

    public async Task Write(CancellationToken ct)
    {
        if (_changed.IsEmpty) return;
        var slots = _changed.ToArray();
        var rows = slots.Where(one => one.Value.Shown is not null).Select(one => new
        {
            key = one.Key,
            type = one.Value.Widget.Type.ToString(),
            content = one.Value.Shown!.Content is { } json ? Encoding.UTF8.GetString(json) : null,
            asOf = one.Value.Shown.AsOf,
        }).ToList();
        // Another node may have asked later, and knows better.
        await database.Write(
            tx => tx.ExecuteEach("""
                INSERT INTO home_kept (widget_key, type, content, as_of)
                VALUES (@key, @type, @content, @asOf)
                ON CONFLICT (widget_key) DO UPDATE
                SET type = excluded.type, content = excluded.content, as_of = excluded.as_of
                WHERE home_kept.as_of < excluded.as_of
                """, rows).AsTask(), ct);
        // One that changed again meanwhile is written again.
        foreach (var (key, slot) in slots) _changed.TryRemove(new(key, slot));
    }

    /// <summary>Puts what was kept where nothing is yet; what its type does not allow any more, or nobody may be shown any more, is
    /// left.</summary>
    public async Task Restore(FeedModel model, long now, CancellationToken ct)
    {
        var rows = await database.Read(
            tx => tx.Query<Row>($"""
                SELECT widget_key, type, content, as_of FROM home_kept
                ORDER BY widget_key
                LIMIT {2 * StoredWidgets.LiveMax}
                """).AsTask(), ct);
        foreach (var row in rows)
        {
            if (offered.Find(row.WidgetKey) is not { Shared: { } slot } widget || row.Type != widget.Type.ToString()) continue;
            if (!model.Types.TryGetValue(widget.Type, out var type)) continue;
            var content = row.Content is null ? null : WidgetContent.Read(JsonElement.Parse(row.Content), type).Value;
            if (row.Content is not null && content is null) continue;
            var snapshot = Snapshot.Of(content, row.AsOf);
            if (now < widget.ShownUntil(snapshot)) slot.Restore(snapshot);
        }
    }
}
