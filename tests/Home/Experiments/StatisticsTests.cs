using Kontor.Home.Experiments;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

/// <summary>Against the tables of textbooks, and against chance itself.</summary>
[Trait("Database", "none")]
public class StatisticsTests
{
    [Theory]
    [InlineData(0.05, 1.959964)]
    [InlineData(0.025, 2.241403)]
    [InlineData(0.01, 2.575829)]
    [InlineData(0.001, 3.290527)]
    public void The_reach_of_the_normal_distribution_is_that_of_the_tables(double alpha, double reach) =>
        Statistics.NormalReach(alpha).ShouldBe(reach, 1e-6);

    [Theory]
    [InlineData(new long[] { 5000, 5000 }, new[] { 0.5, 0.5 }, 1)]
    // The critical values of the chi-square distribution at 0.05 and 0.001, with one degree of freedom and with two.
    [InlineData(new long[] { 5098, 4902 }, new[] { 0.5, 0.5 }, 0.05)]
    [InlineData(new long[] { 51_645, 48_355 }, new[] { 0.5, 0.5 }, 0)]
    [InlineData(new long[] { 3377, 3290, 3333 }, new[] { 1 / 3d, 1 / 3d, 1 / 3d }, 0.566)]
    public void Uneven_groups_are_as_probable_as_the_tables_say(long[] units, double[] shares, double p) =>
        Statistics.SampleRatio(units, shares).P.ShouldBe(p, 0.002);

    [Fact]
    public void A_group_that_should_be_empty_and_is_not_never_comes_about_by_chance()
    {
        Statistics.SampleRatio([100, 1], [1, 0]).P.ShouldBe(0);
        Statistics.SampleRatio([100, 0], [1, 0]).P.ShouldBe(1);
    }

    [Fact]
    public void The_lift_is_the_ratio_with_the_interval_of_its_logarithm()
    {
        // 10 % against 13 %: ln 1.3 = 0.262364, and its standard error is sqrt(1/130 - 1/1000 + 1/100 - 1/1000) = 0.125269.
        var lift = Statistics.Lift(new(100, 1000), new(130, 1000), comparisons: 1).ShouldNotBeNull();

        lift.Estimate.ShouldBe(0.3, 1e-9);
        lift.Low.ShouldBe(Math.Exp(0.262364 - 1.959964 * 0.125269) - 1, 1e-4);
        lift.High.ShouldBe(Math.Exp(0.262364 + 1.959964 * 0.125269) - 1, 1e-4);
        lift.AlwaysLow.ShouldBeLessThan(lift.Low);
        lift.AlwaysHigh.ShouldBeGreaterThan(lift.High);
        // With more comparisons each is less certain.
        Statistics.Lift(new(100, 1000), new(130, 1000), comparisons: 3)!.Low.ShouldBeLessThan(lift.Low);
    }

    [Theory]
    [InlineData(0, 100, 0, 100)]
    [InlineData(0, 100, 5, 100)]
    [InlineData(100, 100, 100, 100)]
    [InlineData(1, 1, 0, 1)]
    public void Nobody_and_everybody_have_finite_intervals(long control, long controls, long variation, long variations)
    {
        var lift = Statistics.Lift(new(control, controls), new(variation, variations), 1)!;
        new[] { lift.Estimate, lift.Low, lift.High, lift.AlwaysLow, lift.AlwaysHigh }.ShouldAllBe(one => double.IsFinite(one));
        lift.Low.ShouldBeLessThanOrEqualTo(lift.Estimate);
        lift.High.ShouldBeGreaterThanOrEqualTo(lift.Estimate);
    }

    [Fact]
    public void An_empty_group_has_nothing_to_compare() => Statistics.Lift(new(0, 0), new(1, 10), 1).ShouldBeNull();

    [Fact]
    public void Whoever_looks_after_every_hundred_is_seldom_wrong_by_the_wide_interval_and_often_by_the_narrow_one()
    {
        // Both groups do the same, so every lift that is found is a mistake; the chance is seeded.
        const int experiments = 400;
        var chance = new Random(8);
        var (narrow, wide) = (0, 0);
        for (var i = 0; i < experiments; i++)
        {
            var (control, variation) = (0L, 0L);
            var (saidNarrow, saidWide) = (false, false);
            for (var units = 1; units <= 4000; units++)
            {
                if (chance.NextDouble() < 0.2) control++;
                if (chance.NextDouble() < 0.2) variation++;
                if (units % 100 != 0) continue;
                var lift = Statistics.Lift(new(control, units), new(variation, units), 1)!;
                saidNarrow |= lift.Low > 0 || lift.High < 0;
                saidWide |= lift.AlwaysLow > 0 || lift.AlwaysHigh < 0;
            }

            narrow += saidNarrow ? 1 : 0;
            wide += saidWide ? 1 : 0;
        }

        ((double)wide / experiments).ShouldBeLessThan(Statistics.Alpha);
        ((double)narrow / experiments).ShouldBeGreaterThan(3 * Statistics.Alpha);
    }
}
