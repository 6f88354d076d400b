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

    /// <summary>Nothing is missing because it could not be read.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>For the engine. The unit is the reader's own: there is nobody else here.</summary>
    public FrozenDictionary<string, string> Of(string attribute, string unit) => attribute == Subject.Person ? Person : Device;

    public static Remembered Read(IReadOnlyCollection<StoredAssignments.Row> rows) =>
        new(Of(rows, Subject.Person), Of(rows, Subject.Device));

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
    private const int UnitsMax = 100_000;

    /// <summary>Makes up for a signal that was lost.</summary>
    private const long AgeMax = 10 * Clock.Minute;

    private readonly Recent<string, Unit> _units = new(UnitsMax);

    // Held before it is begun: an exposure that comes meanwhile finds it and takes it away.
    private sealed record Unit(long ReadAt, Lazy<Task<Remembered>> Reading)
    {
        public bool IsRead => Reading.Value.IsCompletedSuccessfully;
    }

    /// <summary>
    /// Null where no experiment in use keeps to it. What could not be read is as if nothing had been seen: the hash gives nearly everybody
    /// the same again, and of those to whom it does not, nothing is counted, because an exposure is drawn anew from what is stored.
    /// </summary>
    public async ValueTask<Remembered?> Of(ExperimentBook book, string? userId, string? deviceId, CancellationToken ct)
    {
        if (!book.Remembers || (userId is null && deviceId is null)) return null;
        var device = deviceId is null ? null : Devices.Hash(deviceId);
        var reading = new Lazy<Task<Remembered>>(() => Task.Run(() => Read(userId, device), CancellationToken.None));
        var person = userId is null ? null : Find(StoredAssignments.PayloadOf(Subject.Person, userId), reading);
        var visitor = device is null ? null : Find(StoredAssignments.PayloadOf(Subject.Device, device), reading);
        return new(
            (person is null ? null : await InTime(person, ct))?.Person ?? Remembered.Nothing,
            (visitor is null ? null : await InTime(visitor, ct))?.Device ?? Remembered.Nothing)
        {
            IsWhole = person?.IsRead != false && visitor?.IsRead != false,
        };
    }

    /// <param name="payload">See <see cref="StoredAssignments.PayloadOf"/>.</param>
    public void Forget(string payload) => _units.Forget(payload);

    public void ForgetAll() => _units.Clear();

    private ValueTask<Remembered?> InTime(Unit unit, CancellationToken ct) =>
        reads.InTime(unit.Reading.Value, unit.ReadAt, "assignments", ct);

    private Unit Find(string key, Lazy<Task<Remembered>> reading)
    {
        var now = time.NowMs();
        return _units.FindOrAdd(
            key,
            known => now - known.ReadAt < AgeMax && known.Reading is not { IsValueCreated: true, Value.IsFaulted: true },
            _ => new(now, reading));
    }

    private async Task<Remembered> Read(string? userId, string? device) =>
        Remembered.Read(await database.Read(tx => StoredAssignments.Of(tx, userId, device).AsTask()));
}
