using Kontor.Foundation;
using Shouldly;
using Xunit;

namespace Kontor.Sync.Tests;

/// <summary>Where shared rows have their place in a person's versions, over a long time.</summary>
public class MarksTests(CatalogueApp app) : IClassFixture<CatalogueApp>
{
    [Fact]
    public async Task After_a_quiet_time_of_any_length_only_what_changed_is_fetched()
    {
        var ids = Enumerable.Range(0, 20).Select(_ => Ids.New()).ToList();
        await app.Share("old", ids);
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.PullAndApply();
        await tablet.PullAndApply();

        app.Clock.Advance(TimeSpan.FromDays(200));
        await app.Share("new", ids[3]);
        (await phone.PullAndApply()).Ids("things").ShouldBe([ids[3]]);
        await app.Share("newer", ids[4]);
        (await phone.PullAndApply()).Ids("things").ShouldBe([ids[4]]);

        (await tablet.PullAndApply()).Ids("things").ShouldBe(new[] { ids[3], ids[4] }.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Marks_that_no_device_needs_are_forgotten()
    {
        var person = app.NewPerson();
        var device = person.NewDevice();
        for (var i = 0; i < 10; i++)
        {
            app.Clock.Advance(TimeSpan.FromDays(30));
            await app.Share("again", "marked");
            await device.PullAndApply();
        }

        (await app.Database.Read(tx => tx.First<long>("SELECT COUNT(*) FROM sync_marks WHERE user_id = @Id", new { person.Id }).AsTask()))
            .ShouldBeInRange(3, 5);
    }
}
