using System.Collections.Concurrent;
using System.Text.Json;
using Kontor.Home.Experiments;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Feed;

/// <summary>
/// What a feed says of a widget before its place and its content: the same for all readers of a language and a variation, so
/// thousands of skeletons share a few of them.
/// </summary>
internal sealed class Heads(ExperimentBook experiments)
{
    private readonly ConcurrentDictionary<(string WidgetId, TypeName Type, string Title, char Variation), byte[]> _made = new();

    /// <summary>JSON up to the value of the position.</summary>
    public byte[] Of(FeedWidget one, string title, Projection projection)
    {
        var variation = one.Variations is { Index: >= 0 and var index } ? projection.Variations[index] : ExperimentBook.None;
        return _made.GetOrAdd((one.Widget.Id, one.Widget.Type, title, variation), _ => Make(one, title, projection));
    }

    private byte[] Make(FeedWidget one, string title, Projection projection)
    {
        var widget = one.Widget;
        using var head = new MemoryStream();
        using var json = new Utf8JsonWriter(head);
        json.WriteStartObject();
        json.WriteString("id", widget.Id);
        json.WriteString("key", widget.Key);
        json.WriteString("type", widget.Type.Key);
        json.WriteNumber("version", widget.Type.Version);
        json.WriteString("title", title);
        json.WriteString("slot", JsonNamingPolicy.KebabCaseLower.ConvertName(widget.Target.Slot.ToString()));
        json.WriteStartObject("tracking");
        json.WriteString("source", widget.Source ?? "home");
        json.WriteNumber("revision", widget.Version);
        one.Variations?.Write(json, experiments, projection);
        json.WriteEndObject();
        // Its value, and all that comes after it, differs from feed to feed.
        json.WritePropertyName("position");
        json.Flush();
        return head.ToArray();
    }
}
