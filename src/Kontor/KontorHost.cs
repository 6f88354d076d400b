using System.Diagnostics;
using Kontor.Data.Postgres;
using Kontor.Data.Sqlite;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Ui;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Kontor;

/// <summary>Puts the modules together and runs them: as a server, or for one administrative command.</summary>
public static class KontorHost
{
    /// <summary>Requests that are under way have this long to end after SIGTERM; the whole process ends within 10 s.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(8);

    /// <returns>The process's exit code: 0, 1 when it could not start or a command failed, 2 for wrong words.</returns>
    public static async Task<int> Run(string[] args, IReadOnlyList<IModule> modules)
    {
        var begun = Stopwatch.GetTimestamp();
        Settings settings;
        try
        {
            settings = Settings.Read(args, Environment.GetEnvironmentVariable);
        }
        catch (ArgumentException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 2;
        }

        try
        {
            return settings.Words.Count > 0 ? await RunCommand(settings, modules) : await Serve(settings, modules, begun);
        }
        catch (Exception exception) when (StartException.Of(exception, settings) is { } reason)
        {
            await Console.Error.WriteLineAsync(reason.Message);
            return 1;
        }
    }

    private static async Task<int> RunCommand(Settings settings, IReadOnlyList<IModule> modules)
    {
        if (settings.Words is ["admin", not ("help" or "--help" or "-h"), ..])
        {
            var code = await RunCommand(settings, modules, migrates: true);
            // Beside what it says, not in it: whoever forgot KONTOR_DATA or KONTOR_DATABASE sees where it went.
            if (code == 0) foreach (var place in Welcome.Places(settings)) await Console.Error.WriteLineAsync(place);
            return code;
        }

        // What does not administer tells of the program itself: it needs no database, and leaves nothing behind.
        var folder = Directory.CreateTempSubdirectory("kontor-");
        try
        {
            return await RunCommand(settings with { DataFolder = folder.FullName, Postgres = null }, modules, migrates: false);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<int> RunCommand(Settings settings, IReadOnlyList<IModule> modules, bool migrates)
    {
        await using var app = Build(settings, modules, builder => builder.Logging.AddFilter("Kontor", LogLevel.Warning));
        if (migrates) await app.Services.GetRequiredService<Migrations>().Apply();
        return await Commands.Run(settings.Words, app.Services.GetServices<ICommand>(), Console.Out);
    }

    private static async Task<int> Serve(Settings settings, IReadOnlyList<IModule> modules, long begun)
    {
        StartException.RefuseUnusable(settings.Listen, settings.Port);
        await using var app = Build(settings, modules);
        using var alone = settings.Postgres is null ? ServerLock.Take(settings.DataFolder) : null;
        await Prepare(app, settings);
        await app.StartAsync();
        Welcome.Print(app, settings, Stopwatch.GetElapsedTime(begun), Console.Out);
        await app.WaitForShutdownAsync();
        return Environment.ExitCode;
    }

    public static WebApplication Build(
        Settings settings, IReadOnlyList<IModule> modules, Action<WebApplicationBuilder>? configure = null)
    {
        // Settings count from the next start. To watch their files the framework would watch everything beside them, and the database,
        // each of whose writes it would be told of, lies there by default.
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ApplicationName = "Kontor", Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        CreatePrivately(settings.DataFolder);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Above our own limit, so that a refused body is still taken in, and its sender reads why.
            kestrel.Limits.MaxRequestBodySize = 8 * FoundationSetup.BodyBytesMax;
            kestrel.Listen(settings.Listen, settings.Port);
        });
        Logs.Add(builder.Logging);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = DrainTime);
        builder.Services.AddSingleton(settings);

        builder.Configuration["Demo"] = settings.Demo ? "true" : "false";
        if (settings.Smtp is not null) builder.Configuration["Mail:Smtp"] = settings.Smtp;
        if (settings.MailFrom is not null) builder.Configuration["Mail:From"] = settings.MailFrom;
        if (settings.VerifyEmail) builder.Configuration["Accounts:VerifyEmail"] = "true";
        configure?.Invoke(builder);
        AddDatabase(builder.Services, settings);
        builder.Services.AddFoundation(builder.Configuration);
        builder.Services.Configure<LimitOptions>(limits => limits.Off |= settings.LimitsOff);
        builder.Services.Configure<PublicUrlOptions>(url => url.Origin = settings.Origin);
        builder.Services.Configure<DataFolder>(folder => folder.Path = settings.DataFolder);
        builder.Services.AddDataProtection().SetApplicationName("Kontor")
            .PersistKeysToFileSystem(CreatePrivately(Path.Combine(settings.DataFolder, "keys")));
        builder.Services.AddUi();
        ApiReference.Add(builder.Services);
        foreach (var module in modules)
        {
            builder.Services.AddSingleton(module);
            module.AddServices(builder.Services, builder.Configuration);
        }

        // Started after them all: whoever is to look for itself once other nodes are heard has to be there by then.
        if (settings.Postgres is not null) builder.Services.AddPostgresSignals();

        var app = builder.Build();
        Proxies.Use(app, settings.Proxies);
        app.UseUi();
        app.UseFoundation();
        app.MapUi();
        Health.Map(app);
        DeadLetterEndpoints.Map(app);
        ApiReference.Map(app);
        foreach (var module in modules) module.MapEndpoints(app);
        BuildEndpointsOnce(app);
        return app;
    }

    /// <summary>Routing and the services each ask for the endpoints; whoever is asked twice would compile every handler twice.</summary>
    private static void BuildEndpointsOnce(IEndpointRouteBuilder routes)
    {
        var once = new CompositeEndpointDataSource([.. routes.DataSources]);
        routes.DataSources.Clear();
        routes.DataSources.Add(once);
    }

    /// <summary>What comes before the first request: tables, demo data, and what the modules keep in memory.</summary>
    public static async Task Prepare(WebApplication app, Settings settings)
    {
        // Said before anything is done, and in one sentence; the web server itself would say it later, and at length.
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        await app.Services.GetRequiredService<Migrations>().Apply();
        if (settings.Demo)
        {
            foreach (var demo in app.Services.GetServices<IDemoData>()) await demo.Seed(CancellationToken.None);
        }

        foreach (var part in app.Services.GetServices<IWarmUp>()) await part.WarmUp(CancellationToken.None);
    }

    /// <summary>What it holds is nobody's business who merely has an account on this machine. One that exists is left alone.</summary>
    private static DirectoryInfo CreatePrivately(string folder) => OperatingSystem.IsWindows()
        ? Directory.CreateDirectory(folder)
        : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private static void AddDatabase(IServiceCollection services, Settings settings)
    {
        if (settings.Postgres is { } url) services.AddPostgres(url);
        else services.AddSqlite(Path.Combine(settings.DataFolder, "kontor.db"));
    }
}
