using Kontor.Foundation.Time;
using Kontor.Home.Ranking;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Ranking;

public class ArrangementTests
{
    private const long Now = 20_000 * Clock.Day;

    /// <summary>Nothing but what a test is about decides.</summary>
    private static readonly RankingOptions Plain = new() { ClickPoints = 0, Exploration = 0, DiversityPoints = 0 };

    private static readonly Viewer Stranger = new("somebody", []);

    private static Candidate Widget(string id, long priority = 0, string? category = null, string product = "shop", int? pin = null) =>
        new(id, id, product, category, priority, pin);

    private static string Order(
        IEnumerable<Candidate> widgets, RankingOptions? options = null, Viewer? viewer = null, ClickRates? rates = null, long now = Now) =>
        string.Join(' ', Arrangement.Of(widgets, viewer ?? Stranger, rates ?? ClickRates.None, options ?? Plain, now)
            .Placed.Select(one => one.Widget.Id));

    private static Viewer Who(Impressions? seen = null, Taste? taste = null) => new("somebody", [], taste, seen);

    private static Impressions Seen(params (string Id, long At, Response Response)[] ring) =>
        new(ring.Select(one => new Impression(one.Id, one.At, one.Response)));

    [Fact]
    public void Priority_decides_where_nothing_else_is_known_and_keys_where_it_is_equal() =>
        Order([Widget("c", 1), Widget("b", 1), Widget("a"), Widget("d", 9)]).ShouldBe("d b c a");

    [Fact]
    public void A_pinned_widget_stands_in_its_place_and_two_with_one_place_after_each_other() =>
        Order([Widget("a", 9), Widget("b", 8), Widget("c", 7), Widget("p", 0, pin: 1), Widget("q", 1, pin: 1), Widget("r", 0, pin: 99)])
            .ShouldBe("a q p b c r");

    [Fact]
    public void No_product_and_no_category_fills_the_feed()
    {
        var widgets = Enumerable.Range(0, 9).Select(i => Widget($"w{i}", 9 - i, i < 6 ? "tents" : "boots", i % 2 == 0 ? "shop" : "planner"));

        var arranged = Arrangement.Of(widgets, Stranger, ClickRates.None,
            new() { ClickPoints = 0, Exploration = 0, DiversityPoints = 0, CategoryMax = 3, ProductMax = 3 }, Now);

        arranged.Placed.Select(one => one.Widget.Id).ShouldBe(["w0", "w1", "w2", "w6", "w7"]);
        arranged.Dropped.Select(one => (one.Widget.Id, one.Cap)).ShouldBe(
            [("w3", Cap.Category), ("w4", Cap.Category), ("w5", Cap.Category), ("w8", Cap.Product)]);
    }

    [Fact]
    public void Pinned_widgets_count_against_the_caps_and_stay() =>
        Order([Widget("a", 9), Widget("p", pin: 0), Widget("q", pin: 1)], new() { ClickPoints = 0, Exploration = 0, ProductMax = 1 })
            .ShouldBe("p q");

    [Fact]
    public void A_widget_that_was_sent_away_stays_away_for_its_time_unless_it_is_pinned()
    {
        var viewer = Who(Seen(("a", Now, Response.Dismissed), ("p", Now, Response.Dismissed)));
        Candidate[] widgets = [Widget("a", 9), Widget("b"), Widget("p", pin: 1)];

        Order(widgets, viewer: viewer, now: Now + 29 * Clock.Day).ShouldBe("b p");
        Order(widgets, viewer: viewer, now: Now + 31 * Clock.Day).ShouldBe("a p b");
    }

    [Fact]
    public void A_widget_is_shown_so_often_a_day_and_again_the_next()
    {
        var viewer = Who(Seen(("a", Now - 3, Response.Clicked), ("a", Now - 2, Response.Clicked)));
        var options = new RankingOptions { ClickPoints = 0, Exploration = 0, DayMax = 2 };

        Order([Widget("a", 9), Widget("b")], options, viewer).ShouldBe("b");
        Order([Widget("a", 9), Widget("b")], options, viewer, now: Now + Clock.Day).ShouldBe("a b");
    }

    [Fact]
    public void What_was_seen_in_vain_falls_and_a_click_lifts_it_again()
    {
        Candidate[] widgets = [Widget("a", 3), Widget("b")];

        Order(widgets, viewer: Who(Seen(("a", Now, Response.None)))).ShouldBe("a b");
        Order(widgets, viewer: Who(Seen(("a", Now, Response.None), ("a", Now, Response.None)))).ShouldBe("b a");
        Order(widgets, viewer: Who(Seen(("a", Now, Response.None), ("a", Now, Response.None))), now: Now + 3 * Clock.Day).ShouldBe("a b");
        Order(widgets, viewer: Who(Seen(("a", Now, Response.None), ("a", Now, Response.None), ("a", Now, Response.Clicked)))).ShouldBe("a b");
    }

