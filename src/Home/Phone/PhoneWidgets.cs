using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Sources;

namespace Kontor.Home.Phone;

/// <summary>
/// The feed, as phones keep it to show it without a network. Its rows are a person's and not a session's, so they are what the feed shows
/// with the least that any of the person's sessions may see: on every kind of phone, signed in with one factor, and nothing that is
/// for administrators. Nothing may come back that was just taken away: on one node somebody's feed is worked out and written in turn, and
/// what was worked out while another wrote, or by settings that have changed, is worked out anew.
/// </summary>
internal sealed class PhoneWidgets(
    Database database, HomeFeed feed, FeedModels models, IEnumerable<ISyncVersions> versions, TimeProvider time) : ISyncTable
{
    /// <summary>For what the model does not tell: a person's own snapshots, and hours that begin or end.</summary>
    private const long FreshMs = 30 * Clock.Second;

    private const int RememberedMax = 100_000;

    /// <summary>Two nodes that see a person differently could correct each other for ever, and wake the phones each time.</summary>
    private const int RoundsMax = 3;

    private static readonly FeedQuery[] Phones =
        [FeedQuery.Web("en") with { Platform = "ios" }, FeedQuery.Web("en") with { Platform = "android" }];

    private readonly ISyncVersions? _versions = versions.FirstOrDefault();
    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim[] _turns = [.. Enumerable.Range(0, 1024).Select(_ => new SemaphoreSlim(1))];
    private readonly Lock _lock = new();
    private FeedModel? _model;
    private long _modelNumber;

    private sealed record Seen(long ModelNumber, string Roles, long At);

    private sealed record Row(
        string Id, string Key, string Type, long TypeVersion, string Title, string Titles, long Position, string Content);

    /// <param name="Number">Of the model by which it was worked out.</param>
    /// <param name="Widgets">The versions of the widgets in it.</param>
    private sealed record Made(FeedModel Model, long Number, List<Row> Rows, Dictionary<string, long> Widgets);

    /// <param name="Version">Of the newest row, deletions too.</param>
    private sealed record Known(List<Row> Rows, long Version);

    private sealed record Published(string Id, long Version);

    public SyncTable Shape { get; } = new("home_widgets", "home_phone_widgets",
    [
        new("key", SyncType.Text),
        new("type", SyncType.Text),
        new("type_version", SyncType.Number),
        new("title", SyncType.Text),
        new("titles", SyncType.Text),
        new("position", SyncType.Number),
        new("content", SyncType.Text),
    ],
    Since: 2, Kind: SyncKind.ReadOnly);

    public Task Refresh(CurrentUser user, CancellationToken ct)
    {
        if (_versions is null) return Task.CompletedTask;
        return IsFresh(user) ? Task.CompletedTask : RefreshInTurn(user, ct);
    }

    private bool IsFresh(CurrentUser user)
    {
        var now = SeenBy(user, NumberOfModel().Number);
        return _seen.TryGetValue(user.Id, out var last) && last with { At = now.At } == now
            && now.At >= last.At && now.At < last.At + FreshMs;
    }

    private Seen SeenBy(CurrentUser user, long modelNumber) => new(modelNumber, string.Join(',', user.Roles), time.NowMs());

    private async Task RefreshInTurn(CurrentUser user, CancellationToken ct)
    {
        var turn = _turns[(uint)user.Id.GetHashCode(StringComparison.Ordinal) % _turns.Length];
        await turn.WaitAsync(ct);
        try
        {
            if (!IsFresh(user)) await RefreshNow(user, ct);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task RefreshNow(CurrentUser user, CancellationToken ct)
    {
        var roles = user.Roles.Where(role => role != RoleNames.Admin).ToList();
        var reader = user with { Roles = roles, Assurance = Assurance.OneFactor };
        long number = 0;
        for (var round = 0; round < RoundsMax; round++)
        {
            var known = await database.Read(tx => Read(tx, user.Id), ct);
            var made = await Make(reader, ct);
            number = made.Number;
            if (!await database.Read(tx => IsCurrent(tx, made), ct))
            {
                await models.ReloadAfter(made.Model, ct);
                continue;
            }

            if (made.Rows.SequenceEqual(known.Rows)) break;
            // And looked at once more: what was decided or written on another node while this was written counts.
            await database.Write(tx => Write(tx, user.Id, made, known.Version), ct);
        }

        // Forgetting costs each person one look more.
        if (_seen.Count >= RememberedMax) _seen.Clear();
        _seen[user.Id] = SeenBy(user, number);
    }

    private async Task<Made> Make(CurrentUser user, CancellationToken ct)
    {
        var (model, number) = NumberOfModel();
        var views = new List<FeedView>();
        foreach (var phone in Phones) views.Add(await feed.For(model, phone, user, time.NowMs(), isPerson: true, ct));
        // A feed without something is soon made anew; a phone would keep it, and lose what it has.
        if (!views.All(view => view.IsWhole)) throw new DatabaseUnavailableException("What is known of a person could not be read.");
        var everywhere = views[1].Shown.Select(one => one.Part.Widget.Widget.Id).ToHashSet(StringComparer.Ordinal);
        var shown = views[0].Shown.Where(one => everywhere.Contains(one.Part.Widget.Widget.Id)).ToList();
        var rows = shown.Select((one, i) =>
        {
            var widget = one.Part.Widget.Widget;
            return new Row(
                widget.Id, widget.Key, widget.Type.Key, widget.Type.Version, one.Part.Title, JsonSerializer.Serialize(widget.Titles), i,
                Encoding.UTF8.GetString(one.Content));
        });
        var widgets = shown.Select(one => one.Part.Widget.Widget);
        return new Made(model, number, [.. rows], widgets.ToDictionary(widget => widget.Id, widget => widget.Version));
    }

    private (FeedModel Model, long Number) NumberOfModel()
    {
        lock (_lock)
        {
            if (!ReferenceEquals(_model, models.Current)) (_model, _modelNumber) = (models.Current, _modelNumber + 1);
            return (_model!, _modelNumber);
        }
    }

    private static async Task<Known> Read(Tx tx, string userId)
    {
        // First, so that rows which are newer than it are found out.
        var version = await VersionOf(tx, userId);
        return new(await Stored(tx, userId), version);
    }

    private static async ValueTask<long> VersionOf(Tx tx, string userId) => await tx.First<long?>(
        "SELECT MAX(version) FROM home_phone_widgets WHERE user_id = @userId", new { userId }) ?? 0;

    /// <summary>The settings of the widgets that are shown are still those that it was worked out by, on all nodes.</summary>
    private static async Task<bool> IsCurrent(Tx tx, Made made)
    {
        string[] ids = [.. made.Widgets.Keys];
        var now = await tx.Query<Published>($"""
            SELECT id, version FROM home_widgets
            WHERE state = 'published' AND id {tx.Dialect.In("ids")}
            """, new { ids });
        return now.Count == ids.Length && now.TrueForAll(widget => made.Widgets[widget.Id] == widget.Version);
    }

    private static ValueTask<List<Row>> Stored(Tx tx, string userId) => tx.Query<Row>("""
        SELECT id, key, type, type_version, title, titles, position, content FROM home_phone_widgets
        WHERE user_id = @userId AND is_deleted = false
        ORDER BY position, id
        """, new { userId });

    /// <param name="known">The version that was the newest before <paramref name="made"/> was worked out.</param>
    private async Task Write(Tx tx, string userId, Made made, long known)
    {
        var version = await _versions!.Draw(tx, userId);
        // A rival may have known better.
        if (await VersionOf(tx, userId) != known || !await IsCurrent(tx, made)) return;
        var shown = made.Rows;
        var stored = (await Stored(tx, userId)).ToDictionary(row => row.Id, StringComparer.Ordinal);
        var changed = shown.Where(row => stored.GetValueOrDefault(row.Id) != row).Select(row => new
        {
            userId,
            version,
            row.Id,
            row.Key,
            row.Type,
            row.TypeVersion,
            row.Title,
            row.Titles,
            row.Position,
            row.Content,
        }).ToList();
        await tx.ExecuteEach("""
            INSERT INTO home_phone_widgets (
                user_id, id, key, type, type_version, title, titles, position, content, version, is_deleted)
            VALUES (@userId, @Id, @Key, @Type, @TypeVersion, @Title, @Titles, @Position, @Content, @version, false)
            ON CONFLICT (user_id, id) DO UPDATE SET
                key = excluded.key, type = excluded.type, type_version = excluded.type_version, title = excluded.title,
                titles = excluded.titles, position = excluded.position, content = excluded.content, version = excluded.version,
                is_deleted = false
            """, changed);
        string[] gone = [.. stored.Keys.Except(shown.Select(row => row.Id))];
        if (gone.Length == 0) return;
        // What was on the phones is not to be read from the tombstone.
        await tx.Execute($"""
            UPDATE home_phone_widgets SET is_deleted = true, version = @version, title = '', titles = '', content = ''
            WHERE user_id = @userId AND id {tx.Dialect.In("gone")}
            """, new { userId, version, gone });
    }
}
