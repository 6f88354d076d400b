using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Security;
using Kontor.Sync.Status;
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
        ((long)pulled["lag"]!).ShouldBe((long)user["version"]! - seen);
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
