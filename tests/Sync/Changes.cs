using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Kontor.Sync.Tests;

/// <summary>The words of the protocol, for tests.</summary>
internal static class Changes
{
    public static JsonObject Task(string id, string title = "Title", string projectId = "") => new()
    {
        ["id"] = id,
        ["title"] = title,
        ["description"] = null,
        ["is_completed"] = false,
        ["project_id"] = projectId,
        ["created_at"] = 1_700_000_000_000,
        ["updated_at"] = 1_700_000_000_000,
    };

    public static JsonObject Project(string id, string name = "Name") => new()
    {
        ["id"] = id,
        ["name"] = name,
        ["description"] = null,
        ["created_at"] = 1_700_000_000_000,
        ["updated_at"] = 1_700_000_000_000,
    };

    public static JsonObject Created(string table, params JsonObject[] rows) =>
        Of(table, "created", [.. rows.Select(row => row.DeepClone())]);

    public static JsonObject Updated(string table, params JsonObject[] rows) =>
        Of(table, "updated", [.. rows.Select(row => row.DeepClone())]);

    public static JsonObject Deleted(string table, params string[] ids) =>
        Of(table, "deleted", [.. ids.Select(id => JsonValue.Create(id))]);

    public static JsonObject And(this JsonObject changes, JsonObject more)
    {
        foreach (var (table, lists) in more.ToList())
        {
            if (changes[table] is not JsonObject known)
            {
                changes[table] = lists!.DeepClone();
                continue;
            }

            foreach (var (list, items) in lists!.AsObject())
            {
                foreach (var item in items!.AsArray()) known[list]!.AsArray().Add(item!.DeepClone());
            }
        }

        return changes;
    }

    /// <summary>The ids that a pull's answer has under `tasks.updated`, or as named.</summary>
    public static List<string> Ids(this JsonObject pull, string table = "tasks", string list = "updated") =>
        [.. pull["changes"]![table]![list]!.AsArray()
            .Select(item => (string)(item is JsonObject row ? row["id"]! : item!)!)
            .Order(StringComparer.Ordinal)];

    public static JsonObject Row(this JsonObject pull, string id, string table = "tasks") =>
        pull["changes"]![table]!["updated"]!.AsArray().Single(row => (string)row!["id"]! == id)!.AsObject();

    public static long Timestamp(this JsonObject pull) => (long)pull["timestamp"]!;

    /// <summary>The conflicts that a 409 names, as `table/id`.</summary>
    public static async Task<List<string>> Conflicts(this HttpResponseMessage answer)
    {
        var problem = await answer.Content.ReadFromJsonAsync<JsonObject>();
        return [.. problem!["conflicts"]!.AsArray().Select(row => $"{row!["table"]}/{row["id"]}").Order(StringComparer.Ordinal)];
    }

    private static JsonObject Of(string table, string list, JsonArray items)
    {
        var changes = new JsonObject { ["created"] = new JsonArray(), ["updated"] = new JsonArray(), ["deleted"] = new JsonArray() };
        changes[list] = items;
        return new JsonObject { [table] = changes };
    }
}
