using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public sealed class GateTests : IDisposable
{
    private static readonly ClientNetwork Here = new("192.0.2.1");
    private static readonly ClientNetwork There = new("192.0.2.2");
    private static readonly ClientNetwork Elsewhere = new("192.0.2.3");

    private readonly List<string> _served = [];
    private readonly ManualResetEventSlim _release = new();

    public void Dispose() => _release.Dispose();

    [Fact]
    public async Task No_more_are_computed_at_once_than_it_is_wide()
    {
        using var gate = new HashingGate(width: 3, waitingMax: 100);
        var (now, most) = (0, 0);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => gate.Run(() =>
        {
            var at = Interlocked.Increment(ref now);
            for (var seen = most; at > seen && Interlocked.CompareExchange(ref most, at, seen) != seen; seen = most) { }
            Thread.Sleep(1);
            return Interlocked.Decrement(ref now);
        }, Here, CancellationToken.None)));

        answers.ShouldAllBe(answer => answer.Problem == null);
        most.ShouldBe(3);
    }

    [Fact]
    public async Task Whoever_comes_to_a_full_queue_is_told_at_once()
    {
        using var gate = new HashingGate(width: 1, waitingMax: 2);
        var inside = new[] { Enter(gate, Here, "a"), Enter(gate, Here, "b"), Enter(gate, Here, "c") };
        gate.IsFullFor(Here).ShouldBeTrue();

        (await Enter(gate, Here, "d")).Problem.ShouldBe(HashingGate.TooBusy);
        _release.Set();

        (await Task.WhenAll(inside)).ShouldAllBe(answer => answer.Problem == null);
        gate.IsFullFor(Here).ShouldBeFalse();
    }

    [Fact]
    public async Task A_network_that_fills_the_queue_gives_its_last_places_to_others()
    {
        using var gate = new HashingGate(width: 1, waitingMax: 4);
        var first = Enter(gate, Here, "first");
        var rush = Enumerable.Range(0, 4).Select(i => Enter(gate, Here, $"rush {i}")).ToList();
        gate.IsFullFor(Here).ShouldBeTrue();
        gate.IsFullFor(There).ShouldBeFalse();

        var others = new[] { Enter(gate, There, "there 0"), Enter(gate, There, "there 1") };
        // Both have two places now, and a third network still finds one.
        (await Enter(gate, There, "there 2")).Problem.ShouldBe(HashingGate.TooBusy);
        (await Enter(gate, Here, "rush 4")).Problem.ShouldBe(HashingGate.TooBusy);
        var third = Enter(gate, Elsewhere, "elsewhere");
        _release.Set();

        (await rush[3]).Problem.ShouldBe(HashingGate.TooBusy);
        (await rush[2]).Problem.ShouldBe(HashingGate.TooBusy);
        (await third).Problem.ShouldBeNull();
        (await first).Problem.ShouldBeNull();
        (await Task.WhenAll([.. rush[..2], .. others])).Count(answer => answer.Problem is null).ShouldBe(3);
        _served.Count.ShouldBe(5);
    }

    [Fact]
    public async Task Networks_take_turns_however_many_each_sends()
    {
        using var gate = new HashingGate(width: 1, waitingMax: 10);
        var all = new List<Task<Outcome<bool>>> { Enter(gate, Elsewhere, "first") };
        for (var i = 0; i < 4; i++) all.Add(Enter(gate, Here, $"here {i}"));
        for (var i = 0; i < 2; i++) all.Add(Enter(gate, There, $"there {i}"));
        _release.Set();
        await Task.WhenAll(all);

        _served.ShouldBe(["first", "here 0", "there 0", "here 1", "there 1", "here 2", "here 3"]);
    }

    [Fact]
    public async Task Whoever_stops_waiting_gives_the_place_back()
    {
        using var gate = new HashingGate(width: 1, waitingMax: 1);
        using var impatience = new CancellationTokenSource();
        var first = Enter(gate, Here, "first");
        var waiting = Enter(gate, Here, "impatient", impatience.Token);
        (await Enter(gate, Here, "too late")).Problem.ShouldBe(HashingGate.TooBusy);

        await impatience.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        var next = Enter(gate, Here, "next");
        _release.Set();
        await Task.WhenAll(first, next);

        _served.ShouldBe(["first", "next"]);
    }

    [Fact]
    public async Task A_computation_that_fails_fails_its_caller_only()
    {
        using var gate = new HashingGate(width: 1, waitingMax: 1);

        await Should.ThrowAsync<InvalidDataException>(gate.Run<bool>(() => throw new InvalidDataException(), Here, CancellationToken.None));

        (await gate.Run(() => true, Here, CancellationToken.None)).Value.ShouldBeTrue();
    }

    [Fact]
    public async Task Whoever_waits_when_the_server_ends_is_told()
    {
        var gate = new HashingGate(width: 1, waitingMax: 1);
        var first = Enter(gate, Here, "first");
        var waiting = Enter(gate, Here, "waiting");

        gate.Dispose();
        _release.Set();

        (await first).Problem.ShouldBeNull();
        (await waiting).Problem.ShouldBe(HashingGate.TooBusy);
        (await Enter(gate, Here, "too late")).Problem.ShouldBe(HashingGate.TooBusy);
    }

    /// <summary>Computes once the test says so, and notes who was served.</summary>
    private Task<Outcome<bool>> Enter(HashingGate gate, ClientNetwork network, string name, CancellationToken ct = default) => gate.Run(
        () =>
        {
            _release.Wait();
            lock (_served) _served.Add(name);
            return true;
        }, network, ct);
}
