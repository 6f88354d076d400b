using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Security;
using Kontor.Foundation.Seams;
using Kontor.Sync.Status;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class StatusTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task An_admin_sees_each_users_version_rows_deletions_and_devices()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Created("tasks", Task("a"), Task("b")).And(Created("projects", Project("p"))));
        var seen = (await tablet.Pull()).Timestamp();
        await phone.Push(Deleted("tasks", "a"), seen);
        await app.Service<Devices>().Flush(app.Database, CancellationToken.None);

        var user = await StatusOf(person);

        ((long)user["rows"]!).ShouldBe(2);
        ((long)user["tombstones"]!).ShouldBe(1);
        ((long)user["version"]!).ShouldBeGreaterThan(seen);
        var devices = user["devices"]!.AsArray();
        devices.Count.ShouldBe(2);
        devices.Single(device => device!["lastPushVersion"] is not null)!["lastPullAt"].ShouldBeNull();
        var pulled = devices.Single(device => device!["lastPullAt"] is not null)!;
        ((long)pulled["lastPullVersion"]!).ShouldBe(seen);
        ((long)pulled["missing"]!).ShouldBe(1);
        ((long)pulled["lag"]!).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_device_lacks_what_others_changed_since_they_changed_it_and_nothing_that_it_pushed_itself()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.PushNow(Created("tasks", Task("a"), Task("b"), Task("c")));
        await tablet.Pull();
        app.Clock.Advance(TimeSpan.FromDays(3));
        await phone.PushNow(Updated("tasks", Task("a", "Changed")).And(Deleted("tasks", "b")));
        app.Clock.Advance(TimeSpan.FromDays(2));
        await phone.PushNow(Updated("tasks", Task("c", "Changed")));
        app.Clock.Advance(TimeSpan.FromDays(5));

        (await LagOf(person, tablet)).ShouldBe("3 rows for 7 days");
        (await LagOf(person, phone)).ShouldBe("0 rows for 0 days");
        await tablet.Pull();
        (await LagOf(person, tablet)).ShouldBe("0 rows for 0 days");
    }

    [Fact]
    public async Task A_device_that_never_pulled_has_no_lag_and_one_that_was_told_to_replace_says_so()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Created("tasks", Task("a")));
        await tablet.Pull();
        (await Devices(person)).ShouldAllBe(device => !(bool)device["replaces"]!);
        var never = (await Devices(person)).Single(device => (string)device["device"]! == phone.Session);
        (never["missing"], never["lag"]).ShouldBe((null, null));

        var admin = app.NewPerson(RoleNames.Admin).NewDevice().Http;
        await admin.PostAsync($"/sync/status/{person.Id}/devices/{tablet.Session}/replace", null);

        (await Devices(person)).Where(device => (bool)device["replaces"]!).Select(device => (string)device["device"]!)
            .ShouldBe([tablet.Session]);
        await tablet.Pull((long)(await Devices(person)).Single(device => (bool)device["replaces"]!)["lastPullVersion"]!);
        (await Devices(person)).ShouldAllBe(device => !(bool)device["replaces"]!);
    }

    [Fact]
    public async Task A_pull_that_was_noted_before_an_erasure_does_not_bring_the_device_back()
    {
        var person = app.NewPerson();
        var phone = person.NewDevice();
        await phone.Push(Created("tasks", Task("a")));
        await phone.Pull();
        var (forgetful, other) = (app.Service<SyncPersonalData>(), app.Service<Devices>());
        // Another node notes what this one has heard the erasure of.
        var elsewhere = new Devices(app.Clock);
        elsewhere.Pulled(person.Id, "its-session", 7);

        await forgetful.Erase(new DataSubject(person.Id, null, 0), CancellationToken.None);
        await elsewhere.Flush(app.Database, CancellationToken.None);
        await other.Flush(app.Database, CancellationToken.None);

        (await DevicesOf(person)).ShouldBe(0);
    }

    /// <summary>The erasure is under way while the other node writes.</summary>
    [Fact]
    public async Task A_note_that_is_written_while_its_person_is_erased_does_not_stay()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "Several nodes need PostgreSQL: set KONTOR_TEST_DATABASE.");
        var person = app.NewPerson();
        await person.NewDevice().Push(Created("tasks", Task("a")));
        var elsewhere = new Devices(app.Clock);
        elsewhere.Pulled(person.Id, "its-session", 7);
        var erased = new TaskCompletionSource();
        var erasing = app.Database.Write(async tx =>
        {
            await tx.Execute("DELETE FROM sync_users WHERE user_id = @Id", new { person.Id });
            await tx.Execute("DELETE FROM sync_devices WHERE user_id = @Id", new { person.Id });
            erased.TrySetResult();
            await tx.Execute("SELECT pg_sleep(0.5)");
        });
        await erased.Task;

        await elsewhere.Flush(app.Database, CancellationToken.None);

        await erasing;
        (await DevicesOf(person)).ShouldBe(0);
    }

    [Fact]
    public async Task Nobody_else_sees_it() =>
        (await app.NewPerson().NewDevice().Http.GetAsync("/sync/status")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);

    [Fact]
    public async Task Pages_of_it_are_followed_by_their_cursor()
    {
        var people = Enumerable.Range(0, 3).Select(_ => app.NewPerson()).ToList();
        foreach (var person in people) await person.NewDevice().Push(Created("tasks", Task("a")));

        foreach (var person in people) (await StatusOf(person, limit: 1)).ShouldNotBeNull();
    }

    private Task<long> DevicesOf(Person person) => app.Database.Read(
        tx => tx.First<long>("SELECT COUNT(*) FROM sync_devices WHERE user_id = @Id", new { person.Id }).AsTask());

    private async Task<List<JsonNode>> Devices(Person person)
    {
        await app.Service<Devices>().Flush(app.Database, CancellationToken.None);
        return [.. (await StatusOf(person))["devices"]!.AsArray().Select(device => device!)];
    }

    private async Task<string> LagOf(Person person, Device device)
    {
        var found = (await Devices(person)).Single(one => (string)one["device"]! == device.Session);
        return $"{found["missing"]} rows for {TimeSpan.FromMilliseconds((long)found["lag"]!).Days} days";
    }

    private async Task<JsonObject> StatusOf(Person person, int limit = 50)
    {
        var admin = app.NewPerson(RoleNames.Admin).NewDevice().Http;
        var cursor = "";
        while (true)
        {
            var page = (await admin.GetFromJsonAsync<JsonObject>($"/sync/status?limit={limit}{cursor}"))!;
            if (page["users"]!.AsArray().FirstOrDefault(user => (string)user!["userId"]! == person.Id) is { } found)
                return found.AsObject();
            cursor = $"&cursor={(string?)page["nextCursor"] ?? throw new InvalidOperationException("The user is not listed.")}";
        }
    }
}
