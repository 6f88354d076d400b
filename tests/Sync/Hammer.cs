using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Tasks = System.Threading.Tasks.Task;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

/// <summary>
/// Writers and readers of one person, at once, and a stranger who writes rows of the same ids. Each push writes the same number into a
/// project and two tasks of its writer, and a third task that is there at odd numbers and deleted at even ones. So a pull that shows
/// different numbers is torn; and a reader that only follows timestamps must end with each writer's last number, or something was missed.
/// </summary>
internal sealed class Hammer(SyncApp app)
{
    private const int Writers = 6;
    private const int Readers = 4;

    /// <summary>The stranger's numbers begin here.</summary>
    private const long Strangers = 1_000_000_000;

    /// <summary>Whether a reader begins anew each time, and what it asks for besides.</summary>
    private static readonly (bool Anew, string More)[] Kinds = [(false, ""), (false, "&limit=2"), (true, "")];

    private readonly ConcurrentQueue<string> _findings = new();
    private readonly Stopwatch _since = new();
    private Func<int, TimeSpan, bool> _goesOn = (_, _) => false;

    /// <summary>How many pulls were checked.</summary>
    public int Pulls { get; private set; }

    /// <summary>What was wrong with a pull, each in a sentence; empty when all were right.</summary>
    /// <param name="goesOn">Asked by each writer with the number of its pushes and the time that has passed.</param>
    /// <param name="stopsAtFirst">Ends early when something was found.</param>
    public async Task<IReadOnlyList<string>> Run(Func<int, TimeSpan, bool> goesOn, bool stopsAtFirst = false)
    {
        _goesOn = (pushes, passed) => goesOn(pushes, passed) && !(stopsAtFirst && !_findings.IsEmpty);
        var (person, stranger) = (app.NewPerson(), app.NewPerson());
        // They make a pull of everything long enough for pushes to come in between.
        await person.NewDevice().Push(Created("projects", [.. Enumerable.Range(0, 2000).Select(i => Numbered(Project($"x{i}"), 0))]));
        using var done = new CancellationTokenSource();
        _since.Start();
        var readers = Enumerable.Range(0, Readers)
            .Select(i => Tasks.Run(() => Read(person.NewDevice(), Kinds[i % Kinds.Length], done.Token))).ToList();
        var strangers = Tasks.Run(() => Write(stranger.NewDevice(), "w0", Strangers));

        var written = await Tasks.WhenAll(
            Enumerable.Range(0, Writers).Select(i => Tasks.Run(() => Write(person.NewDevice(), $"w{i}", 0))));
        await strangers;
        await done.CancelAsync();
        foreach (var rows in await Tasks.WhenAll(readers))
        {
            for (var i = 0; i < Writers; i++)
            {
                if (rows.GetValueOrDefault($"w{i}") != written[i])
                    _findings.Enqueue($"w{i} wrote {written[i]}, and a reader ended with {rows.GetValueOrDefault($"w{i}")}");
            }
        }

        return [.. _findings];
    }

    private async Task<long> Write(Device device, string name, long from)
    {
        var number = from;
        for (var pushes = 0; _goesOn(pushes, _since.Elapsed); pushes++)
        {
            number++;
            var changes = Updated("projects", Numbered(Project(name), number))
                .And(Updated("tasks", Numbered(Task($"{name}-1"), number), Numbered(Task($"{name}-2"), number)))
                .And(number % 2 == 1 ? Created("tasks", Numbered(Task($"{name}-odd"), number)) : Deleted("tasks", $"{name}-odd"));
            var answer = await device.Push(changes, (await device.Pull()).Timestamp());
            if (answer.StatusCode == HttpStatusCode.OK) continue;
            _findings.Enqueue($"{name}'s push of {number} was answered {answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            return number - 1;
        }

        return number;
    }

    private async Task<Dictionary<string, long>> Read(Device device, (bool Anew, string More) kind, CancellationToken done)
    {
        var rows = new Dictionary<string, long>();
        var since = 0L;
        while (true)
        {
            var last = done.IsCancellationRequested;
            var pull = await device.Pull(kind.Anew ? null : since, kind.More);
            if (pull.Timestamp() < since) _findings.Enqueue($"{since} was followed by {pull.Timestamp()}");
            since = pull.Timestamp();
            if (kind.Anew) rows.Clear();
            Apply(pull, rows);
            lock (_findings) Pulls++;
            Check(rows, since);
            if (last && (bool?)pull["has_more"] != true) return rows;
        }
    }

    private void Apply(JsonObject pull, Dictionary<string, long> rows)
    {
        foreach (var (table, lists) in pull["changes"]!.AsObject())
        {
            if (lists!["created"]!.AsArray().Count > 0) _findings.Enqueue($"{table} has rows that are said to be new to the device");
            foreach (var row in lists["updated"]!.AsArray()) rows[(string)row!["id"]!] = (long)row["updated_at"]!;
            foreach (var id in lists["deleted"]!.AsArray()) rows.Remove((string)id!);
        }
    }

    private void Check(Dictionary<string, long> rows, long version)
    {
        if (rows.Values.FirstOrDefault(number => number >= Strangers) is > 0 and var foreign)
            _findings.Enqueue($"at {version} there is a stranger's row, {foreign}");
        for (var i = 0; i < Writers; i++)
        {
            var number = rows.GetValueOrDefault($"w{i}");
            long[] others =
            [
                rows.GetValueOrDefault($"w{i}-1"),
                rows.GetValueOrDefault($"w{i}-2"),
                number % 2 == 1 ? rows.GetValueOrDefault($"w{i}-odd") : number + rows.GetValueOrDefault($"w{i}-odd"),
            ];
            if (others.Any(other => other != number)) _findings.Enqueue($"w{i} at {version}: {number}, {string.Join(' ', others)}");
        }
    }

    private static JsonObject Numbered(JsonObject row, long number)
    {
        row["updated_at"] = number;
        return row;
    }
}
