using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Experiments;
using Kontor.Home.Feed;
using Kontor.Home.Segments;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Demo;

/// <summary>
/// Makes what products bring to a demo's feed, by the same code and rules as if an admin and other teams had called the API. What is there
/// stays as it is, also what an admin has archived since.
/// </summary>
internal sealed class DemoHome(
    IEnumerable<DemoWidgets> brought, Database database, WidgetTypes types, FeedModels models, SegmentEditor segments, WidgetEditor widgets,
    ExperimentEditor experiments, SnapshotIntake intake, TimeProvider time) : IDemoData
{
    /// <summary>In a demo nobody pushes again.</summary>
    private const int ShownSeconds = 30 * 24 * 60 * 60;

    private static readonly CurrentUser Admin = new(DemoPeople.AdminId, "", [RoleNames.Admin]);

    private sealed record Content(
        IReadOnlyList<ManageSegments.Request>? Segments, IReadOnlyList<ManageSources.Request>? Sources,
        IReadOnlyList<ManageExperiments.CreateRequest>? Experiments, IReadOnlyList<CreateWidget.Request>? Widgets,
        IReadOnlyList<JsonObject>? Snapshots);

    public async Task Seed(CancellationToken ct)
    {
        var all = brought.Select(one => JsonSerializer.Deserialize<Content>(one.Json, Targeting.Json)!).ToList();
        if (all.Count == 0) return;
        // The demo comes before all that the server otherwise does first.
        await database.Write(types.Install, ct);
        await models.Reload(ct);
        foreach (var request in all.SelectMany(one => one.Segments ?? [])) Require(await Add(request, ct), StoredSegments.Taken);
        foreach (var request in all.SelectMany(one => one.Sources ?? []))
        {
            var source = new StoredSources.Source(request.Key, request.Team, time.NowMs());
            Require(await database.Write(tx => StoredSources.Create(tx, source), ct), StoredSources.Taken);
        }

        var begun = new List<string>();
        foreach (var request in all.SelectMany(one => one.Experiments ?? []))
        {
            var made = await experiments.Create(request.Key, request, Admin.Id, ct);
            Require(made, StoredExperiments.KeyTaken);
            if (made.Problem is null) begun.Add(request.Key);
        }

        foreach (var request in all.SelectMany(one => one.Widgets ?? []))
        {
            if (await IsThere(request, ct)) continue;
            // Another node may have been quicker.
            Require(await CreateWidget.Run(request, Admin, widgets, time, ct), StoredWidgets.KeyTaken);
        }

        foreach (var key in begun) Require(await experiments.Start(key, Admin.Id, null, ct), null);
        foreach (var snapshot in all.SelectMany(one => one.Snapshots ?? [])) await Push(snapshot, ct);
    }

    private Task<Outcome<Segment>> Add(ManageSegments.Request request, CancellationToken ct) => segments.Create(
        new(request.Key, request.Title, request.Given, request.Priority, 1, null, null, time.NowMs(), time.NowMs()),
        request.Persons ?? [], ct);

    private Task<bool> IsThere(CreateWidget.Request request, CancellationToken ct) => database.Read(
        async tx => await tx.First<bool>(
            "SELECT EXISTS (SELECT 1 FROM home_widgets WHERE key = @key)",
            new { key = request.Source is { } source ? $"{source}.{request.Key}" : request.Key }), ct);

    /// <summary>As the other team would, and again when nothing of what it pushed is shown any more.</summary>
    private async Task Push(JsonObject snapshot, CancellationToken ct)
    {
        var target = new PushSnapshot.Target { Source = (string)snapshot["source"]!, Key = (string)snapshot["key"]! };
        var request = snapshot.Deserialize<PushSnapshot.Request>(Targeting.Json)! with
        {
            Version = time.NowMs(),
            TtlSeconds = ShownSeconds,
            StaleSeconds = ShownSeconds,
        };
        var there = await database.Read(tx => StoredSnapshots.Find(tx, target.Source, target.Key, request.UserId!).AsTask(), ct);
        if (there is not null && there.ShownUntil > time.NowMs()) return;
        Require(await database.Write(tx => intake.Take(tx, Incoming.Of(target, request), time.NowMs()), ct), StoredSnapshots.StaleVersion);
    }

    /// <summary>A demo that its own rules refuse is a mistake of the product that brought it.</summary>
    private static void Require<T>(Outcome<T> outcome, Problem? isDone)
    {
        if (outcome.Problem is not { } problem || problem.Code == isDone?.Code) return;
        var reasons = problem.Extensions.Values.OfType<System.Collections.IEnumerable>().SelectMany(list => list.Cast<object?>());
        throw new InvalidOperationException($"The demo's content is refused: {problem.Code} {string.Join("; ", reasons)}");
    }
}
