using System.Collections.Frozen;
using Kontor.Foundation.Caching;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;

namespace Kontor.Home.Experiments;

/// <summary>What a reader has seen of experiments: as a person, and on their device before they signed in.</summary>
internal sealed record Remembered(FrozenDictionary<string, string> Person, FrozenDictionary<string, string> Device)
{
    public static FrozenDictionary<string, string> Nothing { get; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Of most readers, who share it.</summary>
    public static Remembered None { get; } = new(Nothing, Nothing);

    /// <summary>Nothing is missing because it could not be read.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>For the engine. The unit is the reader's own: there is nobody else here.</summary>
    public FrozenDictionary<string, string> Of(string attribute, string unit) => attribute == Subject.Person ? Person : Device;

    public static Remembered Read(IReadOnlyCollection<StoredAssignments.Row> rows) =>
        rows.Count == 0 ? None : new(Of(rows, Subject.Person), Of(rows, Subject.Device));

    private static FrozenDictionary<string, string> Of(IEnumerable<StoredAssignments.Row> rows, string attribute) => rows
        .Where(row => row.Attribute == attribute)
        .ToFrozenDictionary(row => row.StickyKey, row => row.Variation, StringComparer.Ordinal);
}

/// <summary>
/// The variations that people and devices have seen, of those who were here lately, in memory. Whoever is not there is read once, in one
/// query for person and device, however many requests ask at the same time; and again after a first exposure of theirs, on every node.
/// </summary>
internal sealed class Assignments(Database database, PersonReads reads, TimeProvider time)
{
    /// <summary>About 200 bytes each, of whom nothing is known.</summary>
    private const int UnitsMax = 200_000;

    /// <summary>Makes up for a signal that was lost.</summary>
    private const long AgeMax = 10 * Clock.Minute;

    private readonly Recent<(string Attribute, string Unit), Reading<Remembered>> _units =
        new(UnitsMax, idleMax: TimeSpan.FromMilliseconds(AgeMax), time: time);

    /// <summary>
    /// Null where no experiment in use keeps to it. What could not be read is as if nothing had been seen: the hash gives nearly everybody
    /// the same again, and of those to whom it does not, nothing is counted, because an exposure is drawn anew from what is stored.
    /// </summary>
    public ValueTask<Remembered?> Of(ExperimentBook book, string? userId, string? deviceId, CancellationToken ct)
    {
        if (!book.Remembers || (userId is null && deviceId is null)) return new((Remembered?)null);
        // Nearly everybody, nearly always.
        if (deviceId is null && _units.Find((Subject.Person, userId!)) is { Value: { Device.Count: 0 } known } reading
            && reading.IsGood(time.NowMs(), AgeMax))
            return new(known);
        return new(Find(userId, deviceId is null ? null : Devices.Hash(deviceId), ct));
    }

    /// <param name="payload">See <see cref="StoredAssignments.PayloadOf"/>.</param>
    public void Forget(string payload)
    {
        var end = payload.IndexOf(':', StringComparison.Ordinal);
        _units.Forget((payload[..end], payload[(end + 1)..]));
    }

    public void ForgetAll() => _units.Clear();

    private async Task<Remembered?> Find(string? userId, string? device, CancellationToken ct)
    {
        var now = time.NowMs();
        // One for both, so that one query reads them.
        var reading = new Reading<Remembered>(now, () => Read(userId, device));
        var person = userId is null ? null : Held((Subject.Person, userId));
        var visitor = device is null ? null : Held((Subject.Device, device));
        var ofPerson = person is null ? Remembered.None : await reads.InTime(person, "assignments", ct);
        var ofDevice = visitor is null ? Remembered.None : await reads.InTime(visitor, "assignments", ct);
        return new(ofPerson?.Person ?? Remembered.Nothing, ofDevice?.Device ?? Remembered.Nothing)
        {
            IsWhole = ofPerson is not null && ofDevice is not null,
        };

        Reading<Remembered> Held((string, string) unit) => _units.FindOrAdd(unit, known => known.IsGood(now, AgeMax), _ => reading);
    }

    private async Task<Remembered> Read(string? userId, string? device) =>
        Remembered.Read(await database.Read(tx => StoredAssignments.Of(tx, userId, device).AsTask()));
}
