using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Data.Sqlite;

/// <summary>
/// One caller's work on its way through the writer: waiting, then started once, possibly run several times, then answered once.
/// </summary>
internal abstract class WriteJob
{
    private int _taken;

    /// <summary>The last run ended without a refusal or an exception.</summary>
    public bool Succeeded { get; protected set; }

    public IReadOnlyList<(string Channel, string Payload)> Signals { get; protected set; } = [];

    /// <summary>False when the caller has given up meanwhile.</summary>
    public bool TryStart() => Interlocked.Exchange(ref _taken, 1) == 0;

    public abstract void Run(Tx tx);

    /// <summary>Sets the exception to answer with, in place of what the run gave.</summary>
    public abstract void Refuse(Exception exception);

    /// <summary>Answers the caller with the last run's result or exception.</summary>
    public abstract void Complete();

    /// <summary>Answers the caller with this exception, unless it has been answered.</summary>
    public abstract void Fail(Exception exception);
}

internal sealed class WriteJob<T>(Func<Tx, Task<T>> work) : WriteJob
{
    // Callers go on in the thread pool: the writer's time is everybody's.
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;
    private Exception? _exception;

    public Task<T> Answer => _answer.Task;

    /// <summary>Gives up the work if it has not begun; work that has begun is finished, because its outcome counts.</summary>
    public void Cancel(CancellationToken ct)
    {
        if (TryStart()) _answer.TrySetCanceled(ct);
    }

    public override void Run(Tx tx)
    {
        (_result, _exception) = (default, null);
        try
        {
            var task = work(tx);
            if (!task.IsCompleted) throw new InvalidOperationException("The work awaits something else than its Tx.");
            _result = task.GetAwaiter().GetResult();
        }
        catch (Exception exception)
        {
            _exception = exception;
        }

        Succeeded = _exception is null && _result is not IOutcome { Problem: not null };
        Signals = tx.Signals;
    }

    public override void Refuse(Exception exception)
    {
        _exception = exception;
        Succeeded = false;
    }

    public override void Complete()
    {
        if (_exception is null) _answer.TrySetResult(_result!);
        else _answer.TrySetException(_exception);
    }

    public override void Fail(Exception exception) => _answer.TrySetException(exception);
}
