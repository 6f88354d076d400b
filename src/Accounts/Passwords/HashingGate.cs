using System.Runtime.InteropServices;
using Kontor.Foundation;
using Kontor.Foundation.Http;

namespace Kontor.Accounts.Passwords;

/// <summary>
/// Computes as many hashes at once as there are cores, and lets a few more wait: each takes 19 MiB and a core for some 20 ms, so without
/// it a few hundred sign-ins at once would take the whole machine down, and everybody who is signed in with it. The threads are its own,
/// stand behind all others, and end when there is nothing to do; each has one piece of memory, so that all of it is width times 19 MiB.
/// </summary>
/// <param name="width">Hashes at once.</param>
/// <param name="waitingMax">Callers that wait; whom the queue has no place for is <see cref="TooBusy"/>.</param>
internal sealed partial class HashingGate(int width, int waitingMax) : IDisposable
{
    public static readonly Problem TooBusy = new(503, "too-busy", "Too many people are signing in at this moment. Try again in a second.");

    /// <summary>About half a second of work.</summary>
    private const int WaitingForEachCore = 32;

    /// <summary>A core that both want goes to a request three times as often as to a hash.</summary>
    private const int Niceness = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly object _lock = new();
    private readonly FairQueue<Job> _waiting = new(waitingMax);
    private readonly Queue<Job> _begun = new();
    private int _inside;
    private int _threads;
    private bool _disposed;

    public HashingGate()
        : this(Environment.ProcessorCount, WaitingForEachCore * Environment.ProcessorCount)
    {
    }

    /// <summary>Whether <see cref="Run"/> would refuse at this moment: worth asking before work that it would make vain.</summary>
    public bool IsFullFor(ClientNetwork network)
    {
        lock (_lock) return _inside >= width && !_waiting.HasPlaceFor(network.Name);
    }

    /// <summary>Computes in a thread of its own, or answers <see cref="TooBusy"/>: at once, or when others need the place.</summary>
    /// <param name="compute">Takes a core for a while and waits for nothing.</param>
    /// <param name="network">On whose behalf.</param>
    /// <param name="ct">Ends the waiting, not the computation.</param>
    public async Task<Outcome<T>> Run<T>(Func<T> compute, ClientNetwork network, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var job = new Job<T>(network, compute);
        Enter(job)?.Refuse();
        await using var impatience = ct.UnsafeRegister(_ => Leave(job, ct), null);
        return await job.Result;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            while (_waiting.TryTake(out var job)) job.Refuse();
            Monitor.PulseAll(_lock);
        }
    }

    /// <returns>The job that has no place any more, this one or another.</returns>
    private Job? Enter(Job job)
    {
        lock (_lock)
        {
            if (_disposed) return job;
            if (_inside >= width) return _waiting.Add(job.Network, job);
            _inside++;
            _begun.Enqueue(job);
            if (_threads >= _inside) Monitor.Pulse(_lock);
            else
            {
                _threads++;
                new Thread(Work) { IsBackground = true, Name = "Kontor hashing" }.UnsafeStart();
            }

            return null;
        }
    }

    private void Leave(Job job, CancellationToken ct)
    {
        bool wasWaiting;
        lock (_lock) wasWaiting = _waiting.Remove(job.Network, job);
        if (wasWaiting) job.Cancel(ct);
    }

    private void Work()
    {
        // Of this thread alone, as Linux has it. When it is not allowed, nothing is lost but politeness.
        _ = SetPriority(which: 0, who: 0, Niceness);
        for (var job = First(); job is not null; job = Next()) job.Run();
        Argon2.ReleaseMemory();
    }

    /// <summary>Null when there was nothing to do for a while, or never will be again.</summary>
    private Job? First()
    {
        lock (_lock)
        {
            while (_begun.Count == 0 && !_disposed && Monitor.Wait(_lock, Patience))
            {
            }

            if (_begun.TryDequeue(out var job)) return job;
            _threads--;
            return null;
        }
    }

    private Job? Next()
    {
        lock (_lock)
        {
            if (_waiting.TryTake(out var job)) return job;
            _inside--;
        }

        return First();
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);

    private abstract class Job(ClientNetwork network)
    {
        public string Network => network.Name;

        public abstract void Run();

        public abstract void Refuse();

        public abstract void Cancel(CancellationToken ct);
    }

    private sealed class Job<T>(ClientNetwork network, Func<T> compute) : Job(network)
    {
        // Whoever waits goes on in the thread pool, not in the thread that computes.
        private readonly TaskCompletionSource<Outcome<T>> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Outcome<T>> Result => _result.Task;

        public override void Run()
        {
            try
            {
                _result.SetResult(compute());
            }
            catch (Exception exception)
            {
                // Somebody awaits it.
                _result.SetException(exception);
            }
        }

        public override void Refuse() => _result.SetResult(TooBusy);

        public override void Cancel(CancellationToken ct) => _result.SetCanceled(ct);
    }
}
