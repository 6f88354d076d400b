using System.Net;
using Kontor.Foundation;
using Kontor.Home;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

public class BootTests(BootTests.AloneApp app) : IClassFixture<BootTests.AloneApp>
{
    public sealed class AloneApp : KontorApp
    {
        protected override IReadOnlyList<IModule> Modules => [new HomeModule()];
    }

    [Fact]
    public async Task The_module_runs_without_the_others()
    {
        using var client = app.NewClient();
        (await client.GetAsync("/health/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
