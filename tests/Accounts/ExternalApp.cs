using System.Net;
using System.Text.RegularExpressions;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace Kontor.Accounts.Tests;

/// <summary>A server where people can sign in by other sites, all of them run by the test.</summary>
public sealed class ExternalApp : FactorsApp
{
    public const string AppUrl = "kontor-test://signed-in";

    public OtherSite Site { get; } = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Site.DisposeAsync();
    }

    /// <summary>A person's browser that follows every redirect, to the other site and back.</summary>
    public async Task<Testing.Browser> Arrive(string path)
    {
        var browser = NewBrowser();
        await browser.Open(path);
        return browser;
    }

    /// <summary>The roles and the address of who is signed in; null for a stranger.</summary>
    public static async Task<string?> WhoIs(Testing.Browser browser)
    {
        await browser.Open("/account");
        if (browser.Path.StartsWith("/login", StringComparison.Ordinal)) return null;
        return Regex.Match(browser.Html, "<dt>E-mail address</dt>\\s*<dd[^>]*>\\s*(?<email>[^\\s<]+)").Groups["email"].Value;
    }

    /// <summary>Somebody with a password and a confirmed address, signed in by a browser too.</summary>
    public async Task<(Person Person, Testing.Browser Browser)> NewMember()
    {
        var person = await this.NewConfirmedPerson();
        var browser = NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", person.Email), ("password", person.Password));
        browser.Path.ShouldBe("/");
        return (person, browser);
    }

    /// <summary>Links a site with the account of who is signed in there.</summary>
    public static async Task Link(Testing.Browser browser, string site = "site")
    {
        await browser.Open("/account/external");
        await browser.Open(LinkOn(browser, site));
        browser.Path.ShouldBe("/account/external?note=linked");
    }

    public static string LinkOn(Testing.Browser browser, string site = "site")
    {
        var at = browser.Html.IndexOf($"/auth/external/{site}/link", StringComparison.Ordinal);
        return WebUtility.HtmlDecode(browser.Html[at..browser.Html.IndexOf('"', at)]);
    }

    public Task<long> AccountsWith(string email) => Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM accounts_users WHERE email = @email", new { email }).AsTask());

    public Task<long> IdentitiesOf(Person person) => Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM accounts_identities WHERE user_id = @id", new { id = person.Id }).AsTask());

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        var settings = new Dictionary<string, string?> { ["Accounts:AppUrls:0"] = AppUrl };
        void Set(string name, string key, string value) => settings[$"Accounts:External:{name}:{key}"] = value;
        foreach (var name in new[] { "SITE", "other", "trusted", "members", "broken" })
        {
            Set(name, "Discovery", $"{Site.IssuerOf(name.ToLowerInvariant())}/.well-known/openid-configuration");
            Set(name, "TimeoutSeconds", "1");
        }

        Set("SITE", "Text", "The Site");
        Set("trusted", "LinksVerified", "true");
        Set("members", "OpensAccounts", "false");
        Set("plain", "AuthorizeUrl", $"{Site.IssuerOf("plain")}/authorize?kept=1");
        Set("plain", "TokenUrl", $"{Site.IssuerOf("plain")}/token");
        Set("plain", "UserInfoUrl", $"{Site.IssuerOf("plain")}/userinfo");
        Set("plain", "SecretInHeader", "true");
        Set("plain", "Scopes", "read:user");
        Set("plain", "SubjectField", "id");
        Set("plain", "EmailField", "mail");
        Set("plain", "NameField", "login");
        Set("plain", "AddressesAreVerified", "true");
        Set("down", "Discovery", "http://127.0.0.1:1/.well-known/openid-configuration");
        foreach (var name in new[] { "SITE", "other", "trusted", "members", "broken", "plain", "down" })
        {
            Set(name, "ClientId", OtherSite.ClientId);
            Set(name, "ClientSecret", OtherSite.Secret);
        }

        builder.Configuration.AddInMemoryCollection(settings);
    }
}
