using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Planner.Phone;

/// <summary>
/// Writes the rows that phones keep a copy of, as a phone's push would: with a version drawn first, which makes the person's other
/// writers wait, and with the table's own events at the end. Where Sync does not run nobody draws versions, and nothing can be written.
/// </summary>
internal sealed class SharedRows(
    Database database, IEnumerable<ISyncVersions> versions, IEnumerable<ISyncHistory> histories, TimeProvider time)
{
    private static readonly Problem ReadOnly = new(409, "planner-read-only", "Without Sync, projects and tasks can only be looked at.");

    private readonly ISyncVersions? _versions = versions.FirstOrDefault();

    /// <summary>Null where Sync does not run.</summary>
    public ISyncHistory? History { get; } = histories.FirstOrDefault();

    public bool CanWrite => _versions is not null;

    /// <param name="work">Puts the stamp on every row that it changes; a refusal undoes the draw too.</param>
    public Task<Outcome<T>> Write<T>(
        ISyncTable table, string userId, Func<Tx, Stamp, Task<Outcome<T>>> work, CancellationToken ct) =>
        Write(table, userId, changed: null, work, ct);

    /// <param name="changed">The row that is changed, whose state is kept.</param>
    public async Task<Outcome<T>> Write<T>(
        ISyncTable table, string userId, string? changed, Func<Tx, Stamp, Task<Outcome<T>>> work, CancellationToken ct)
    {
        if (_versions is null) return ReadOnly;
        return await database.Write(async tx =>
        {
            var version = await _versions.Draw(tx, userId);
            if (changed is not null && History is not null) await History.Keep(tx, userId, table.Shape.Name, changed, version);
            var outcome = await work(tx, new(version, time.NowMs()));
            if (outcome.Problem is null) await table.Changed(tx, userId);
            return outcome;
        }, ct);
    }
}

/// <param name="Now">In milliseconds, for the row's own times.</param>
internal readonly record struct Stamp(long Version, long Now);
