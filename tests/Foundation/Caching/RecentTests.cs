using Kontor.Foundation.Caching;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests.Caching;

public class RecentTests
{
    [Fact]
    public void However_many_come_it_holds_no_more()
    {
        var recent = new Recent<int, string>(100);

        for (var i = 0; i < 1000; i++) recent.Set(i, $"{i}");

        recent.Count.ShouldBeInRange(50, 100);
        recent.Find(999).ShouldBe("999");
        recent.Find(0).ShouldBeNull();
    }

    [Fact]
    public void What_is_asked_for_stays_while_what_nobody_asks_for_goes()
    {
        var recent = new Recent<int, string>(100);

        for (var i = 0; i < 1000; i++)
        {
            recent.Set(i, $"{i}");
            if (i % 10 == 0) recent.Find(0).ShouldBe("0");
        }

        recent.Find(10).ShouldBeNull();
    }

    [Fact]
    public void Heavy_ones_leave_room_for_fewer_also_when_they_have_grown()
    {
        var recent = new Recent<int, string>(1000, text => text.Length);

        for (var i = 0; i < 100; i++) recent.Set(i, new string('x', 50));
        recent.Count.ShouldBeInRange(10, 20);

        recent.Grow(1000);
        recent.Set(100, "x");
        recent.Set(101, new string('x', 500));
        recent.Set(102, "x");
        recent.Count.ShouldBeLessThan(5);
    }

    [Fact]
    public void What_is_not_asked_for_in_a_while_makes_room()
    {
        var clock = new TestClock();
        var recent = new Recent<int, string>(100, idleMax: TimeSpan.FromMinutes(10), time: clock);
        recent.Set(1, "asked for");
        recent.Set(2, "left alone");

        for (var i = 0; i < 3; i++)
        {
            clock.Pass(TimeSpan.FromMinutes(11));
            recent.Set(100 + i, "another");
            recent.Find(1).ShouldBe("asked for");
        }

        recent.Find(2).ShouldBeNull();
        recent.Find(102).ShouldBe("another");
    }

    [Fact]
    public void What_is_forgotten_is_gone_from_both_halves()
    {
        var recent = new Recent<int, string>(4);
        for (var i = 0; i < 4; i++) recent.Set(i, $"{i}");

        recent.Forget(0);
        recent.Forget(3);

        recent.Find(0).ShouldBeNull();
        recent.Find(3).ShouldBeNull();
        recent.Clear();
        recent.Count.ShouldBe(0);
    }

    [Fact]
    public void What_is_no_longer_good_is_made_anew_and_what_is_good_is_not()
    {
        var recent = new Recent<int, string>(100);

        recent.FindOrAdd(1, _ => true, key => $"first {key}").ShouldBe("first 1");
        recent.FindOrAdd(1, _ => true, _ => "second").ShouldBe("first 1");
        recent.FindOrAdd(1, _ => false, _ => "third").ShouldBe("third");
        recent.Find(1).ShouldBe("third");
    }

    [Fact]
    public void Of_many_who_ask_at_once_one_makes_it()
    {
        var recent = new Recent<int, string>(100);
        var made = 0;

        Parallel.For(0, 20_000, i => recent.FindOrAdd(i % 20, _ => true, _ => $"{Interlocked.Increment(ref made)}"));

        made.ShouldBe(20);
    }

    /// <summary>An entry that was used once more while its owner forgot it came back from the older half.</summary>
    [Fact]
    public void Nothing_comes_back_that_was_forgotten()
    {
        for (var round = 0; round < 300; round++)
        {
            var recent = new Recent<int, string>(4);
            for (var i = 0; i < 3; i++) recent.Set(i, $"{i}");

            Parallel.Invoke(() => recent.Find(0), () => recent.Forget(0), () => recent.Set(round, "other"));
            if (round == 0) continue;

            recent.Find(0).ShouldBeNull();
        }
    }
}
