using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace Kontor.Bench;

/// <summary>An answer of Kontor's, for the bare server to repeat to the byte.</summary>
/// <param name="HasLength">False when Kontor sent it in chunks.</param>
internal sealed record RecordedAnswer(
    string Target, int Status, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body, bool HasLength);

/// <summary>
/// The limit that Kontor is held against: Kestrel with a single piece of middleware that reads the body, if there is one, and
/// answers bytes that it has in memory.
/// </summary>
internal static class BareServer
{
    public static async Task Run(int port, string? answersFile)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var answers = answersFile is null
            ? [new("/", 200, [new("Content-Type", "text/plain")], "ready"u8.ToArray(), true)]
            : JsonSerializer.Deserialize<RecordedAnswer[]>(await File.ReadAllBytesAsync(answersFile))!;
        var byTarget = answers.ToDictionary(answer => answer.Target, StringComparer.Ordinal);

        var app = builder.Build();
        app.Run(http => Answer(http, byTarget));
        await app.RunAsync();
    }

    private static async Task Answer(HttpContext http, Dictionary<string, RecordedAnswer> answers)
    {
        if (!answers.TryGetValue(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget, out var answer))
        {
            http.Response.StatusCode = 404;
            return;
        }

        if (HttpMethods.IsPost(http.Request.Method)) await ReadBody(http.Request);
        http.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers) http.Response.Headers[name] = value;
        if (answer.HasLength) http.Response.ContentLength = answer.Body.Length;
        await http.Response.BodyWriter.WriteAsync(answer.Body);
    }

    private static async Task ReadBody(HttpRequest request)
    {
        while (true)
        {
            var read = await request.BodyReader.ReadAsync();
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }
}
