using Kontor.Accounts.External;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class ExternalOptionsTests
{
    private static readonly Uri Document = new("https://site.example/.well-known/openid-configuration");

    [Fact]
    public void What_a_site_needs_is_a_client_id_and_its_document_or_its_addresses()
    {
        Check("site", new() { ClientId = "x", Discovery = Document }).Succeeded.ShouldBeTrue();
        Check("my-site2", new()
        {
            ClientId = "x",
            AuthorizeUrl = new("https://site.example/authorize"),
            TokenUrl = new("http://127.0.0.1:8080/token"),
            UserInfoUrl = new("http://localhost:8080/userinfo"),
        }).Succeeded.ShouldBeTrue();
    }

    [Fact]
    public void What_cannot_work_or_would_send_secrets_openly_stops_the_start_and_says_why()
    {
        Fails("site", new() { Discovery = Document }, "ClientId");
        Fails("site", new() { ClientId = "x" }, "needs Discovery, or AuthorizeUrl");
        Fails("site", new() { ClientId = "x", AuthorizeUrl = Document, TokenUrl = Document }, "needs Discovery, or AuthorizeUrl");
        Fails("site", new() { ClientId = "x", Discovery = new("http://site.example/") }, "is no https address");
        Fails("site", new() { ClientId = "x", Discovery = new("/relative", UriKind.Relative) }, "is no https address");
        Fails("site", new() { ClientId = "x", Discovery = new("https://me:secret@site.example/") }, "is no https address");
        Fails("site", new() { ClientId = "x", Discovery = Document, TimeoutSeconds = 0 }, "TimeoutSeconds");
        Fails("Site", new() { ClientId = "x", Discovery = Document }, "lower case");
        Fails("a/b", new() { ClientId = "x", Discovery = Document }, "lower case");
    }

    private static void Fails(string name, ProviderOptions provider, string because)
    {
        var result = Check(name, provider);
        result.Failed.ShouldBeTrue();
        result.FailureMessage.ShouldContain(because);
    }

    private static ValidateOptionsResult Check(string name, ProviderOptions provider)
    {
        var options = new ExternalOptions();
        options.Providers[name] = provider;
        return new ExternalOptionsRules().Validate(null, options);
    }
}
