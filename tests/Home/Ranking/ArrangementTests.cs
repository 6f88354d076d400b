using Kontor.Foundation.Time;
using Kontor.Home.Ranking;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Ranking;

public class ArrangementTests
{
    private const long Today = 20_000;

    /// <summary>Nothing but what a test is about decides.</summary>
    private static RankingOptions Plain => new() { ClickPoints = 0, Exploration = 0, DiversityPoints = 0, DayLeaves = 0 };

    private static readonly Viewer Stranger = new(null, []);

    private static Candidate Widget(string id, long priority = 0, string? category = null, string product = "shop", int? pin = null,
        int slot = 0) =>
        new(id, id, product, category, priority, pin, slot);

    private static string Order(
        IEnumerable<Candidate> widgets, RankingOptions? options = null, Viewer? viewer = null, ClickRates? rates = null,
        long day = Today) =>
        string.Join(' ', Arrangement.Of([.. widgets], viewer ?? Stranger, rates ?? ClickRates.None, options ?? Plain, day)
            .Placed.Select(one => one.Widget.Id));

    private static Viewer Who(Impressions? seen = null, Taste? taste = null) => new("somebody", [], taste, seen);

    private static Impressions Seen(params (string Id, long DaysAgo, Response Response)[] ring) =>
        new(ring.Select(one => new Impression(one.Id, Today - one.DaysAgo, 1, one.Response)));

    [Fact]
    public void Priority_decides_where_nothing_else_is_known_and_keys_where_it_is_equal() =>
        Order([Widget("c", 1), Widget("b", 1), Widget("a"), Widget("d", 9)]).ShouldBe("d b c a");

    [Fact]
    public void A_pinned_widget_stands_in_its_place_and_two_with_one_place_after_each_other() =>
        Order([Widget("a", 9), Widget("b", 8), Widget("c", 7), Widget("p", 0, pin: 1), Widget("q", 1, pin: 1), Widget("r", 0, pin: 99)])
            .ShouldBe("a q p b c r");

    [Fact]
    public void Slots_stand_below_each_other_and_pins_count_from_their_beginning() =>
        Order([
            Widget("m", 9, slot: 1), Widget("n", 8, slot: 1), Widget("p", pin: 1, slot: 1), Widget("t", slot: 0), Widget("b", 99, slot: 2),
            Widget("q", pin: 7, slot: 0),
        ]).ShouldBe("t q m p n b");

    [Fact]
    public void No_product_and_no_category_fills_the_feed()
    {
        var widgets = Enumerable.Range(0, 9)
            .Select(i => Widget($"w{i}", 9 - i, i < 6 ? "tents" : "boots", i % 2 == 0 ? "shop" : "planner")).ToList();
        var options = Plain;
        (options.CategoryMax, options.ProductMax) = (3, 3);

        var arranged = Arrangement.Of(widgets, Stranger, ClickRates.None, options, Today);

        arranged.Placed.Select(one => one.Widget.Id).ShouldBe(["w0", "w1", "w2", "w6", "w7"]);
        arranged.Dropped.Select(one => (one.Widget.Id, one.Cap)).ShouldBe(
            [("w3", Cap.Category), ("w4", Cap.Category), ("w5", Cap.Category), ("w8", Cap.Product)]);
        options.UncappedTeams = ["shop", "planner"];
        Order(widgets, options).ShouldBe("w0 w1 w2 w3 w4 w5 w6 w7 w8");
    }

    [Fact]
    public void Pinned_widgets_count_against_the_caps_and_stay()
    {
        var options = Plain;
        options.ProductMax = 1;

        Order([Widget("a", 9), Widget("p", pin: 0), Widget("q", pin: 1)], options).ShouldBe("p q");
    }

