using Kontor.Accounts.Keys;
using Kontor.Accounts.Tokens;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Many people are signed in on one node.</summary>
public class ManyTokensTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const int Many = 21_000;

    [Fact]
    public async Task Who_comes_back_after_many_others_is_not_verified_again_and_nobody_else_is_taken_for_them()
    {
        var tokens = app.Services.GetRequiredService<AccessTokens>();
        var ring = app.Services.GetRequiredService<KeyRing>();
        using var robin = await app.NewPerson();
        var genuine = robin.Tokens.AccessToken;
        var forge = new Forge(ring, genuine);
        var first = tokens.Read(genuine);
        Parallel.For(0, Many, i => tokens.Read(forge.Claims(claims => claims["jti"] = $"{i}")).ShouldNotBeNull());

        var again = tokens.Read(genuine);

        again.ShouldNotBeNull().ShouldBeSameAs(first);
        var other = forge.Claims(claims => claims["sub"] = "somebody else").Split('.');
        tokens.Read($"{other[0]}.{other[1]}.{genuine.Split('.')[2]}").ShouldBeNull();
        tokens.Read(forge.Scalars("1", null)).ShouldBeNull();
        tokens.Read(forge.Claims(claims => claims["exp"] = 1)).ShouldBeNull();
    }
}
