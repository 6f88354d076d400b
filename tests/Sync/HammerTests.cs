using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using Tasks = System.Threading.Tasks.Task;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

/// <summary>
/// Writers and readers of one user, at once. Each push writes the same number into a project and two tasks of its writer, so a pull that
/// shows different numbers is torn; and a reader that only follows timestamps must end with each writer's last number, or something was
/// missed.
/// </summary>
public class HammerTests(SyncApp app) : IClassFixture<SyncApp>
{
    private const int Writers = 6;
    private const int Readers = 4;
    private const int PushesEach = 40;

    /// <summary>Whether a reader begins anew each time, and what it asks for besides.</summary>
    private static readonly (bool Anew, string More)[] Kinds = [(false, ""), (false, "&limit=2"), (true, "")];

    [Fact]
    public async Task No_pull_misses_a_change_or_sees_half_of_one()
    {
        var person = app.NewPerson();
        // They make a pull of everything long enough for pushes to come in between.
        await person.NewDevice().Push(Created("projects", [.. Enumerable.Range(0, 2000).Select(i => Numbered(Project($"x{i}"), 0))]));
        using var done = new CancellationTokenSource();
        var torn = new ConcurrentQueue<string>();
        var readers = Enumerable.Range(0, Readers)
            .Select(i => Tasks.Run(() => Read(person.NewDevice(), Kinds[i % Kinds.Length], torn, done.Token))).ToList();

        await Tasks.WhenAll(Enumerable.Range(0, Writers)
            .Select(i => Tasks.Run(() => Write(person.NewDevice(), $"w{i}"))));
        await done.CancelAsync();
        var seen = await Tasks.WhenAll(readers);

        torn.ShouldBeEmpty();
        foreach (var rows in seen)
        {
            var written = rows.Where(row => row.Key.StartsWith('w')).ToList();
            written.Count.ShouldBe(Writers * 3);
            written.Select(row => row.Value).Distinct().ShouldBe([PushesEach]);
        }
    }

    private static async Task Write(Device device, string name)
    {
        for (var number = 1; number <= PushesEach; number++)
        {
            var answer = await device.Push(
                Updated("projects", Numbered(Project(name), number))
                    .And(Updated("tasks", Numbered(Task($"{name}-1"), number), Numbered(Task($"{name}-2"), number))),
                (await device.Pull()).Timestamp());
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    private static async Task<Dictionary<string, long>> Read(
        Device device, (bool Anew, string More) kind, ConcurrentQueue<string> torn, CancellationToken done)
    {
        var rows = new Dictionary<string, long>();
        var since = 0L;
        while (true)
        {
            var last = done.IsCancellationRequested;
            var pull = await device.Pull(kind.Anew ? null : since, kind.More);
            if (pull.Timestamp() < since) torn.Enqueue($"{since} was followed by {pull.Timestamp()}");
            since = pull.Timestamp();
            foreach (var row in pull["changes"]!.AsObject().SelectMany(table => table.Value!["updated"]!.AsArray()))
                rows[(string)row!["id"]!] = (long)row["updated_at"]!;
            for (var i = 0; i < Writers; i++)
            {
                long[] numbers = [rows.GetValueOrDefault($"w{i}"), rows.GetValueOrDefault($"w{i}-1"), rows.GetValueOrDefault($"w{i}-2")];
                if (numbers.Distinct().Count() > 1) torn.Enqueue($"w{i} at {since}: {string.Join(' ', numbers)}");
            }

            if (last && (bool?)pull["has_more"] != true) return rows;
        }
    }

    private static JsonObject Numbered(JsonObject row, long number)
    {
        row["updated_at"] = number;
        return row;
    }
}
