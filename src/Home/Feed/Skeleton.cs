using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Kontor.Home.Sources;
using static Kontor.Home.Feed.ExplainHome;

namespace Kontor.Home.Feed;

/// <summary>
/// The part of a feed that all readers of one projection share: which widgets in which order, and what those show that are the same for
/// all.
/// </summary>
internal sealed class Skeleton
{
    private readonly byte[] _hash;
    private readonly byte[] _whole;

    private Skeleton(IReadOnlyList<Part> parts)
    {
        Parts = parts;
        Personal = [.. parts.Where(part => part.HasPersons).Select(part => part.Widget)];
        Offered = [.. Personal.Where(one => one.IsPersonal).Select(one => one.Offered!)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            hash.AppendData(part.Head);
            hash.AppendData(part.Content?.Hash ?? new byte[SHA256.HashSizeInBytes]);
        }

        _hash = hash.GetHashAndReset();
        _whole = Personal.Count > 0 ? [] : Write(Parts, []);
        SharedETag = ETagOf(_hash);
    }

    /// <param name="Head">The widget's JSON up to its position.</param>
    /// <param name="Content">What all are shown; null where only a person's own goes.</param>
    /// <param name="HasPersons">A person's own takes the place of what all are shown.</param>
    internal sealed record Part(FeedWidget Widget, string Title, byte[] Head, Snapshot? Content, bool HasPersons);

    public IReadOnlyList<Part> Parts { get; }

    /// <summary>The widgets of which each person has a snapshot of their own, in the order of the parts.</summary>
    public IReadOnlyList<FeedWidget> Personal { get; }

    /// <summary>Those of them that sources of this process fill, in the same order.</summary>
    public IReadOnlyList<OfferedWidget> Offered { get; }

    /// <summary>Names what is shown, not when it was put together.</summary>
    private string SharedETag { get; }

    public static Skeleton Of(FeedModel model, Projection projection) => new(
        [.. Order(model.Widgets.Where(one => model.Judge(one, projection) == Verdict.Shown)).Select(one =>
        {
            var title = one.Widget.Title(projection.Language);
            return new Part(one, title, HeadOf(one, title), one.IsPersonal ? null : one.Content, one.HasPersons && projection.IsSignedIn);
        })]);

    /// <summary>Slot after slot; within one, by priority as they come, and pinned ones at their places.</summary>
    public static IEnumerable<FeedWidget> Order(IEnumerable<FeedWidget> shown)
    {
        foreach (var slot in shown.GroupBy(one => one.Widget.Target.Slot).OrderBy(slot => slot.Key))
        {
            var places = slot.Where(one => one.Widget.Target.Pin is null).ToList();
            // Each goes where it belongs once those with smaller numbers stand; where two want one place, the more important is first.
            foreach (var pinned in slot.Where(one => one.Widget.Target.Pin is not null).OrderBy(one => one.Widget.Target.Pin))
            {
                var at = Math.Min(pinned.Widget.Target.Pin!.Value, places.Count);
                while (at < places.Count && places[at].Widget.Target.Pin == pinned.Widget.Target.Pin) at++;
                places.Insert(at, pinned);
            }

            foreach (var one in places) yield return one;
        }
    }

    /// <param name="personal">One for each of <see cref="Personal"/>; null where there is none yet.</param>
    public string ETag(IReadOnlyList<Snapshot?> personal)
    {
        if (personal.Count == 0) return SharedETag;
        var hashes = new byte[(personal.Count + 1) * SHA256.HashSizeInBytes];
        _hash.CopyTo(hashes, 0);
        for (var i = 0; i < personal.Count; i++)
        {
            // Nothing to show and not there yet look the same, and are, unless there is something for all behind it.
            if (personal[i] is { } snapshot && (snapshot.Content ?? Personal[i].Content?.Content) is not null)
                snapshot.Hash.CopyTo(hashes, (i + 1) * SHA256.HashSizeInBytes);
        }

        return ETagOf(SHA256.HashData(hashes));
    }

    /// <summary>The `widgets` array, with a person's snapshots in their places.</summary>
    public byte[] Json(IReadOnlyList<Snapshot?> personal) => Personal.Count == 0 ? _whole : Write(Parts, personal);

    /// <summary>The parts that are shown, with what they show.</summary>
    public static IEnumerable<(Part Part, byte[] Content)> Shown(IReadOnlyList<Part> parts, IReadOnlyList<Snapshot?> personal)
    {
        var next = 0;
        foreach (var part in parts)
        {
            var snapshot = part.HasPersons ? personal[next++] ?? part.Content : part.Content;
            if (snapshot?.Content is { } content) yield return (part, content);
        }
    }

    private static byte[] Write(IReadOnlyList<Part> parts, IReadOnlyList<Snapshot?> personal)
    {
        using var json = new MemoryStream(4096);
        json.WriteByte((byte)'[');
        Span<byte> digits = stackalloc byte[11];
        var position = 0;
        foreach (var (part, content) in Shown(parts, personal))
        {
            if (position > 0) json.WriteByte((byte)',');
            json.Write(part.Head);
            Utf8Formatter.TryFormat(position++, digits, out var length);
            json.Write(digits[..length]);
            json.Write(",\"content\":"u8);
            json.Write(content);
            json.WriteByte((byte)'}');
        }

        json.WriteByte((byte)']');
        return json.ToArray();
    }

    private static byte[] HeadOf(FeedWidget one, string title)
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
        json.WriteEndObject();
        // Its value, and all that comes after it, differs from feed to feed.
        json.WritePropertyName("position");
        json.Flush();
        return head.ToArray();
    }

    private static string ETagOf(ReadOnlySpan<byte> hash) => $"\"{Base64Url.EncodeToString(hash[..16])}\"";
}
