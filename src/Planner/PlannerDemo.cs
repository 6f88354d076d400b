using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Planner;

/// <summary>Ada moves house and tests Kontor; some of it is done. Needs the counters of Sync, and seeds nothing without them.</summary>
internal sealed class PlannerDemo(Database database, IEnumerable<ISyncVersions> versions, TimeProvider time) : IDemoData
{
    private static readonly (string Name, string? Description, (string Title, string? Description, bool IsCompleted)[] Tasks)[] Projects =
    [
        ("Moving house", "Keys on the 1st of next month.",
        [
            ("Order moving boxes", "Thirty large, ten small.", true),
            ("Measure the kitchen", null, true),
            ("Compare three removal firms", "Ask for insurance.", false),
            ("Tell the bank the new address", null, false),
            ("Return the old keys", null, false),
        ]),
        ("Desk at home", "A place to work that is not the sofa.",
        [
            ("Choose a desk lamp", "Warm light, no cable across the desk.", false),
            ("Compare headphones", null, false),
            ("Run the network cable", null, true),
        ]),
        ("Birthday for Grace", null,
        [
            ("Find a present", "She likes things that tick.", false),
            ("Invite eight people", null, false),
        ]),
    ];

    public async Task Seed(CancellationToken ct)
    {
        if (versions.FirstOrDefault() is not { } counters) return;
        // Looking first: a version that is drawn at every start would make phones pull for nothing.
        if (await database.Read(tx => IsSeeded(tx), ct)) return;
        await database.Write(async tx =>
        {
            var version = await counters.Draw(tx, DemoPeople.AdaId);
            // Another node may have been quicker.
            if (!await IsSeeded(tx)) await Insert(tx, version);
        }, ct);
    }

    private static async Task<bool> IsSeeded(Tx tx) => await tx.First<bool>(
        "SELECT EXISTS (SELECT 1 FROM planner_projects WHERE user_id = @userId)", new { userId = DemoPeople.AdaId });

    private async Task Insert(Tx tx, long version)
    {
        var now = time.NowMs();
        foreach (var (name, description, tasks) in Projects)
        {
            var projectId = Ids.New(time);
            await tx.Execute("""
                INSERT INTO planner_projects (user_id, id, name, description, created_at, updated_at, version)
                VALUES (@userId, @projectId, @name, @description, @now, @now, @version)
                """, new { userId = DemoPeople.AdaId, projectId, name, description, now, version });
            foreach (var task in tasks)
            {
                await tx.Execute("""
                    INSERT INTO planner_tasks (user_id, id, title, description, is_completed, project_id, created_at, updated_at, version)
                    VALUES (@userId, @id, @title, @description, @isCompleted, @projectId, @now, @now, @version)
                    """, new
                {
                    userId = DemoPeople.AdaId,
                    id = Ids.New(time),
                    title = task.Title,
                    description = task.Description,
                    isCompleted = task.IsCompleted,
                    projectId,
                    now,
                    version,
                });
            }
        }
    }
}
