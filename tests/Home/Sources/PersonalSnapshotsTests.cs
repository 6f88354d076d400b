using System.Text.Json.Nodes;
using Kontor.Foundation.Seams;
using Kontor.Home.Sources;
using Kontor.Home.Widgets.Types;
using Kontor.Testing;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Sources;

/// <summary>What is held in memory of the content of single persons.</summary>
[Trait("Database", "none")]
public class PersonalSnapshotsTests
{
    private const int People = 500;

    private readonly TestClock _clock = new();
    private readonly OfferedWidget _first = Widget("first");
    private readonly OfferedWidget _second = Widget("second");

    [Fact]
    public void It_stays_within_its_bound_also_when_nobody_new_comes_and_content_grows()
    {
        var persons = Persons(megabytes: 1);
        for (var i = 0; i < People; i++) persons.Of($"person {i}", [_first]);
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < People; i++)
            {
                var slot = persons.Of($"person {i}", [_first])[0];
                var (before, now) = (slot.Shown, Snapshot.Of(new byte[60_000 + round], asOf: 1));
                slot.Renewed(now, Moments.Next());
                persons.Grow(now.Content!.Length - (before?.Content?.Length ?? 0));
            }
        }

        var held = Enumerable.Range(0, People).Sum(i => persons.Find($"person {i}", _first)?.Shown?.Content?.Length ?? 0);

        held.ShouldBeInRange(1, 1024 * 1024);
    }

    [Fact]
    public void Who_left_is_let_go_within_an_hour_though_the_others_come_again()
    {
        var persons = Persons();
        persons.Of("regular", [_first]);
        persons.Of("left", [_first]);

        for (var minute = 0; minute < 60; minute++)
        {
            _clock.Pass(TimeSpan.FromMinutes(1));
            if (minute % 10 == 0) persons.Of("regular", [_first]);
            persons.Tidy();
        }

        persons.Find("left", _first).ShouldBeNull();
        persons.Find("regular", _first).ShouldNotBeNull();
    }

    [Fact]
    public async Task A_device_that_shows_more_takes_nothing_from_another_of_the_same_person()
    {
        var persons = Persons();
        OfferedWidget[] few = [_first], all = [_first, _second];
        for (var i = 0; i < 2000; i++)
        {
            var person = $"person {i}";
            persons.Of(person, few);
            var other = Task.Run(() => persons.Of(person, all), TestContext.Current.CancellationToken);
            do persons.Of(person, few).Count.ShouldBe(1);
            while (!other.IsCompleted);

            (await other).Count.ShouldBe(2);
        }
    }

    private PersonalSnapshots Persons(int megabytes = 256) =>
        new(Options.Create(new HomeOptions { PersonalMegabytesMax = megabytes }), _clock);

    private static OfferedWidget Widget(string key)
    {
        var titles = new Dictionary<string, string> { ["en"] = key };
        return new(new Source(), new(key, "text@1", titles, 1, true, 60), TypeName.Parse("text@1")!.Value, staleSeconds: 60);
    }

    private sealed class Source : IWidgetSource
    {
        public string Name => "held";

        public IReadOnlyList<WidgetOffer> Widgets => [];

        public Task<JsonObject?> Content(string key, string? userId, CancellationToken ct) => Task.FromResult<JsonObject?>(null);
    }
}
