using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>How the careful teams are written in the configuration, and which widgets are theirs.</summary>
public class FourEyesSettingTests
{
    private sealed class CarefulApp(string name, string value) : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration[name] = value;
        }
    }

    [Theory]
    [InlineData("Home:FourEyes", "lending, press")]
    [InlineData("Home:FourEyes", "*")]
    [InlineData("Home:FourEyes:0", "press")]
    public async Task A_widget_of_a_careful_teams_source_waits_for_a_second_person(string name, string value)
    {
        await using var app = new CarefulApp(name, value);
        await app.InitializeAsync();
        (await app.Admin.PostAsJsonAsync("/api/admin/sources", new { key = "presskit", team = "press" })).EnsureSuccessStatusCode();

        var own = await Create(app, "own", team: null);

        own.Status.ShouldBe(HttpStatusCode.Accepted);
        ((string?)own.Widget["team"]).ShouldBe("press");
        ((string?)own.Widget["state"]).ShouldBe("draft");
        var given = await Create(app, "given", team: "home");
        given.Status.ShouldBe(value == "*" ? HttpStatusCode.Accepted : HttpStatusCode.Created);
        ((string?)given.Widget["team"]).ShouldBe("home");
    }

    [Theory]
    [InlineData("Press")]
    [InlineData("press; lending")]
    public void A_setting_that_would_guard_nobody_does_not_start(string value)
    {
        var configuration = new ConfigurationManager { ["Home:FourEyes"] = value };
        var services = new ServiceCollection();
        new HomeModule().AddServices(services, configuration);
        using var provider = services.BuildServiceProvider();

        Should.Throw<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate)
            .Message.ShouldContain("Home:FourEyes");
    }

    private static async Task<(HttpStatusCode Status, JsonObject Widget)> Create(HomeApp app, string key, string? team)
    {
        var answer = await app.Admin.PostAsJsonAsync("/api/admin/widgets", new
        {
            source = "presskit",
            key,
            type = "text",
            titles = new { en = "News" },
            state = "published",
            team,
        });
        return (answer.StatusCode, (await answer.Content.ReadFromJsonAsync<JsonObject>())!);
    }
}
