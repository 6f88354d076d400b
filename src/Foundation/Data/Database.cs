namespace Kontor.Foundation.Data;

/// <summary>
/// The database, and its only doors. Work may be run more than once (after a deadlock, say), so it has no effect but
/// through its <see cref="Tx"/>, awaits nothing but its <see cref="Tx"/>, does not nest, and calls nothing remote.
/// </summary>
public abstract class Database
{
    public abstract Dialect Dialect { get; }

    /// <summary>
    /// Nobody but this process writes, and whatever a commit signals has been raised before its writer is answered: what is kept in memory
    /// and follows the signals is never late.
    /// </summary>
    public virtual bool HasOneNode => false;

    /// <summary>Reads; each statement sees what was committed when it began.</summary>
    public abstract Task<T> Read<T>(Func<Tx, Task<T>> work, CancellationToken ct = default);

    /// <summary>Reads; all statements see the same moment.</summary>
    public abstract Task<T> Snapshot<T>(Func<Tx, Task<T>> work, CancellationToken ct = default);

    /// <summary>
    /// Reads and writes, all or nothing. When the task ends well, everything is on disk; an <see cref="IOutcome"/> with a
    /// problem, or an exception, undoes the work.
    /// </summary>
    /// <exception cref="OutcomeUnknownException">The commit itself failed, so nobody knows whether it happened.</exception>
    public abstract Task<T> Write<T>(Func<Tx, Task<T>> work, CancellationToken ct = default);

    public async Task Write(Func<Tx, Task> work, CancellationToken ct = default) =>
        await Write(async tx =>
        {
            await work(tx);
            return true;
        }, ct);

    /// <summary>Applies migrations while no other node does; the lock is the database's own.</summary>
    public abstract Task Exclusively(Func<Tx, Task> work, CancellationToken ct = default);

    /// <summary>Throws when the database does not answer.</summary>
    public Task Ping(CancellationToken ct = default) => Read(tx => tx.First<long>("SELECT 1").AsTask(), ct);

    protected static bool IsRefusal<T>(T result) => result is IOutcome { Problem: not null };
}

/// <summary>The database failed while it committed; the caller must look before it tries again.</summary>
public sealed class OutcomeUnknownException(Exception inner) : Exception("The commit failed; its outcome is unknown.", inner);

/// <summary>The database cannot be reached or cannot take more work; nothing was done.</summary>
public sealed class DatabaseUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
