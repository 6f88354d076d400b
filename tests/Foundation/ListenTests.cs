using System.Net;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public class ListenTests(ListenTests.ElsewhereApp app) : IClassFixture<ListenTests.ElsewhereApp>
{
    public sealed class ElsewhereApp : ThingsApp
    {
        protected override Settings Configure(Settings settings) => settings with { Listen = IPAddress.Parse("127.0.0.2") };
    }

    [Fact]
    public async Task It_is_reached_where_it_listens_and_nowhere_else()
    {
        app.Address.Host.ShouldBe("127.0.0.2");
        using var client = app.NewClient();
        (await client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Should.ThrowAsync<HttpRequestException>(client.GetAsync($"http://127.0.0.1:{app.Address.Port}/health/live"));
    }

    [Theory]
    [InlineData(null, "http://127.0.0.1:5080/")]
    [InlineData("", "http://127.0.0.1:5080/")]
    [InlineData("0.0.0.0", "http://127.0.0.1:5080/")]
    [InlineData("::", "http://127.0.0.1:5080/")]
    [InlineData("192.0.2.1", "http://192.0.2.1:5080/")]
    [InlineData("2001:db8::1", "http://[2001:db8::1]:5080/")]
    public void Links_lead_to_where_it_can_be_reached(string? listen, string origin) =>
        Read(listen).Origin.ShouldBe(new Uri(origin));

    [Theory]
    [InlineData("everywhere")]
    [InlineData("*")]
    [InlineData("1")]
    [InlineData("127.0.0.1:5080")]
    public void What_is_no_address_is_refused(string listen) =>
        Should.Throw<ArgumentException>(() => Read(listen)).Message.ShouldStartWith("KONTOR_LISTEN ");

    private static Settings Read(string? listen) => Settings.Read([], name => name == "KONTOR_LISTEN" ? listen : null);
}
