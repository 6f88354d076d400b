using System.Collections.Concurrent;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Microsoft.AspNetCore.Http;

namespace Kontor.Home.Simulation;

/// <summary>
/// What was known of the latest readers, for trying changes on: what their clients said, their roles, what was told of them, and the lists
/// that name them. Never who they are, on which device, when, or anything sensitive; in this node's memory only.
/// </summary>
internal sealed class RecordedReaders
{
    public const int KeptMax = 1000;

    /// <summary>Once there are enough, one of so many readers is kept.</summary>
    private const int Every = 16;

    private readonly Reader?[] _kept = new Reader?[KeptMax];
    private readonly int[] _visitors = new int[KeptMax];
    private readonly ConcurrentDictionary<int, int> _places = new();
    private readonly Lock _adding = new();
    private long _seen;
    private long _added;

    /// <summary>Tells visitors apart in this process, and leads back to nobody; strangers without a device by their network.</summary>
    public static int MarkOf(HttpContext http, CurrentUser? user, string? device) =>
        user is not null ? user.Id.GetHashCode(StringComparison.Ordinal)
        : device is not null ? device.GetHashCode(StringComparison.Ordinal)
        : HashCode.Combine(http.Connection.RemoteIpAddress);

    /// <summary>A visitor is one reader, however often they come.</summary>
    /// <param name="visitor">See <see cref="MarkOf"/>.</param>
    public void Add(FeedModel model, Reader reader, int visitor)
    {
        var seen = Interlocked.Increment(ref _seen) - 1;
        if (seen % Every != 0 && (Interlocked.Read(ref _added) >= KeptMax || _places.ContainsKey(visitor))) return;
        lock (_adding)
        {
            if (!_places.TryGetValue(visitor, out var place))
            {
                place = (int)(_added % KeptMax);
                if (_added >= KeptMax) _places.TryRemove(_visitors[place], out _);
                (_visitors[place], _places[visitor]) = (visitor, place);
                Interlocked.Increment(ref _added);
            }

            Volatile.Write(ref _kept[place], Nameless(reader, model.Vocabulary, place));
        }
    }

    public IReadOnlyList<Reader> All => [.. _kept.OfType<Reader>()];

    /// <summary>As such a reader counts in a simulation: somebody, but nobody in particular.</summary>
    public static CurrentUser Somebody(long number, IReadOnlyList<string> roles, Assurance assurance) =>
        new($"reader-{number}", "", roles, assurance);

    private static Reader Nameless(Reader reader, Vocabulary vocabulary, long number) => new(
        reader.Query with { Device = null, Forced = FeedQuery.Web("en").Forced },
        reader.User is { } user ? Somebody(number, user.Roles, user.Assurance) : null)
    {
        Facts = reader.Facts.Told.Any(fact => IsSensitive(fact, vocabulary))
            ? reader.Facts with { Told = [.. reader.Facts.Told.Where(fact => !IsSensitive(fact, vocabulary))] }
            : reader.Facts,
    };

    private static bool IsSensitive(Fact fact, Vocabulary vocabulary) =>
        vocabulary.Find(fact.Key) is not { Privacy: AttributePrivacy.Public or AttributePrivacy.Personal };
}
