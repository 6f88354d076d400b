using System.Net;
using System.Text.RegularExpressions;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class CreateAdminTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task The_first_administrator_gets_a_password_that_is_shown_once()
    {
        var email = $"{Guid.NewGuid():N}@kontor.example";

        var (code, output) = await Run(email);

        code.ShouldBe(0);
        var password = Regex.Match(output, "shown only now: (\\S+)").Groups[1].Value;
        password.Length.ShouldBeGreaterThanOrEqualTo(20);
        using var admin = await app.SignIn(email, password);
        admin.Tokens.User.Roles.ShouldBe(["admin", "customer"]);
        (await admin.Client.GetAsync("/health/invariants")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Somebody_who_has_an_account_keeps_their_password()
    {
        using var robin = await app.NewPerson();

        var (code, output) = await Run(robin.Email.ToUpperInvariant());
        var (again, _) = await Run(robin.Email);

        code.ShouldBe(0);
        again.ShouldBe(0);
        output.ShouldNotContain("password");
        using var admin = await app.SignIn(robin.Email, robin.Password);
        admin.Tokens.User.Roles.ShouldBe(["admin", "customer"]);
    }

    [Theory]
    [InlineData]
    [InlineData("no-address")]
    [InlineData("a@kontor.example", "b@kontor.example")]
    public async Task Anything_but_one_address_is_refused(params string[] args)
    {
        var (code, output) = await Run(args);

        code.ShouldBe(2);
        output.ShouldContain("admin create EMAIL");
    }

    private async Task<(int Code, string Output)> Run(params string[] args)
    {
        var command = app.Services.GetServices<ICommand>().Single(command => command.Name == "admin create");
        await using var output = new StringWriter();
        return (await command.Run(args, output, CancellationToken.None), output.ToString());
    }
}
