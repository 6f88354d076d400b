using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;

namespace Kontor.Sync.Tests;

/// <summary>
/// A double of the client: it keeps rows by table and id as WatermelonDB would, marks what was changed on it, and synchronizes
/// by pulling, then pushing. Tests that need to see one request use <see cref="Pull"/> and <see cref="Push"/>.
/// </summary>
public sealed class Device(HttpClient http)
{
    private readonly Dictionary<(string Table, string Id), (JsonObject Row, string Status)> _changed = [];

    public HttpClient Http => http;

    /// <summary>By which the server knows it.</summary>
    public string Session => http.DefaultRequestHeaders.Authorization!.Parameter!.Split(' ')[1];

    public long? LastPulledAt { get; set; }

    public SortedDictionary<(string Table, string Id), JsonObject> Rows { get; } = [];

    public string Title(string id) => (string)Rows[("tasks", id)]["title"]!;

    public void Set(string table, string id, JsonObject columns)
    {
        var known = Rows.GetValueOrDefault((table, id));
        var row = known?.DeepClone().AsObject() ?? new JsonObject { ["id"] = id };
        foreach (var (name, value) in columns) row[name] = value?.DeepClone();
        Rows[(table, id)] = row;
        _changed[(table, id)] = (row, known is null || _changed.GetValueOrDefault((table, id)).Status == "created" ? "created" : "updated");
    }

    public void Delete(string table, string id)
    {
        Rows.Remove((table, id));
        _changed[(table, id)] = (new JsonObject { ["id"] = id }, "deleted");
    }

    /// <returns>The push's status, or 200 when there was nothing to push.</returns>
    public async Task<HttpStatusCode> Synchronize(int? limit = null)
    {
        await PullAndApply(limit);
        if (_changed.Count == 0) return HttpStatusCode.OK;
        var changes = new JsonObject();
        foreach (var table in _changed.Keys.Select(key => key.Table).Distinct())
        {
            JsonArray Of(string status) => [.. _changed.Where(pair => pair.Key.Table == table && pair.Value.Status == status)
                .Select(pair => status == "deleted" ? JsonValue.Create(pair.Key.Id) : pair.Value.Row.DeepClone())];
            changes[table] = new JsonObject { ["created"] = Of("created"), ["updated"] = Of("updated"), ["deleted"] = Of("deleted") };
        }

        var answer = await Push(changes);
        if (answer.StatusCode == HttpStatusCode.OK) _changed.Clear();
        return answer.StatusCode;
    }

    /// <summary>Local changes win over what is pulled, deletions by others win over local changes.</summary>
    public async Task<JsonObject> PullAndApply(int? limit = null)
    {
        var answer = await Pull(LastPulledAt, limit is null ? "" : $"&limit={limit}");
        var replaces = (string?)answer["experimentalStrategy"] == "replacement";
        foreach (var (table, changes) in answer["changes"]!.AsObject())
        {
            var updated = changes!["updated"]!.AsArray().Select(row => row!.AsObject()).ToDictionary(row => (table, (string)row["id"]!));
            var gone = changes["deleted"]!.AsArray().Select(id => (table, (string)id!)).ToList();
            if (replaces)
            {
                gone.AddRange(Rows.Keys.Where(key =>
                    key.Table == table && !updated.ContainsKey(key) && _changed.GetValueOrDefault(key).Status != "created"));
            }

            foreach (var key in gone)
            {
                Rows.Remove(key);
                _changed.Remove(key);
            }

            foreach (var (key, row) in updated)
            {
                if (!_changed.ContainsKey(key)) Rows[key] = row.DeepClone().AsObject();
            }
        }

        LastPulledAt = (long)answer["timestamp"]!;
        return answer;
    }

    public async Task<JsonObject> Pull(long? since = null, string more = "", string migration = "null")
    {
        using var answer = await http.GetAsync($"/sync/pull?last_pulled_at={Text(since)}&schema_version=1&migration={migration}{more}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    /// <summary>Pushes and lets the server merge; the answer to a push that was taken.</summary>
    public async Task<JsonObject> PushMerging(JsonNode changes, long since)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/sync/push?last_pulled_at={Text(since)}")
        {
            Content = JsonContent.Create(changes),
            Headers = { { "X-Sync-Merge", "columns" } },
        };
        using var answer = await http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    /// <summary>Pushes as a device that has everything; it must be taken.</summary>
    public async Task PushNow(JsonNode changes)
    {
        using var answer = await Push(changes, (await Pull()).Timestamp());
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    public Task<HttpResponseMessage> Push(JsonNode changes, long? since = null) => PushText(
        new JsonObject { ["changes"] = changes.DeepClone(), ["lastPulledAt"] = since ?? LastPulledAt }.ToJsonString(),
        since ?? LastPulledAt);

    public Task<HttpResponseMessage> PushText(string body, long? since = null, string type = "application/json") => http.PostAsync(
        $"/sync/push?last_pulled_at={Text(since)}", new StringContent(body, Encoding.UTF8, type));

    private static string Text(long? since) => since?.ToString(CultureInfo.InvariantCulture) ?? "null";
}
