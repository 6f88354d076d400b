using System.Net;
using Kontor.Accounts.Erasure;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Erasing accounts leaves an administrator who can sign in.</summary>
public class EraseAccountTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task An_administrator_who_is_locked_does_not_count_as_one_who_remains()
    {
        using var last = await app.Admin();
        using var locked = await app.NewAdmin();
        var rights = app.Services.GetRequiredService<Rights>();
        (await app.Database.Write(tx => rights.Lock(tx, locked.Id, "Gone", Actor.System))).ShouldBeNull();

        using var refused = await last.Client.DeleteAsync("/users/me");

        refused.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await refused.Code()).ShouldBe("last-admin");
        (await last.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await last.Client.DeleteAsync($"/api/admin/users/{locked.Id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Who_is_no_administrator_any_more_erases_nobody_but_themselves()
    {
        using var former = await app.NewAdmin();
        using var robin = await app.NewPerson();
        await app.NoMoreAdmins(former);
        var erasures = app.Services.GetRequiredService<Erasures>();

        (await erasures.Erase(robin.Id, new Actor(former.Id), default)).ShouldBe(Rights.NoAdmin);
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await erasures.Erase(former.Id, new Actor(former.Id), default)).ShouldBeNull();
    }
}
