namespace Kontor.Testing;

/// <summary>The real time, moved by a test; timers keep running by the machine's clock.</summary>
public sealed class TestClock : TimeProvider
{
    private long _offsetTicks;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _offsetTicks, time.Ticks);
}
