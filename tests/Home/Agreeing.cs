using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Kontor.Home.Tests;

internal static class Agreeing
{
    /// <summary>Reads what waits there, and agrees to it.</summary>
    public static async Task<HttpResponseMessage> Agree(this HttpClient admin, string address, string step = "publish") =>
        await admin.PostAsJsonAsync($"{address}/{step}", new { mark = await admin.Mark(address) });

    /// <summary>Of what waits; null when nothing does.</summary>
    public static async Task<string?> Mark(this HttpClient admin, string address) =>
        (string?)(await admin.GetFromJsonAsync<JsonObject>(address))!["proposal"]?["mark"];
}
