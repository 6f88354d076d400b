using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Kontor.Sync.Tests;

public class DeviceTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Five_devices_that_do_as_they_like_agree_once_they_are_quiet(int seed)
    {
        var random = new Random(seed);
        var person = app.NewPerson();
        var devices = Enumerable.Range(0, 5).Select(_ => person.NewDevice()).ToList();
        var created = 0;
        for (var step = 0; step < 150; step++)
        {
            var device = devices[random.Next(5)];
            var known = device.Rows.Keys.ToList();
            switch (random.Next(6))
            {
                case 0:
                    device.Set("projects", $"p{created++}", new JsonObject { ["name"] = $"{step}" });
                    break;
                case 1:
                    var projects = known.Where(key => key.Table == "projects").ToList();
                    device.Set("tasks", $"t{created++}", new JsonObject
                    {
                        ["title"] = $"{step}",
                        ["project_id"] = projects.Count == 0 ? "" : projects[random.Next(projects.Count)].Id,
                    });
                    break;
                case 2 when known.Count > 0:
                    var (table, id) = known[random.Next(known.Count)];
                    device.Set(table, id, new JsonObject { [table == "tasks" ? "title" : "name"] = $"{step}" });
                    break;
                case 3 when known.Count > 0 && random.Next(3) == 0:
                    device.Delete(known[random.Next(known.Count)].Table, known[random.Next(known.Count)].Id);
                    break;
                default:
                    await device.Synchronize(random.Next(2) == 0 ? 1 + random.Next(5) : null);
                    break;
            }
        }

        // Pages leave some behind; after a few rounds everybody has pushed and then pulled everything.
        for (var round = 0; round < 3; round++)
        {
            foreach (var device in devices) (await device.Synchronize()).ShouldBe(HttpStatusCode.OK);
        }

        var fresh = person.NewDevice();
        await fresh.Synchronize();
        foreach (var device in devices) Dump(device).ShouldBe(Dump(fresh));
        fresh.Rows.ShouldNotBeEmpty();
    }

    private static string Dump(Device device) => string.Join('\n', device.Rows.Select(pair =>
        $"{pair.Key.Table}/{pair.Key.Id}: {(string?)(pair.Value["title"] ?? pair.Value["name"])} {(string?)pair.Value["project_id"]}"));
}
