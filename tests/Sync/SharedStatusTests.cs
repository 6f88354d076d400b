using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Sync.Status;
using Shouldly;
using Xunit;

namespace Kontor.Sync.Tests;

/// <summary>What the server says of devices that have rows which everybody has.</summary>
public class SharedStatusTests(CatalogueApp app) : IClassFixture<CatalogueApp>
{
    [Fact]
    public async Task The_digest_of_the_server_has_the_shared_rows_and_is_the_one_that_a_device_is_compared_with()
    {
        await app.Share("there", Ids.New(), Ids.New());
        var device = app.NewPerson().NewDevice();
        await device.PullAndApply();

        var shown = (await device.Http.GetFromJsonAsync<JsonObject>("/sync/digest"))!["tables"]!.AsObject();

        shown.Select(table => table.Key).Order(StringComparer.Ordinal).ShouldBe(["projects", "tasks", "things"]);
        ((long)shown["things"]!["count"]!).ShouldBe((await app.Shared()).Count);
        using var answer = await device.Http.PostAsJsonAsync("/sync/digest", new { device.LastPulledAt, tables = shown });
        ((string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["verdict"]!).ShouldBe("same");
    }

    [Fact]
    public async Task Administrators_see_how_many_shared_rows_a_device_lacks_since_it_pulled()
    {
        await app.Share("there", Ids.New());
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Changes.Created("tasks", Changes.Task("a")));
        await phone.PullAndApply();
        await tablet.PullAndApply();
        (await Lag(person, phone)).ShouldBe("0 rows for 0 days");
        app.Clock.Advance(TimeSpan.FromDays(5));
        var (one, other) = (Ids.New(), Ids.New());
        await app.Share("new", one, other);
        await app.Unshare(other);

        (await Lag(person, phone)).ShouldBe("2 rows for 5 days");
        await tablet.PullAndApply();
        (await Lag(person, tablet)).ShouldBe("0 rows for 0 days");
        (await Lag(person, phone)).ShouldBe("2 rows for 5 days");
    }

    [Theory]
    [InlineData(1200, "At least 1,000 rows behind")]
    [InlineData(999, ">999 rows behind")]
    public async Task The_page_claims_no_number_that_was_not_counted(int rows, string said)
    {
        var person = app.NewPerson();
        var phone = person.NewDevice();
        await phone.Push(Changes.Created("tasks", Changes.Task("a")));
        await phone.PullAndApply();
        await app.Share("new", Enumerable.Range(0, rows).Select(_ => Ids.New()));
        await app.Service<Devices>().Flush(app.Database, CancellationToken.None);

        using var admin = app.NewPerson(RoleNames.Admin).NewDevice().Http;
        (await admin.GetStringAsync($"/admin/sync/{person.Id}")).ShouldContain(said);
    }

    private async Task<string> Lag(Person person, Device device)
    {
        await app.Service<Devices>().Flush(app.Database, CancellationToken.None);
        using var admin = app.NewPerson(RoleNames.Admin).NewDevice().Http;
        var devices = (await admin.GetFromJsonAsync<JsonObject>($"/sync/status/{person.Id}"))!["user"]!["devices"]!.AsArray();
        var found = devices.Single(one => (string)one!["device"]! == device.Session)!;
        return $"{found["missing"]} rows for {TimeSpan.FromMilliseconds((long)found["lag"]!).Days} days";
    }
}
