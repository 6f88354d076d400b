using System.Net;
using Kontor.Foundation;
using Kontor.Testing;
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

    private sealed class AloneApp(string module) : KontorApp
    {
        protected override IReadOnlyList<IModule> Modules =>
            [(IModule)Activator.CreateInstance($"Kontor.{module}", $"Kontor.{module}.{module}Module")!.Unwrap()!];
    }
}
