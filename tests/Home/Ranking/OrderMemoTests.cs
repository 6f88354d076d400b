using Kontor.Home.Ranking;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Ranking;

/// <summary>Orders are remembered as long as somebody may be answered with them.</summary>
public class OrderMemoTests
{
    [Fact]
    public void Orders_by_earlier_rates_take_no_memory()
    {
        var memo = new OrderMemo();
        var before = memo.Bytes;
        for (var rates = 1; rates <= 4; rates++) before += memo.Add(Key(rates: rates), new([1, 2], IsShared: true));

        memo.Find(Key(rates: 3)).ShouldBeNull();
        memo.Find(Key(rates: 4)).ShouldNotBeNull();
        memo.Bytes.ShouldBe(before);
        before.ShouldBe(new OrderMemo().Add(Key(rates: 4), new([1, 2], IsShared: true)));
    }

    [Fact]
    public void A_person_s_few_kinds_of_devices_are_remembered_together()
    {
        var memo = new OrderMemo();
        for (var skeleton = 1; skeleton <= 5; skeleton++) memo.Add(Key(skeleton), new([1], IsShared: false));

        Enumerable.Range(1, 5).Where(skeleton => memo.Find(Key(skeleton)) is not null).ShouldBe([2, 3, 4, 5]);
    }

    private static OrderKey Key(long skeleton = 1, long rates = 1) => new(skeleton, "", Day: 20_000, rates);
}
