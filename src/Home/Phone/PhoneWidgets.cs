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
/// for administrators.
/// </summary>
internal sealed class PhoneWidgets(
    Database database, HomeFeed feed, FeedModels models, IEnumerable<ISyncVersions> versions, TimeProvider time) : ISyncTable
{
    /// <summary>For what the model does not tell: a person's own snapshots, and hours that begin or end.</summary>
    private const long FreshMs = 30 * Clock.Second;

    private const int RememberedMax = 100_000;

    private static readonly FeedQuery[] Phones =
        [FeedQuery.Web("en") with { Platform = "ios" }, FeedQuery.Web("en") with { Platform = "android" }];

    private readonly ISyncVersions? _versions = versions.FirstOrDefault();
    private readonly ConcurrentDictionary<string, Seen> _seen = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private FeedModel? _model;
    private long _modelNumber;

    private sealed record Seen(long ModelNumber, string Roles, long At);

    private sealed record Row(
        string Id, string Key, string Type, long TypeVersion, string Title, string Titles, long Position, string Content);

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
        var seen = new Seen(NumberOfModel(), string.Join(',', user.Roles), time.NowMs());
        if (_seen.TryGetValue(user.Id, out var last) && last with { At = seen.At } == seen
            && seen.At >= last.At && seen.At < last.At + FreshMs) return Task.CompletedTask;
        return Refresh(user, seen, ct);
    }

    private async Task Refresh(CurrentUser user, Seen seen, CancellationToken ct)
    {
        var roles = user.Roles.Where(role => role != RoleNames.Admin).ToList();
        var shown = await Shown(user with { Roles = roles, Assurance = Assurance.OneFactor }, ct);
        if (await database.Read(tx => Differs(tx, user.Id, shown), ct)) await database.Write(tx => Write(tx, user.Id, shown), ct);
        // Forgetting costs each person one look more.
        if (_seen.Count >= RememberedMax) _seen.Clear();
        _seen[user.Id] = seen;
    }

    private async Task<List<Row>> Shown(CurrentUser user, CancellationToken ct)
    {
        var views = new List<FeedView>();
        foreach (var phone in Phones) views.Add(await feed.For(phone, user, ct));
        var everywhere = views[1].Shown.Select(one => one.Part.Widget.Widget.Id).ToHashSet(StringComparer.Ordinal);
        return [.. views[0].Shown.Where(one => everywhere.Contains(one.Part.Widget.Widget.Id)).Select((one, i) =>
        {
            var widget = one.Part.Widget.Widget;
            return new Row(
                widget.Id, widget.Key, widget.Type.Key, widget.Type.Version, one.Part.Title, JsonSerializer.Serialize(widget.Titles), i,
                Encoding.UTF8.GetString(one.Content));
        })];
    }

    private long NumberOfModel()
    {
        lock (_lock)
        {
            if (ReferenceEquals(_model, models.Current)) return _modelNumber;
            _model = models.Current;
            return ++_modelNumber;
        }
    }

    private static async Task<bool> Differs(Tx tx, string userId, List<Row> shown) => !(await Stored(tx, userId)).SequenceEqual(shown);

    private static ValueTask<List<Row>> Stored(Tx tx, string userId) => tx.Query<Row>("""
        SELECT id, key, type, type_version, title, titles, position, content FROM home_phone_widgets
        WHERE user_id = @userId AND is_deleted = false
        ORDER BY position, id
        """, new { userId });

    private async Task Write(Tx tx, string userId, List<Row> shown)
    {
        var version = await _versions!.Draw(tx, userId);
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
