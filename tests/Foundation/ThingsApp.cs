using System.Net.Http.Json;
using Kontor.Foundation.Data;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace Kontor.Foundation.Tests;

public class ThingsApp : KontorApp
{
    protected override IReadOnlyList<IModule> Modules => [new ThingsModule()];

    internal Heard Heard => Services.GetRequiredService<Heard>();

    public async Task<string> Thing(long pieces)
    {
        var id = Ids.New();
        await Database.Write(tx => tx.Execute("INSERT INTO test_things (id, pieces) VALUES (@id, @pieces)", new { id, pieces }).AsTask());
        return id;
    }

    public Task<long> PiecesOf(string id) => Database.Read(
        tx => tx.First<long>("SELECT pieces FROM test_things WHERE id = @id", new { id }).AsTask());

    public Task<long> Count(string table) => Database.Read(tx => tx.First<long>($"SELECT COUNT(*) FROM {table}").AsTask());

    public async Task<HttpResponseMessage> Take(string id, long pieces, string? key = null, string? note = null)
    {
        using var client = NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/things/{id}/take");
        request.Content = JsonContent.Create(new { pieces, note });
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    /// <summary>Waits until something that happens in the background has happened.</summary>
    public static async Task Eventually(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 600 && !await condition(); i++) await Task.Delay(50);
        (await condition()).ShouldBeTrue("This did not happen within 30 s.");
    }
}
