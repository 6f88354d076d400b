using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests;

/// <summary>A price that an administrator changes is on everybody's phone a few seconds later, whichever way the phone listens.</summary>
public class LivePricesTests(KontorApp app) : IClassFixture<KontorApp>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_new_price_is_told_to_all_phones_on_every_node()
    {
        await using var other = TestDatabase.IsPostgres ? await app.AnotherNode() : null;
        using var admin = await app.Admin();
        var (listening, waiting) = (new List<(HttpClient, long)>(), new List<Task<JsonNode>>());
        var streams = new List<StreamReader>();
        foreach (var node in new[] { app, other ?? app })
        {
            foreach (var listens in new[] { true, false })
            {
                var phone = node.As((await app.NewPerson()).Tokens).Client;
                var known = await InStep(phone);
                if (!listens) waiting.Add(Pull(phone, known, "&wait=25"));
                else streams.Add(await Listen(phone));
                if (listens) listening.Add((phone, known));
            }
        }

        var product = (await admin.Client.GetFromJsonAsync<JsonNode>("/api/products?inStock=true"))!["products"]![0]!;
        var (id, price) = ((string)product["id"]!, 4711);
        var edited = await admin.Client.PatchAsJsonAsync($"/api/admin/products/{id}", new { price = price / 100m });
        edited.StatusCode.ShouldBe(HttpStatusCode.OK, await edited.Content.ReadAsStringAsync());

        foreach (var (stream, (phone, known)) in streams.Zip(listening))
        {
            using (stream) (await Heard(stream)).ShouldBeTrue();
            PriceIn(await Pull(phone, known, ""), id).ShouldBe(price);
        }

        foreach (var pull in waiting) PriceIn(await pull.WaitAsync(Patience), id).ShouldBe(price);
    }

    /// <summary>The timestamp of a phone that has everything, also of what the server still copies when it has just started.</summary>
    private static async Task<long> InStep(HttpClient phone)
    {
        var (known, deadline) = ((long?)null, DateTime.UtcNow + Patience);
        while (DateTime.UtcNow < deadline)
        {
            var pull = await Pull(phone, known, "&wait=2");
            if (known == (long)pull["timestamp"]! && known > 1) return known.Value;
            known = (long)pull["timestamp"]!;
        }

        throw new TimeoutException("The server does not come to rest.");
    }

    private static async Task<JsonNode> Pull(HttpClient phone, long? since, string more) => (await phone.GetFromJsonAsync<JsonNode>(
        $"/sync/pull?last_pulled_at={since?.ToString(CultureInfo.InvariantCulture) ?? "null"}{more}"))!;

    private static async Task<StreamReader> Listen(HttpClient phone)
    {
        var answer = await phone.GetAsync("/sync/live", HttpCompletionOption.ResponseHeadersRead);
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        (await reader.ReadLineAsync()).ShouldBe(": listening");
        return reader;
    }

    private static async Task<bool> Heard(StreamReader stream)
    {
        while (await stream.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line == "event: changed") return true;
        }

        return false;
    }

    private static long PriceIn(JsonNode pull, string id) =>
        (long)pull["changes"]!["products"]!["updated"]!.AsArray().Single(row => (string)row!["id"]! == id)!["price_minor"]!;
}
