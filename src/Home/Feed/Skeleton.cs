using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kontor.Home.Experiments;
using Kontor.Home.Ranking;
using Kontor.Home.Sources;
using static Kontor.Home.Feed.ExplainHome;

namespace Kontor.Home.Feed;

/// <summary>
/// The part of a feed that all readers of one projection share: which widgets, and what those show that are the same for all. In which
/// order is another matter.
/// </summary>
internal sealed class Skeleton
{
    private const char IsThere = '1';
    private const char IsMissing = '0';

    /// <summary>What it takes in memory, and each part of it, roughly.</summary>
    private const int BytesMin = 600;
    private const int BytesOfPart = 130;

    private static long _count;

    private readonly FeedModel _model;
    private readonly byte[] _hash;
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly Candidate[] _candidates;
    private readonly ConcurrentDictionary<string, OrderMemo> _orders = new(StringComparer.Ordinal);

    private long _bytes;

    private Skeleton(FeedModel model, IReadOnlyList<Part> parts, string mark)
    {
        (_model, Mark, _bytes) = (model, mark, BytesMin + (parts.Count * BytesOfPart));
        Parts = parts;
        Personal = [.. parts.Where(part => part.HasPersons).Select(part => part.Widget)];
        Offered = [.. Personal.Where(one => one.IsPersonal).Select(one => one.Offered!)];
        _candidates = [.. parts.Select(part => part.Widget.Candidate)];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
        {
            _indexes.Add(part.Widget.Widget.Id, _indexes.Count);
            hash.AppendData(part.Head);
            hash.AppendData(part.Content?.Hash ?? new byte[SHA256.HashSizeInBytes]);
        }

        // A client that is told that nothing has changed keeps the feed's id, and with it the mark.
        hash.AppendData(Encoding.ASCII.GetBytes(mark));
        _hash = hash.GetHashAndReset();
    }

    /// <param name="Head">The widget's JSON up to its position.</param>
    /// <param name="Content">What all are shown; null where only a person's own goes.</param>
    /// <param name="Own">Its place among the personal ones, whose content takes the place of what all are shown; -1 for none.</param>
    internal sealed record Part(FeedWidget Widget, string Title, byte[] Head, Snapshot? Content, int Own)
    {
        public bool HasPersons => Own >= 0;
    }

    private static ReadOnlySpan<byte> BeforeContent => ",\"content\":"u8;

    /// <summary>No other skeleton of this process has it.</summary>
    public long Number { get; } = Interlocked.Increment(ref _count);

    public IReadOnlyList<Part> Parts { get; }

    /// <summary>In memory, roughly, with its shared orders and their texts.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Ends the id of each feed that is made of it.</summary>
    public string Mark { get; }

    /// <summary>The widgets of which each person has a snapshot of their own, in the order of the parts.</summary>
    public IReadOnlyList<FeedWidget> Personal { get; }

    /// <summary>Those of them that sources of this process fill, in the same order.</summary>
    public IReadOnlyList<OfferedWidget> Offered { get; }

    public static Skeleton Of(FeedModel model, Projection projection)
    {
        var own = 0;
        var shown = model.Widgets.Select(one => one.For(projection)).Where(one => model.Judge(one, projection) == Verdict.Shown);
        return new(model, [.. shown.Select(unformed =>
        {
            var one = model.Formed(unformed, projection);
            var title = one.Widget.Title(projection.Language);
            var hasPersons = one.HasPersons && projection.IsSignedIn;
            var head = model.Heads.Of(one, title, projection);
            return new Part(one, title, head, one.IsPersonal ? null : one.Content, hasPersons ? own++ : -1);
        })], FeedMark.Of(model.Experiments, projection.Variations));
    }

    /// <summary>The numbers of the parts that were placed, from the top of the feed down.</summary>
    public ushort[] PlacesOf(Arrangement arranged) => [.. arranged.Placed.Select(one => (ushort)_indexes[one.Widget.Id])];

    /// <summary>The orders of those in a segment who have none of their own.</summary>
    public OrderMemo SharedOrders(string segment) => _orders.GetOrAdd(segment, static _ => new());

    public void Grow(int bytes)
    {
        Interlocked.Add(ref _bytes, bytes);
        _model.Grow(bytes);
    }

    /// <summary>Which of the personal widgets have something to show: one sign for each.</summary>
    /// <param name="personal">One for each of <see cref="Personal"/>; null where there is none yet.</param>
    public string Present(IReadOnlyList<Snapshot?> personal) => personal.Count == 0
        ? ""
        : string.Create(personal.Count, (Personal, personal), static (signs, one) =>
        {
            // What is there and empty is empty for this person, whatever all are shown.
            for (var i = 0; i < signs.Length; i++)
                signs[i] = (one.personal[i] ?? Shared(one.Personal[i]))?.Content is null ? IsMissing : IsThere;
        });

    /// <summary>What has something to show; the others take no place.</summary>
    public IReadOnlyList<Candidate> Candidates(string present) =>
        present.Contains(IsMissing)
            ? [.. _candidates.Where((_, i) => Parts[i].Own is var own && (own < 0 || present[own] == IsThere))]
            : _candidates;

    /// <summary>Names what is shown and in which order, not when it was put together.</summary>
    public string ETag(FeedOrder order, IReadOnlyList<Snapshot?> personal)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_hash);
        hash.AppendData(MemoryMarshal.AsBytes<ushort>(order.Parts));
        foreach (var part in order.Parts)
        {
            if (Parts[part].Own is >= 0 and var own) hash.AppendData(Content(Parts[part], personal)!.Hash);
        }

        return $"\"{Base64Url.EncodeToString(hash.GetHashAndReset().AsSpan(0, 16))}\"";
    }

    /// <summary>The parts that are shown, from the top down, with what they show.</summary>
    public IEnumerable<(Part Part, byte[] Content)> Shown(FeedOrder order, IReadOnlyList<Snapshot?> personal) =>
        order.Parts.Select(i => (Parts[i], Content(Parts[i], personal)!.Content!));

    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public long LengthOf(FeedOrder order, IReadOnlyList<Snapshot?> personal)
    {
        long length = "[]".Length + Math.Max(0, order.Parts.Length - 1);
        for (var position = 0; position < order.Parts.Length; position++)
        {
            var part = Parts[order.Parts[position]];
            var digits = position < 10 ? 1 : position < 100 ? 2 : 3;
            length += part.Head.Length + digits + BeforeContent.Length + Content(part, personal)!.Content!.Length + "}".Length;
        }

        return length;
    }

    /// <summary>The `widgets` array, with a person's snapshots in their places: <see cref="LengthOf"/> bytes.</summary>
    public void Write(ref Span<byte> rest, FeedOrder order, IReadOnlyList<Snapshot?> personal)
    {
        Put(ref rest, "["u8);
        for (var position = 0; position < order.Parts.Length; position++)
        {
            var part = Parts[order.Parts[position]];
            if (position > 0) Put(ref rest, ","u8);
            Put(ref rest, part.Head);
            Utf8Formatter.TryFormat(position, rest, out var digits);
            rest = rest[digits..];
            Put(ref rest, BeforeContent);
            Put(ref rest, Content(part, personal)!.Content);
            Put(ref rest, "}"u8);
        }

        Put(ref rest, "]"u8);
    }

    internal static void Put(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    private static Snapshot? Content(Part part, IReadOnlyList<Snapshot?> personal) =>
        part.Own < 0 ? part.Content : personal[part.Own] ?? part.Content;

    private static Snapshot? Shared(FeedWidget one) => one.IsPersonal ? null : one.Content;
}