    [Fact]
    public void A_widget_that_was_sent_away_stays_away_for_its_time_unless_it_is_pinned()
    {
        var viewer = Who(Seen(("a", 0, Response.Dismissed), ("p", 0, Response.Dismissed)));
        Candidate[] widgets = [Widget("a", 90), Widget("b"), Widget("p", pin: 1)];

        Order(widgets, viewer: viewer, day: Today + 29).ShouldBe("b p");
        Order(widgets, viewer: viewer, day: Today + 30).ShouldBe("a p b");
    }

    [Fact]
    public void What_was_sent_away_stays_away_though_much_else_was_seen_since()
    {
        var seen = Seen(("a", 20, Response.Dismissed));
        for (var i = 0; i < 500; i++) seen.Seen($"w{i % 25}", Today - 20 + (i / 25), minute: 0);

        seen.Ring.Count.ShouldBe(Impressions.Max);
        seen.Of("a", Today, Plain).IsDismissed.ShouldBeTrue();
        seen.Of("w0", Today, Plain).InVain.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void A_widget_is_shown_on_so_many_visits_a_day_and_again_the_next()
    {
        var seen = Impressions.None;
        seen = new(seen.Ring);
        foreach (var minute in new[] { 0, 5, 29, 31 }) seen.Seen("a", Today, minute);
        var options = Plain;
        options.DayMax = 3;
        Order([Widget("a", 90), Widget("b")], options, Who(seen)).ShouldBe("a b", "only the last came half an hour later");

        seen.Seen("a", Today, minute: 90).ShouldBe(3);

        Order([Widget("a", 90), Widget("b")], options, Who(seen)).ShouldBe("b");
        Order([Widget("a", 90), Widget("b")], options, Who(seen), day: Today + 1).ShouldBe("a b");
        options.DayLeaves = 2;
        Order([Widget("a", 90), Widget("b")], options, Who(seen)).ShouldBe("a b", "better seen often than an empty page");
    }

    [Fact]
    public void What_was_seen_in_vain_falls_the_next_day_and_a_click_lifts_it_again()
    {
        Candidate[] widgets = [Widget("a", 10), Widget("b")];

        Order(widgets, viewer: Who(Seen(("a", 0, Response.None), ("a", 1, Response.None)))).ShouldBe("a b");
        var twice = Who(Seen(("a", 1, Response.None), ("a", 2, Response.None)));
        Order(widgets, viewer: twice).ShouldBe("b a");
        Order(widgets, viewer: twice, day: Today + 3).ShouldBe("a b");
        Order(widgets, viewer: Who(Seen(("a", 1, Response.None), ("a", 2, Response.None), ("a", 0, Response.Clicked)))).ShouldBe("a b");
    }

    [Fact]
    public void The_order_in_which_events_arrive_does_not_matter()
    {
        var draws = Draws.For("events", "", 0);
        for (var round = 0; round < 100; round++)
        {
            var events = Enumerable.Range(0, 30).Select(_ => (
                Id: $"w{(int)(draws.Uniform() * 4)}", Day: Today - (int)(draws.Uniform() * 5), Minute: (int)(draws.Uniform() * 3) * 300,
                Response: (Response)(int)(draws.Uniform() * 3))).ToList();

            var facts = new[] { events, [.. events.OrderBy(_ => draws.Uniform())] }.Select(some =>
            {
                var seen = new Impressions([]);
                foreach (var (id, day, minute, response) in some)
                {
                    if (response == Response.None) seen.Seen(id, day, minute);
                    else seen.Answered(id, day, minute, response);
                }

                return Enumerable.Range(0, 4).Select(i => seen.Of($"w{i}", Today, Plain)).ToList();
            }).ToList();

            facts[0].ShouldBe(facts[1]);
        }
    }

    [Fact]
    public void Neighbours_differ_where_that_costs_little()
    {
        Candidate[] widgets = [Widget("a", 20, "tents"), Widget("b", 19, "tents"), Widget("c", 15, "boots"), Widget("d", 1, "boots")];
        var (options, less) = (Plain, Plain);
        (options.DiversityPoints, less.DiversityPoints) = (5, 3);

        Order(widgets, options).ShouldBe("a c b d");
        Order(widgets, less).ShouldBe("a b c d");
        Arrangement.Of([widgets[0], widgets[1]], Stranger, ClickRates.None, options, Today).Placed[1].Diversity.ShouldBe(5);
    }

    [Fact]
    public void What_a_person_likes_rises_and_fades()
    {
        var taste = new Taste(new Dictionary<string, float>(), Today * Clock.Day, 14 * Clock.Day);
        taste.Clicked("boots", Today * Clock.Day);
        Candidate[] widgets = [Widget("a", 20, "tents"), Widget("b", 0, "boots")];

        Order(widgets, viewer: Who(taste: taste)).ShouldBe("b a");
        Order(widgets, viewer: Who(taste: taste), day: Today + 14).ShouldBe("a b");
    }

    [Fact]
    public void A_small_segment_is_answered_by_everybody_and_a_large_one_for_itself()
    {
        var options = new RankingOptions();
        var viewer = new Viewer(null, ["climbers"]);
        Dictionary<(string, string), Counter> counters = new()
        {
            [("a", "climbers")] = new(490, 490, 49),
            [("a", ClickRates.All)] = new(10_000, 0, 500),
            [("b", ClickRates.All)] = new(1000, 100, 500),
        };

        Order([Widget("a"), Widget("b")], options, viewer, new(counters)).ShouldBe("b a");
        Order([Widget("a"), Widget("b")], options, viewer, new(new Dictionary<(string, string), Counter>
        {
            [("b", ClickRates.All)] = new(490, 490, 49),
        })).ShouldBe("a b", "one person's clicks are not everybody's");
        counters[("a", "climbers")] = new(50, 50, 50);
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
                draws.Uniform() < 0.1 ? (int)(draws.Uniform() * 12) : null, (int)(draws.Uniform() * 3))).ToList();
            var (options, viewer) = (new RankingOptions { CategoryMax = 5 }, new Viewer("somebody", []));