    [Fact]
    public void Neighbours_differ_where_that_costs_little()
    {
        Candidate[] widgets = [Widget("a", 20, "tents"), Widget("b", 19, "tents"), Widget("c", 15, "boots"), Widget("d", 1, "boots")];
        var options = new RankingOptions { ClickPoints = 0, Exploration = 0, DiversityPoints = 5 };

        Order(widgets, options).ShouldBe("a c b d");
        Order(widgets, new() { ClickPoints = 0, Exploration = 0, DiversityPoints = 3 }).ShouldBe("a b c d");
        Arrangement.Of([widgets[0], widgets[1]], Stranger, ClickRates.None, options, Now).Placed[1].Diversity.ShouldBe(5);
    }

    [Fact]
    public void What_a_person_likes_rises_and_fades()
    {
        var taste = new Taste(new Dictionary<string, float>(), Now, 14 * Clock.Day);
        taste.Clicked("boots", Now);
        Candidate[] widgets = [Widget("a", 4, "tents"), Widget("b", 0, "boots")];

        Order(widgets, viewer: Who(taste: taste)).ShouldBe("b a");
        Order(widgets, viewer: Who(taste: taste), now: Now + 14 * Clock.Day).ShouldBe("a b");
    }

    [Fact]
    public void A_small_segment_is_answered_by_everybody_and_a_large_one_for_itself()
    {
        var options = new RankingOptions { Exploration = 0 };
        var viewer = new Viewer("somebody", ["climbers"]);
        Dictionary<(string, string), Counter> counters = new()
        {
            [("a", "climbers")] = new(49, 49), [("a", ClickRates.All)] = new(10_000, 0), [("b", ClickRates.All)] = new(1000, 100),
        };

        Order([Widget("a"), Widget("b")], options, viewer, new(counters)).ShouldBe("b a");
        counters[("a", "climbers")] = new(50, 50);
        Order([Widget("a"), Widget("b")], options, viewer, new(counters)).ShouldBe("a b");
    }

    [Fact]
    public void The_terms_add_up_to_the_score_and_the_order_of_the_input_does_not_matter()
    {
        for (var round = 0; round < 200; round++)
        {
            var draws = Draws.For("widgets", "", round);
            var widgets = Enumerable.Range(0, 40).Select(i => Widget(
                $"w{i}", (long)(draws.Uniform() * 20), $"c{(int)(draws.Uniform() * 6)}", $"p{(int)(draws.Uniform() * 5)}",
                draws.Uniform() < 0.1 ? (int)(draws.Uniform() * 12) : null)).ToList();
            var options = new RankingOptions();

            var arranged = Arrangement.Of(widgets, Stranger, ClickRates.None, options, Now);

            Order(widgets.OrderBy(widget => Draws.For(widget.Id, "shuffled", round).Uniform()), options)
                .ShouldBe(string.Join(' ', arranged.Placed.Select(one => one.Widget.Id)));
            arranged.Placed.Select(one => one.Widget.Id).Concat(arranged.Dropped.Select(one => one.Widget.Id))
                .ShouldBe(widgets.Select(widget => widget.Id), ignoreOrder: true);
            foreach (var one in arranged.Placed)
            {
                one.Score.Total.ShouldBe(
                    one.Score.Priority + one.Score.Affinity + one.Score.ClickRate + one.Score.Exploration - one.Score.Fatigue);
            }
        }
    }

    [Fact]
    public void Persons_and_days_are_tried_differently_and_each_always_the_same()
    {
        var widgets = Enumerable.Range(0, 12).Select(i => Widget($"w{i:00}")).ToList();
        string For(string person, long day) => Order(widgets, new() { ProductMax = 99 }, new(person, []), now: Now + day * Clock.Day);

        For("ada", 0).ShouldBe(For("ada", 0));
        For("ada", 0).ShouldNotBe(For("bob", 0));
        For("ada", 0).ShouldNotBe(For("ada", 1));
    }

    [Theory]
    [InlineData(1, 49)]
    [InlineData(0.5, 0.5)]
    [InlineData(30, 70)]
    public void Draws_lie_where_the_distribution_does(double clicks, double misses)
    {
        var draws = Draws.For("", "", 0);
        var drawn = Enumerable.Range(0, 20_000).Select(_ => draws.Beta(clicks, misses)).ToList();

        var mean = clicks / (clicks + misses);
        drawn.ShouldAllBe(one => one >= 0 && one <= 1);
        drawn.Average().ShouldBe(mean, tolerance: 0.01);
        var variance = mean * (1 - mean) / (clicks + misses + 1);
        drawn.Average(one => Math.Pow(one - mean, 2)).ShouldBe(variance, tolerance: variance * 0.06);
    }

    [Fact]
    public void A_taste_has_at_most_32_numbers_between_0_and_1()
    {
        var taste = new Taste(new Dictionary<string, float>(), Now, 14 * Clock.Day);
        for (var i = 0; i < 100; i++)
        {
            for (var j = 0; j <= i % 7; j++) taste.Clicked($"c{i}", Now + i);
        }

        taste.Likes.Count.ShouldBe(Taste.CategoriesMax);
        taste.Likes.Values.ShouldAllBe(like => like > 0 && like <= 1);
        taste.Clicked("c200", Now + Clock.Day * 365);
        taste.Likes.Keys.ShouldBe(["c200"], "a year has taken the others");
    }
}
