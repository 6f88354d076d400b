namespace Kontor.Testing;

/// <summary>The real time, moved by a test; timers keep running by the machine's clock.</summary>
public sealed class TestClock : TimeProvider
{
    private long _offsetTicks;
    private long _heldTicks;

    public override DateTimeOffset GetUtcNow() => Now().AddTicks(Interlocked.Read(ref _offsetTicks));

    public void Advance(TimeSpan time) => Interlocked.Add(ref _offsetTicks, time.Ticks);

    /// <summary>From now on it is moved by <see cref="Advance"/> alone, however slow the machine is.</summary>
    public void Hold() => Interlocked.CompareExchange(ref _heldTicks, base.GetUtcNow().Ticks, 0);

    private DateTimeOffset Now() =>
        Interlocked.Read(ref _heldTicks) is > 0 and var held ? new DateTimeOffset(held, TimeSpan.Zero) : base.GetUtcNow();
}
