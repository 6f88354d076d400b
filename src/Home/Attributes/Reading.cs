namespace Kontor.Home.Attributes;

/// <summary>
/// Something that the database, or a product, knows of a person: read once for all who ask, begun by the first of them, and small once it
/// is there. It is put where a change looks for it before it is begun; so a change that comes meanwhile takes it away, and what it then
/// reads is nobody's but of those who had asked before.
/// </summary>
/// <param name="began">Milliseconds since 1970.</param>
internal sealed class Reading<T>(long began, Func<Task<T>> read)
    where T : class
{
    // What begins it, its task, and in the end only what came of it.
    private object _held = read;

    public long Began => began;

    /// <summary>Null until it is there.</summary>
    public T? Value => Volatile.Read(ref _held) as T;

    /// <summary>Also by taking too long, which is no fault of the task but its end.</summary>
    public bool HasFailed => Volatile.Read(ref _held) is Task<T> { IsCompleted: true, IsCompletedSuccessfully: false };

    public Task<T> Answer
    {
        get
        {
            switch (Volatile.Read(ref _held))
            {
                case T value: return Task.FromResult(value);
                case Task<T> underWay: return underWay;
            }

            lock (this)
            {
                if (_held is Func<Task<T>> begin) Begin(begin);
                return _held as Task<T> ?? Task.FromResult((T)_held);
            }
        }
    }

    /// <summary>Good for so long; what failed is read again at once.</summary>
    public bool IsGood(long now, long ageMax) => now - began < ageMax && now >= began && !HasFailed;

    private void Begin(Func<Task<T>> begin)
    {
        var task = Task.Run(begin, CancellationToken.None);
        _held = task;
        task.ContinueWith(
            static (done, reading) => Volatile.Write(ref ((Reading<T>)reading!)._held, ((Task<T>)done).Result),
            this, CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
