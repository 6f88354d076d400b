using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Sources;

/// <summary>What one admin alone may change, though it decides what widgets say, can be found in the log.</summary>
public class AdminTrailTests(AdminTrailTests.LoggedApp app) : IClassFixture<AdminTrailTests.LoggedApp>
{
    [Fact]
    public async Task Who_made_a_key_or_changed_a_source_or_a_type_is_in_the_log_and_no_secret_is()
    {
        var kim = app.As("kim-id", "admin");
        (await kim.PostAsJsonAsync("/api/admin/sources", new { key = "logged", team = "lending" })).EnsureSuccessStatusCode();
        var made = await kim.PostAsJsonAsync("/api/admin/sources/logged/keys", new { });
        var key = await made.Content.ReadAsStringAsync();
        (await kim.PatchAsJsonAsync("/api/admin/sources/logged", new { team = "home" })).EnsureSuccessStatusCode();
        var refused = await kim.PatchAsJsonAsync("/api/admin/types/none@1", new { limits = new { } });
        refused.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var lee = await new FormBrowser(app, "lee-id;admin").Open("/admin/sources/logged");
        await lee.Send("/admin/sources/logged/keys", null);

        app.Log.Where(line => line.Contains("The administrator", StringComparison.Ordinal)).ShouldBe(
        [
            "The administrator kim-id did POST /api/admin/sources",
            "The administrator kim-id did POST /api/admin/sources/logged/keys",
            "The administrator kim-id did PATCH /api/admin/sources/logged",
            "The administrator lee-id did POST /admin/sources/logged/keys",
        ]);
        made.StatusCode.ShouldBe(HttpStatusCode.Created, key);
        var secret = System.Text.Json.JsonElement.Parse(key).GetProperty("key").GetString()!;
        app.Log.ShouldAllBe(line => !line.Contains(secret));
    }

    public sealed class LoggedApp : HomeApp, ILoggerProvider, ILogger
    {
        internal ConcurrentQueue<string> Log { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        void ILogger.Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Log.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Logging.SetMinimumLevel(LogLevel.Information).AddProvider(this);
        }
    }
}
