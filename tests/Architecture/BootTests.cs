using System.Net;
using Kontor.Foundation;
using Kontor.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Architecture.Tests;

public class BootTests
{
    public static TheoryData<string> Modules => [.. Sources.Modules];

    [Theory]
    [MemberData(nameof(Modules))]
    public async Task A_module_runs_without_the_others(string module)
    {
        await using var app = new AloneApp(module);
        await app.InitializeAsync();
        using var client = app.NewClient();
        (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("/openapi/v1.json")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>A watcher of settings watches their whole folder, and is told of each write to a database that lies there.</summary>
    [Fact]
    public async Task No_file_of_settings_is_watched()
    {
        await using var app = new KontorApp();
        await app.InitializeAsync();
        var settings = (IConfigurationRoot)app.Services.GetRequiredService<IConfiguration>();
        var files = settings.Providers.OfType<FileConfigurationProvider>().ToList();
        files.ShouldNotBeEmpty();
        files.ShouldAllBe(file => !file.Source.ReloadOnChange);
    }

    private sealed class AloneApp(string module) : KontorApp
    {
        protected override IReadOnlyList<IModule> Modules =>
            [(IModule)Activator.CreateInstance($"Kontor.{module}", $"Kontor.{module}.{module}Module")!.Unwrap()!];
    }
}
