namespace Kontor.Testing;

/// <summary>The real time, moved by a test; timers keep running by the machine's clock.</summary>
public sealed class TestClock : TimeProvider
{
    private long _offsetTicks;
    private long _heldTicks;
    private long _passedTicks;

    public override DateTimeOffset GetUtcNow() => Now().AddTicks(Interlocked.Read(ref _offsetTicks));

    public override long GetTimestamp() =>
        base.GetTimestamp() + (Interlocked.Read(ref _passedTicks) * (TimestampFrequency / TimeSpan.TicksPerSecond));

    /// <summary>Somebody sets the clock: no time passes.</summary>
    public void Advance(TimeSpan time) => Interlocked.Add(ref _offsetTicks, time.Ticks);

    /// <summary>Time passes, also for what measures how long something takes.</summary>
    public void Pass(TimeSpan time)
    {
        Advance(time);
        Interlocked.Add(ref _passedTicks, time.Ticks);
    }

    /// <summary>From now on it is moved by <see cref="Advance"/> alone, however slow the machine is.</summary>
    public void Hold() => Interlocked.CompareExchange(ref _heldTicks, base.GetUtcNow().Ticks, 0);

    private DateTimeOffset Now() =>
        Interlocked.Read(ref _heldTicks) is > 0 and var held ? new DateTimeOffset(held, TimeSpan.Zero) : base.GetUtcNow();
}
