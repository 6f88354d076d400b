using Kontor.Foundation;

namespace Kontor.Accounts.Passwords;

/// <summary>
/// Lets as many hashes be computed at once as there are cores, and a few more wait: each takes 19 MB and a core for some 20 ms, so
/// without it a few hundred sign-ins at once would take the whole machine down, and everybody who is signed in with it.
/// </summary>
internal sealed class HashingGate(int width, int waitingMax) : IDisposable
{
    public static readonly Problem TooBusy = new(503, "too-busy", "Too many people are signing in at this moment. Try again in a second.");

    private const int WaitingForEachCore = 8;

    private readonly SemaphoreSlim _free = new(width);
    private int _inside;

    public HashingGate()
        : this(Environment.ProcessorCount, WaitingForEachCore * Environment.ProcessorCount)
    {
    }

    /// <summary>Computes in the thread pool, or answers <see cref="TooBusy"/> at once.</summary>
    public async Task<Outcome<T>> Run<T>(Func<T> compute, CancellationToken ct)
    {
        try
        {
            if (Interlocked.Increment(ref _inside) > width + waitingMax) return TooBusy;
            await _free.WaitAsync(ct);
            try
            {
                return await Task.Run(compute, CancellationToken.None);
            }
            finally
            {
                _free.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    public void Dispose() => _free.Dispose();
}
