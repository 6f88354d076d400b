using FsCheck;
using FsCheck.Fluent;
using Kontor.Home.Ranking;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Ranking;

/// <summary>What a person saw, told in whatever order a phone that was offline tells it.</summary>
public class ImpressionsTests
{
    private sealed record Told(int Widget, int Day, int Minute, bool IsClick);

    [Fact]
    public void The_order_in_which_they_arrive_leaves_no_trace()
    {
        var told = from widget in Gen.Choose(0, 29)
                   from day in Gen.Choose(1, 4)
                   from minute in Gen.Choose(0, (24 * 60) - 1)
                   from isClick in Gen.Frequency((4, Gen.Constant(false)), (1, Gen.Constant(true)))
                   select new Told(widget, day, minute, isClick);
        // Up to more than a ring holds.
        var stories = from events in Gen.ListOf(told, 150)
                      from count in Gen.Choose(0, 150)
                      from another in Gen.Shuffle(events.Take(count))
                      select (One: events.Take(count).ToList(), Another: another.ToList());

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(300),
            Prop.ForAll(stories.ToArbitrary(), story => Ring(story.One).SequenceEqual(Ring(story.Another))));
    }

    [Fact]
    public void What_comes_late_belongs_to_the_visit_in_which_it_was_seen()
    {
        var seen = new Impressions([]);
        foreach (var minute in new[] { 600, 720, 605, 606, 607, 629 }) seen.Seen("a", 1, minute);

        seen.Ring.ShouldHaveSingleItem().Visits.ShouldBe(2);
        seen.Ring[0].LastMinute.ShouldBe(720);
    }

    private static IReadOnlyList<Impression> Ring(List<Told> told)
    {
        var seen = new Impressions([]);
        foreach (var one in told)
        {
            if (one.IsClick) seen.Answered($"w{one.Widget}", one.Day, one.Minute, Response.Clicked);
            else seen.Seen($"w{one.Widget}", one.Day, one.Minute);
        }

        return seen.Ring;
    }
}
