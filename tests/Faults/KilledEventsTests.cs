using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Faults.Tests;

/// <summary>What a phone was told is counted is counted, and what it was not told it sends again: each event counts once.</summary>
public sealed class KilledEventsTests : IAsyncLifetime
{
    private const int Rounds = 6;
    private const int Phones = 12;
    private const int BatchSize = 7;

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_server_killed_while_it_takes_in_events_has_lost_none_that_it_acknowledged_and_doubled_none()
    {
        var acknowledged = new ConcurrentBag<object[]>();
        var unanswered = new ConcurrentBag<object[]>();
        long before = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await using var server = await ServerProcess.Start(_database);
            var widgets = await Widgets(server.Client);
            if (round == 0) before = await Impressions(server);
            (await Impressions(server)).ShouldBeGreaterThanOrEqualTo(before + CountOf(acknowledged));

            var (already, again) = (acknowledged.Count, new ConcurrentQueue<object[]>(unanswered));
            unanswered.Clear();
            var phones = Enumerable.Range(0, Phones).Select(_ => Tell(server, widgets, again, acknowledged, unanswered)).ToArray();
            while (acknowledged.Count < already + 20 + (13 * round)) await Task.Delay(2);
            await server.Kill();
            await Task.WhenAll(phones);
            foreach (var batch in again) unanswered.Add(batch);
        }

        await using var last = await ServerProcess.Start(_database);
        unanswered.ShouldNotBeEmpty();
        foreach (var batch in unanswered.Concat(acknowledged.Take(50))) (await Send(last, batch)).ShouldBe(HttpStatusCode.Accepted);
        (await Impressions(last)).ShouldBe(before + CountOf(acknowledged) + CountOf(unanswered));
    }

    private static long CountOf(IEnumerable<object[]> batches) => batches.Sum(batch => (long)batch.Length);

    /// <summary>Until the server is gone: first what it did not answer before, then more.</summary>
    private static async Task Tell(
        ServerProcess server, IReadOnlyList<string> widgets, ConcurrentQueue<object[]> again, ConcurrentBag<object[]> acknowledged,
        ConcurrentBag<object[]> unanswered)
    {
        while (true)
        {
            var batch = again.TryDequeue(out var earlier) ? earlier : NewBatch(widgets);
            try
            {
                (await Send(server, batch)).ShouldBe(HttpStatusCode.Accepted);
                acknowledged.Add(batch);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                unanswered.Add(batch);
                return;
            }
        }
    }

    private static object[] NewBatch(IReadOnlyList<string> widgets) => [.. Enumerable.Range(0, BatchSize).Select(i => new
    {
        id = Guid.NewGuid(),
        widgetId = widgets[Random.Shared.Next(widgets.Count)],
        feedId = "feed",
        kind = "impression",
        at = DateTimeOffset.UtcNow,
        position = i,
    })];

    private static async Task<HttpStatusCode> Send(ServerProcess server, object[] batch) =>
        (await server.Client.PostAsJsonAsync("/api/home/events", new { events = batch })).StatusCode;

    private static async Task<List<string>> Widgets(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<JsonElement>("/api/home")).GetProperty("widgets").EnumerateArray()
            .Select(widget => widget.GetProperty("id").GetString()!)];

    private static async Task<long> Impressions(ServerProcess server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/admin/home/analytics?by=day");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Shopping.SignInAsAdmin(server.Client));
        var answer = await server.Client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("total").GetProperty("impressions").GetInt64();
    }
}
