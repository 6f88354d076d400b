using Kontor.Foundation.Data;

namespace Kontor.Sync.Shared;

/// <summary>
/// Where people stand, read for many at once: whoever asks while others are being read for shares the next read. So everybody is answered
/// by a read that began after they asked, and a hundred who ask at the same moment cost little more than one.
/// </summary>
internal sealed class Positions(Database database, Marks marks)
{
    /// <summary>With more, the first would wait for the last.</summary>
    private const int PeopleMax = 500;

    private readonly Lock _lock = new();
    private readonly Queue<Asking> _waiting = new();
    private bool _isReading;

    /// <inheritdoc cref="Marks.Look"/>
    public Task<Position> Of(string userId, long since)
    {
        var asking = new Asking((userId, since));
        lock (_lock)
        {
            _waiting.Enqueue(asking);
            if (_isReading) return asking.Task;
            _isReading = true;
        }

        // Not in this request's context: what it carries - activity, culture, whatever flows along - is not that of the others.
        ThreadPool.UnsafeQueueUserWorkItem(static positions => _ = positions.ReadAll(), this, preferLocal: false);
        return asking.Task;
    }

    private async Task ReadAll()
    {
        while (Take() is { Length: > 0 } people)
        {
            try
            {
                var found = await database.Read(tx => marks.LookAll(tx, [.. people.Select(one => one.Whom)]).AsTask());
                for (var i = 0; i < people.Length; i++) people[i].SetResult(found[i]);
                // They are answered first, so that more have asked by the next read.
                await Task.Yield();
            }
            catch (Exception exception)
            {
                // Each request fails with it, and tells its own client.
                foreach (var one in people) one.TrySetException(exception);
            }
        }
    }

    private Asking[] Take()
    {
        lock (_lock)
        {
            var people = new Asking[Math.Min(_waiting.Count, PeopleMax)];
            for (var i = 0; i < people.Length; i++) people[i] = _waiting.Dequeue();
            _isReading = people.Length > 0;
            return people;
        }
    }

    /// <summary>Its request goes on in the thread pool: the time of a read is everybody's.</summary>
    private sealed class Asking((string UserId, long Since) whom)
        : TaskCompletionSource<Position>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public (string UserId, long Since) Whom => whom;
    }
}
