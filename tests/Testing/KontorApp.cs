using Kontor.Accounts;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Home;
using Kontor.Mail;
using Kontor.Planner;
using Kontor.Shop;
using Kontor.Sync;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Kontor.Testing;

/// <summary>
/// The real server on a free port of 127.0.0.1, with a database of its own on the engine under test, for one test class.
/// Derive from it to change what is around it.
/// </summary>
public class KontorApp : IAsyncLifetime
{
    private TestDatabase? _database;
    private WebApplication? _app;

    private bool _isFirst = true;

    public TestClock Clock { get; } = new();

    public IServiceProvider Services => _app!.Services;

    public Database Database => Services.GetRequiredService<Database>();

    /// <summary>For instance `http://127.0.0.1:40123`.</summary>
    public Uri Address => new(_app!.Urls.First());

    /// <summary>A caller of its own: it has no cookies and follows no redirects.</summary>
    public HttpClient NewClient() =>
        new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = Address };

    /// <summary>A person looking at the pages.</summary>
    public Browser NewBrowser(string language = "en") => new(Address, language);

    protected virtual IReadOnlyList<IModule> Modules =>
        [new AccountsModule(), new MailModule(), new HomeModule(), new SyncModule(), new ShopModule(), new PlannerModule()];

    protected virtual Settings Configure(Settings settings) => settings;

    protected virtual void Configure(WebApplicationBuilder builder)
    {
    }

    /// <summary>Waits, before a test begins, for the end of what a new node does in the background.</summary>
    protected virtual Task Settle() => Task.CompletedTask;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        await Start();
        await Settle();
    }

    /// <summary>Ends the server and starts it again on the same data and address of another port.</summary>
    public async Task Restart()
    {
        await Stop();
        await Start();
    }

    /// <summary>One more node: its own server and memory, with this one's database, keys and clock. On PostgreSQL only.</summary>
    public async Task<KontorApp> AnotherNode()
    {
        if (!TestDatabase.IsPostgres) throw new InvalidOperationException("SQLite has one node.");
        var node = (KontorApp)MemberwiseClone();
        (node._app, node._isFirst) = (null, false);
        await node.Start();
        await node.Settle();
        return node;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await Stop();
        if (_isFirst) await _database!.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private async Task Start()
    {
        var settings = Configure(new Settings { Port = 0, DataFolder = _database!.DataFolder, Postgres = _database.Url, LimitsOff = true });
        _app = KontorHost.Build(settings, Modules, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(Clock);
            // Tests provoke errors; their logs are of interest to the one who looks into a failure.
            if (Environment.GetEnvironmentVariable("KONTOR_TEST_LOGS") is null) builder.Logging.ClearProviders();
            Configure(builder);
        });
        await KontorHost.Prepare(_app, settings);
        await StartListening();
    }

    /// <summary>A node that opens its channel to others looks at everything once more; a test would find that in its way.</summary>
    private async Task StartListening()
    {
        // The test goes on elsewhere, or those who are told after this one would be told after the test.
        var opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var signals = Services.GetRequiredService<Signals>();
        signals.Lost += Opened;
        await _app!.StartAsync();
        if (TestDatabase.IsPostgres) await opened.Task.WaitAsync(TimeSpan.FromSeconds(30));
        signals.Lost -= Opened;

        void Opened() => opened.TrySetResult();
    }

    private async Task Stop()
    {
        if (_app is null) return;
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
