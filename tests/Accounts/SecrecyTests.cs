using System.Collections.Concurrent;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>What the log says while people confirm addresses and choose passwords: nothing of theirs.</summary>
public class SecrecyTests(SecrecyTests.LoggedApp app) : IClassFixture<SecrecyTests.LoggedApp>
{
    public sealed class LoggedApp : KontorApp
    {
        public Log Log { get; } = new();

        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.AddSingleton<ILoggerProvider>(new Provider(Log));
    }

    /// <summary>Everything that passes the server's own filters.</summary>
    public sealed class Log
    {
        public ConcurrentQueue<string> Lines { get; } = [];
    }

    private sealed class Provider(Log log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Lines.Enqueue($"{formatter(state, exception)} {exception}");
    }

    [Fact]
    public async Task No_token_no_password_and_no_address_is_logged()
    {
        using var robin = await app.NewPerson();
        var verify = await app.MailTo(robin.Email, "Confirm your e-mail address");
        await app.Post("/auth/password/forgot", new { email = robin.Email });
        var reset = await app.MailTo(robin.Email, "Choose a new password");
        using var browser = app.NewBrowser();
        foreach (var path in new[] { "/verify", "/reset", "/undo-email", "/login" }) await browser.Open($"{path}?token={verify.Token}");
        await browser.Open($"/verify?token={verify.Token}");
        await browser.Submit("/verify");
        await app.Post("/auth/email/verify", new { token = reset.Token });
        await app.Post("/auth/password/reset", new { token = reset.Token, newPassword = Given.NewPassword });

        app.Log.Lines.ShouldNotBeEmpty();
        foreach (var secret in new[] { verify.Token, reset.Token, Given.Password, Given.NewPassword, robin.Email })
            app.Log.Lines.ShouldAllBe(line => !line.Contains(secret));
    }
}
