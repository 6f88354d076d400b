using Kontor.Foundation.Data;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kontor.Data.Sqlite;

/// <summary>
/// The one thread that writes. All work that waits when a commit ends is done in the next transaction, each in a savepoint of its own, and
/// reaches the disk with one sync; so a hundred callers cost little more than one, and every answered write is on disk.
/// </summary>
internal sealed class GroupWriter : IDisposable
{
    /// <summary>Work beyond this is refused: the disk does not keep up, and waiting longer helps nobody.</summary>
    private const int WaitingMax = 20_000;

    /// <summary>Bounds how long the first of a group waits for the last.</summary>
    private const int GroupMax = 256;

    private const string IoError = "The database had an I/O error.";

    private readonly SqliteSession _session;
    private readonly SqliteDialect _dialect;
    private readonly Action<IReadOnlyList<(string Channel, string Payload)>> _committed;
    private readonly Action<Exception> _fatal;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private readonly Queue<WriteJob> _waiting = new();
    private readonly List<WriteJob> _group = [];
    private bool _ending;
    private volatile bool _broken;

    public GroupWriter(
        SqliteSession session,
        SqliteDialect dialect,
        Action<IReadOnlyList<(string Channel, string Payload)>> committed,
        Action<Exception> fatal)
    {
        (_session, _dialect, _committed, _fatal) = (session, dialect, committed, fatal);
        _thread = new Thread(Loop) { IsBackground = true, Name = "SQLite writer" };
        _thread.Start();
    }

    /// <summary>For tests, which interrupt it and fill its disk.</summary>
    internal SqliteSession Session => _session;

    /// <summary>How many transactions were committed, and how much work they held.</summary>
    public (long Commits, long Jobs) Counts { get; private set; }

    public void Enqueue(WriteJob job)
    {
        lock (_gate)
        {
            if (_ending || _broken || _waiting.Count >= WaitingMax)
                throw new DatabaseUnavailableException(_broken ? IoError : "The database takes no more work.");
            _waiting.Enqueue(job);
            if (_waiting.Count == 1) Monitor.Pulse(_gate);
        }
    }

    /// <summary>Does what waits, then ends.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ending = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        _session.Dispose();
    }

    private void Loop()
    {
        while (!_broken && TakeGroup())
        {
            try
            {
                RunGroup();
            }
            catch (Exception exception)
            {
                // Not the work's own failure: a BEGIN or COMMIT that could not be done. Nobody is left waiting.
                foreach (var job in _group) job.Fail(exception);
                if (!_session.IsOutsideTransaction) _session.Run("ROLLBACK");
                _broken = IsFatal(exception);
                if (_broken) _fatal(exception);
            }
        }

        lock (_gate)
        {
            foreach (var job in _waiting) job.Fail(new DatabaseUnavailableException("The database takes no more work."));
        }
    }

    private bool TakeGroup()
    {
        _group.Clear();
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_ending) Monitor.Wait(_gate);
            while (_group.Count < GroupMax && _waiting.TryDequeue(out var job))
            {
                if (job.TryStart()) _group.Add(job);
            }

            return _group.Count > 0 || !_ending || _waiting.Count > 0;
        }
    }

    private void RunGroup()
    {
        if (_group.Count == 0) return;
        Begin();
        foreach (var job in _group)
        {
            if (RunOne(job)) continue;
            // SQLite ended the whole transaction, and with it what others of the group had done. They are run again without the one
            // that failed; each of them alone, so that a disk which is full fails those who need space, and nobody else.
            RunEachAlone(job);
            return;
        }

        Commit();
        Counts = (Counts.Commits + 1, Counts.Jobs + _group.Count);
        foreach (var job in _group) Finish(job);
    }

    private void RunEachAlone(WriteJob failed)
    {
        failed.Complete();
        var others = new Queue<WriteJob>(_group.Where(job => job != failed));
        while (others.TryDequeue(out var job))
        {
            try
            {
                Begin();
                if (RunOne(job)) Commit();
                Finish(job);
            }
            catch (Exception exception) when (exception is OutcomeUnknownException or DatabaseUnavailableException)
            {
                job.Fail(exception);
                if (!IsFatal(exception)) continue;
                foreach (var other in others) other.Fail(new DatabaseUnavailableException(IoError));
                throw;
            }
        }
    }

    /// <summary>False when SQLite ended the transaction.</summary>
    private bool RunOne(WriteJob job)
    {
        var tx = new Tx(_session.Connection, _dialect, _session);
        try
        {
            _session.Run("SAVEPOINT job");
            job.Run(tx);
        }
        catch (SqliteException exception)
        {
            job.Refuse(exception);
        }
        finally
        {
            tx.End();
        }

        if (_session.IsOutsideTransaction)
        {
            if (job.Succeeded) job.Refuse(new InvalidOperationException("The work ended the transaction itself."));
            return false;
        }

        if (!job.Succeeded) _session.Run("ROLLBACK TO job");
        _session.Run("RELEASE job");
        return true;
    }

    private static bool IsFatal(Exception exception) =>
        exception.InnerException is SqliteException { SqliteErrorCode: raw.SQLITE_IOERR or raw.SQLITE_CORRUPT };

    private void Finish(WriteJob job)
    {
        if (job is { Succeeded: true, Signals.Count: > 0 }) _committed(job.Signals);
        job.Complete();
    }

    private void Begin()
    {
        try
        {
            _session.Run("BEGIN IMMEDIATE");
        }
        catch (SqliteException exception)
        {
            throw new DatabaseUnavailableException("The database could not begin to write.", exception);
        }
    }

    private void Commit()
    {
        try
        {
            _session.Run("COMMIT");
        }
        catch (SqliteException exception)
        {
            if (!_session.IsOutsideTransaction) _session.Run("ROLLBACK");
            throw new OutcomeUnknownException(exception);
        }
    }
}
