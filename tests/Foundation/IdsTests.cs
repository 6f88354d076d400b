using System.Collections.Concurrent;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public class IdsTests
{
    [Fact]
    public void An_id_is_a_UUID_of_version_7_that_begins_with_the_time()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var id = Guid.ParseExact(Ids.New(), "D");

        id.Version.ShouldBe(7);
        (id.Variant & 0xC).ShouldBe(0x8);
        Convert.ToInt64(id.ToString("N")[..12], 16).ShouldBeInRange(before, before + 60_000);
    }

    [Fact]
    public void No_two_are_the_same_whoever_makes_them()
    {
        var made = new ConcurrentDictionary<string, int>();

        Parallel.For(0, 50_000, i => made[Ids.New()] = i);

        made.Count.ShouldBe(50_000);
        // What comes after the time is drawn: no two share that either.
        made.Keys.Select(id => id[19..]).Distinct().Count().ShouldBe(50_000);
    }
}
