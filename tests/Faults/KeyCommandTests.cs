using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Faults.Tests;

/// <summary>`./kontor admin keys rotate` beside a server that runs.</summary>
public sealed partial class KeyCommandTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task The_next_key_signs_from_now_on_and_who_is_signed_in_stays_so()
    {
        await using var server = await ServerProcess.Start(_database);
        var before = await SignIn(server);
        var kids = await Kids(server);
        kids.Count.ShouldBe(2);
        // As if it had been published for long.
        var next = Path.Combine(_database.DataFolder, "keys", "signing-0002.pem");
        await File.WriteAllTextAsync(next, MadeAt().Replace(await File.ReadAllTextAsync(next), "Made: 2026-01-01T00:00:00.000Z"));

        (await Rotate()).ShouldContain($"signed with key {kids[0]} from now on");

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (KidOf(await SignIn(server)) != kids[0]) await Task.Delay(100, patience.Token);
        KidOf(before).ShouldBe(kids[1]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/users/me");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", before);
        (await server.Client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Kids(server)).Count.ShouldBe(3);
    }

    private async Task<string> Rotate()
    {
        var words = new[] { Path.Combine(AppContext.BaseDirectory, "Kontor.dll"), "admin", "keys", "rotate" };
        using var process = Process.Start(new ProcessStartInfo("dotnet", words)
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["KONTOR_DATA"] = _database.DataFolder,
                ["KONTOR_DATABASE"] = _database.Url?.ToString() ?? "sqlite",
            },
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.ShouldBe(0);
        return output;
    }

    private static async Task<string> SignIn(ServerProcess server)
    {
        var credentials = new { email = "ada@kontor.example", password = "kontor-demo-ada" };
        var answer = await server.Client.PostAsJsonAsync("/auth/login", credentials);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
    }

    /// <summary>The newest first.</summary>
    private static async Task<List<string>> Kids(ServerProcess server) =>
        [.. (await server.Client.GetFromJsonAsync<JsonElement>("/.well-known/jwks.json")).GetProperty("keys").EnumerateArray()
            .Select(key => key.GetProperty("kid").GetString()!)];

    private static string KidOf(string token) => JsonSerializer
        .Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0])).GetProperty("kid").GetString()!;

    [GeneratedRegex("Made: [^\n]+")]
    private static partial Regex MadeAt();
}
