using System.Net;
using System.Net.Http.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Faults.Tests;

/// <summary>Five hundred people sign in at the same moment.</summary>
public sealed class SignInStormTests : IAsyncLifetime
{
    private const int People = 500;
    private const long MiB = 1024 * 1024;

    /// <summary>What a hash takes, and for each core one is computed at once.</summary>
    private const long HashBytes = 19 * MiB;

    /// <summary>Five hundred connections with what their requests leave to the garbage collector.</summary>
    private const long RequestBytesMax = 64 * MiB;

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_rush_of_sign_ins_takes_bounded_memory_and_nobody_else_notices()
    {
        await using var server = await ServerProcess.Start(_database);
        (await SignIn(server, "kontor-demo-ada")).ShouldBe(HttpStatusCode.OK);
        (await server.Client.GetAsync("/api/home")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var before = server.PeakBytes;

        using var over = new CancellationTokenSource();
        var visitor = Visit(server, over.Token);
        // Half of them mistype, and half of those have no account.
        var storm = await Task.WhenAll(Enumerable.Range(0, People).Select(i => i % 2 == 0
            ? SignIn(server, "kontor-demo-ada")
            : SignIn(server, "a wrong password", i % 4 == 1 ? "ada@kontor.example" : $"nobody-{i}@kontor.example")));
        await over.CancelAsync();

        storm.Except([HttpStatusCode.OK, HttpStatusCode.Unauthorized, HttpStatusCode.ServiceUnavailable]).ShouldBeEmpty();
        storm.ShouldContain(HttpStatusCode.OK);
        storm.ShouldContain(HttpStatusCode.ServiceUnavailable);
        var visits = await visitor;
        visits.ShouldNotBeEmpty();
        visits.ShouldAllBe(status => status == HttpStatusCode.OK);
        (server.PeakBytes - before).ShouldBeLessThan(Environment.ProcessorCount * HashBytes + RequestBytesMax);
        (await SignIn(server, "kontor-demo-ada")).ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>Looks at the home feed again and again.</summary>
    private static async Task<List<HttpStatusCode>> Visit(ServerProcess server, CancellationToken over)
    {
        var answers = new List<HttpStatusCode>();
        while (!over.IsCancellationRequested)
        {
            using var answer = await server.Client.GetAsync("/api/home", CancellationToken.None);
            answers.Add(answer.StatusCode);
        }

        return answers;
    }

    private static async Task<HttpStatusCode> SignIn(ServerProcess server, string password, string email = "ada@kontor.example")
    {
        using var answer = await server.Client.PostAsJsonAsync("/auth/login", new { email, password });
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
            (await answer.Code()).ShouldBe("too-busy");
        }

        return answer.StatusCode;
    }
}
