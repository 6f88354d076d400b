using Kontor.Foundation.Time;
using Kontor.Home.Ranking;

namespace Kontor.Home.Tests.Ranking;

/// <summary>
/// People whose click rates are known, which those of real people never are: three segments that like different widgets, each person with
/// two favourite categories, and everybody less willing to click what they have just seen in vain. Each visits once a day.
/// </summary>
internal sealed class Audience
{
    public const int PeopleCount = 120;
    public const int Days = 45;
    public const int Slots = 5;
    private const int WidgetsCount = 30;

    private static readonly string[] Categories = ["tents", "boots", "ropes", "stoves", "lamps", "bags", "maps", "food", "coats", "bikes"];
    /// <summary>How people tire does not depend on what the ranking thinks of it.</summary>
    private static readonly RankingOptions Tired = new() { FatigueHalfLifeDays = 3 };

    private static readonly string[] Segments = ["climbers", "hikers", "families"];

    private readonly double[,] _rates = new double[WidgetsCount, Segments.Length];
    private readonly Candidate[] _widgets;
    private readonly Person[] _people;

    public Audience(string seed)
    {
        var draws = Draws.For(seed, "audience", 0);
        // Editors guess: among widgets that they think equal, their priorities have nothing to do with what people like.
        _widgets = [.. Enumerable.Range(0, WidgetsCount).Select(i => new Candidate(
            $"w{i:00}", $"w{i:00}", $"team-{i % 6}", Categories[i % Categories.Length], Priority: (long)(draws.Uniform() * 40)))];
        for (var i = 0; i < WidgetsCount; i++)
        {
            for (var j = 0; j < Segments.Length; j++) _rates[i, j] = 0.005 + (0.08 * Math.Pow(draws.Uniform(), 3));
        }

        _people = [.. Enumerable.Range(0, PeopleCount).Select(i => new Person(
            $"{seed}-{i}", i % Segments.Length,
            [Categories[(int)(draws.Uniform() * Categories.Length)], Categories[(int)(draws.Uniform() * Categories.Length)]]))];
    }

    private sealed record Person(string Id, int Segment, string[] Favourites);

    /// <summary>How many expected clicks were missed until the end of each day, per person, against whoever knows every rate.</summary>
    public double[] Regret(RankingOptions options)
    {
        var regret = new double[Days];
        var counters = new Dictionary<(string, string), Counter>();
        var people = _people.Select(person => (Person: person, Taste: new Taste(new Dictionary<string, float>(), 0, 14 * Clock.Day),
            Seen: new Impressions([]))).ToList();
        var sum = 0d;
        for (var day = 0; day < Days; day++)
        {
            var rates = new ClickRates(counters);
            foreach (var (person, taste, seen) in people)
            {
                var viewer = new Viewer(person.Id, [Segments[person.Segment]], taste, seen);
                var feed = Arrangement.Of(_widgets, viewer, rates, options, day).Placed.Take(Slots).Select(one => one.Widget).ToList();
                var best = _widgets.Select(widget => Rate(person, widget, seen, day)).OrderDescending().Take(Slots).Sum();
                sum += best - feed.Sum(widget => Rate(person, widget, seen, day));
                foreach (var widget in feed) Show(person, widget, taste, seen, counters, day);
            }

            regret[day] = sum / PeopleCount;
        }

        return regret;
    }

    /// <summary>Each time that a widget was seen in vain takes a tenth of the willingness, which comes back within days.</summary>
    private double Rate(Person person, Candidate widget, Impressions seen, long day) =>
        _rates[Array.IndexOf(_widgets, widget), person.Segment]
        * (person.Favourites.Contains(widget.Category) ? 4 : 1)
        * Math.Pow(0.9, seen.Of(widget.Id, day, Tired).InVain);

    private void Show(
        Person person, Candidate widget, Taste taste, Impressions seen, Dictionary<(string, string), Counter> counters, long day)
    {
        var clicked = Draws.For(person.Id, widget.Id + " clicked", day).Uniform() < Rate(person, widget, seen, day);
        seen.Seen(widget.Id, day, minute: 0);
        if (clicked)
        {
            seen.Answered(widget.Id, day, minute: 0, Response.Clicked);
            taste.Clicked(widget.Category!, day * Clock.Day);
        }

        foreach (var segment in new[] { Segments[person.Segment], ClickRates.All })
            counters[(widget.Id, segment)] = counters.GetValueOrDefault((widget.Id, segment)) + new Counter(1, clicked ? 1 : 0, 1);
    }
}