            var arranged = Arrangement.Of(widgets, viewer, ClickRates.None, options, Today);

            Order(widgets.OrderBy(widget => Draws.For(widget.Id, "shuffled", round).Uniform()), options, viewer)
                .ShouldBe(string.Join(' ', arranged.Placed.Select(one => one.Widget.Id)));
            arranged.Placed.Select(one => one.Widget.Id).Concat(arranged.Dropped.Select(one => one.Widget.Id))
                .ShouldBe(widgets.Select(widget => widget.Id), ignoreOrder: true);
            arranged.Placed.Select(one => one.Widget.Slot).ShouldBeInOrder();
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
        string For(string person, long day) => Order(widgets, new() { ProductMax = 99 }, new(person, []), day: day);

        For("ada", 0).ShouldBe(For("ada", 0));
        For("ada", 0).ShouldNotBe(For("bob", 0));
        For("ada", 0).ShouldNotBe(For("ada", 1));
        Order(widgets, new() { ProductMax = 99 }).ShouldBe(string.Join(' ', widgets.Select(widget => widget.Id)), "not on strangers");
    }

    [Fact]
    public void Trying_never_turns_an_editors_step()
    {
        Candidate[] widgets = [Widget("a", 0), Widget("b", 100)];

        for (var i = 0; i < 5000; i++) Order(widgets, new(), new($"person {i}", []), day: i).ShouldBe("b a");
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
        var taste = new Taste(new Dictionary<string, float>(), Today * Clock.Day, 14 * Clock.Day);
        for (var i = 0; i < 100; i++)
        {
            for (var j = 0; j <= i % 7; j++) taste.Clicked($"c{i}", Today * Clock.Day + i);
        }

        taste.Likes.Count.ShouldBe(Taste.CategoriesMax);
        taste.Likes.Values.ShouldAllBe(like => like > 0 && like <= 1);
        taste.Clicked("c200", (Today + 365) * Clock.Day);
        taste.Likes.Keys.ShouldBe(["c200"], "a year has taken the others");
    }
}
