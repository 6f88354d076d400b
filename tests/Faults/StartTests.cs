using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Faults.Tests;

/// <summary>A start that cannot succeed says why in one sentence, and ends.</summary>
public sealed class StartTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        var (code, error) = await Start(["--port", $"{port}"], _database.Url?.ToString());

        code.ShouldBe(1);
        Sentence(error).ShouldStartWith($"Port {port} is in use.");
    }

    [Fact]
    public async Task A_second_server_on_one_folder_is_refused()
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "Any number of servers may share a PostgreSQL.");
        await using var first = await ServerProcess.Start(_database);

        var (code, error) = await Start(["--port", "0"], database: null);

        code.ShouldBe(1);
        Sentence(error).ShouldStartWith("Another server uses ");
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_named()
    {
        var (code, error) = await Start(["--port", "0"], "postgres://nobody@127.0.0.1:1/none");

        code.ShouldBe(1);
        Sentence(error).ShouldStartWith("PostgreSQL at 127.0.0.1:1 does not answer");
    }

    [Theory]
    [InlineData("--port", "x")]
    [InlineData("--bogus", "x")]
    [InlineData("unknown", "words")]
    public async Task Words_that_are_none_end_with_2(string first, string second)
    {
        var (code, _) = await Start([first, second], _database.Url?.ToString());
        code.ShouldBe(2);
    }

    [Theory]
    [InlineData("KONTOR_SMTP", "smtps://post:secret@mail.example.com", 1)]
    [InlineData("KONTOR_SMTP", "smtp://post:secret@mail.example.com?tls=off", 1)]
    [InlineData("KONTOR_MAIL_FROM", "no address", 1)]
    [InlineData("KONTOR_URL", "shop.example.com", 2)]
    [InlineData("KONTOR_URL", "https://shop.example.com/path", 2)]
    [InlineData("KONTOR_VERIFY_EMAIL", "perhaps", 2)]
    [InlineData("KONTOR_LISTEN", "everywhere", 2)]
    [InlineData("KONTOR_LISTEN", "203.0.113.9", 1)]
    [InlineData("KONTOR_PROXIES", "10.0.0.5,proxy.example.com", 2)]
    [InlineData("KONTOR_PROXIES", "10.0.0.0/40", 2)]
    public async Task A_choice_that_is_none_is_named_without_its_secrets(string name, string value, int expected)
    {
        var (code, error) = await Start(["--port", "0"], _database.Url?.ToString(), (name, value));

        code.ShouldBe(expected);
        Sentence(error).ShouldStartWith(name);
        error.ShouldNotContain("secret");
    }

    [Fact]
    public async Task What_tells_of_the_program_needs_no_database_and_leaves_no_folder()
    {
        var folder = Path.Combine(_database.DataFolder, "not-there");

        var (code, error) = await Start(["sync", "schema"], "postgres://nobody@127.0.0.1:1/none", ("KONTOR_DATA", folder));

        (code, error).ShouldBe((0, ""));
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("admin help")]
    public async Task The_word_admin_alone_lists_its_commands_and_leaves_no_folder(string words)
    {
        var folder = Path.Combine(_database.DataFolder, "not-asked");

        var (code, output, error) = await Run(words.Split(' '), "postgres://nobody@127.0.0.1:1/none", ("KONTOR_DATA", folder));

        (code, error).ShouldBe((0, ""));
        output.ShouldContain("./kontor admin create EMAIL");
        output.ShouldNotContain("There is no command");
        output.ShouldNotContain("sync schema");
        Directory.Exists(folder).ShouldBeFalse();
    }

    [Fact]
    public async Task Whoever_makes_an_administrator_is_told_where()
    {
        var (code, output, error) = await Run(["admin", "create", "first@kontor.example"], _database.Url?.ToString());

        code.ShouldBe(0, error);
        output.ShouldContain("first@kontor.example is an administrator.");
        error.ShouldContain($"  Data      {_database.DataFolder}");
        if (_database.Url is { } url) error.ShouldContain($"  Database  PostgreSQL at {url.Host}:{url.Port}{url.AbsolutePath}");
    }

    private async Task<(int Code, string Error)> Start(string[] words, string? database, (string Name, string Value)? choice = null)
    {
        var (code, _, error) = await Run(words, database, choice);
        return (code, error);
    }

    private async Task<(int Code, string Output, string Error)> Run(
        string[] words, string? database, (string Name, string Value)? choice = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Kontor.dll"), .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["KONTOR_DATA"] = _database.DataFolder, ["KONTOR_DATABASE"] = database ?? "sqlite" },
        };
        if (choice is var (name, value)) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, error);
    }

    /// <summary>What is said beside the log.</summary>
    private static string Sentence(string error)
    {
        error.ShouldNotContain("   at ");
        return error.Split('\n').Single(line => line.Length > 0 && !line.StartsWith('{'));
    }
}
