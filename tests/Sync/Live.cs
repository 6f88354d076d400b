using System.Net;
using System.Text.Json.Nodes;
using Shouldly;

namespace Kontor.Sync.Tests;

/// <summary>An open stream of events.</summary>
internal sealed class Live(StreamReader reader) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<Live> Open(Device device, string query = "")
    {
        var answer = await device.Http.GetAsync($"/sync/live{query}", HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/event-stream");
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        (await reader.ReadLineAsync()).ShouldBe(": listening");
        return new(reader);
    }

    public async Task<long> Next()
    {
        while (await reader.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal)) return (long)JsonNode.Parse(line[5..])!["version"]!;
        }

        throw new ShouldAssertException("The stream ended.");
    }

    public async Task ShouldEnd()
    {
        // One that is broken off instead throws here.
        while (await reader.ReadLineAsync().WaitAsync(Patience) is not null)
        {
        }
    }

    public void Dispose() => reader.Dispose();
}
