using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>A server with a product that brings a role.</summary>
public sealed class RoleApp : KontorApp
{
    protected override void Configure(WebApplicationBuilder builder) => builder.Services.AddSingleton(new Role("florist", "Florist"));
}

public class RoleTests(RoleApp app) : IClassFixture<RoleApp>
{
    private Rights Rights => app.Services.GetRequiredService<Rights>();

    [Fact]
    public async Task A_role_counts_from_the_next_refresh_on_and_the_old_token_is_refused()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();

        var answer = await admin.Client.PutAsync($"/api/admin/users/{robin.Id}/roles/premium", null);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        RolesIn(await answer.Content.ReadFromJsonAsync<JsonElement>()).ShouldBe(["customer", "premium"]);
        (await (await robin.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
        (await app.Refreshed(robin)).Tokens.User.Roles.ShouldBe(["customer", "premium"]);
        (await app.AuditOf(robin))[^1].ShouldBe(("role-granted", admin.Id, """{"role":"premium"}"""));
    }

    [Fact]
    public async Task A_role_is_taken_and_who_did_it_is_noted()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        await admin.Client.PutAsync($"/api/admin/users/{robin.Id}/roles/premium", null);

        var answer = await admin.Client.DeleteAsync($"/api/admin/users/{robin.Id}/roles/premium");

        RolesIn(await answer.Content.ReadFromJsonAsync<JsonElement>()).ShouldBe(["customer"]);
        (await app.Refreshed(robin)).Tokens.User.Roles.ShouldBe(["customer"]);
        (await app.AuditOf(robin))[^1].ShouldBe(("role-taken", admin.Id, """{"role":"premium"}"""));
    }

    [Fact]
    public async Task What_is_so_already_changes_nothing_and_is_not_noted()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        var before = await app.AuditOf(robin);

        (await admin.Client.PutAsync($"/api/admin/users/{robin.Id}/roles/customer", null)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await admin.Client.DeleteAsync($"/api/admin/users/{robin.Id}/roles/premium")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await app.AuditOf(robin)).ShouldBe(before);
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_product_brings_a_role_of_its_own()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();

        (await admin.Client.PutAsync($"/api/admin/users/{robin.Id}/roles/florist", null)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await app.Refreshed(robin)).Tokens.User.Roles.ShouldBe(["customer", "florist"]);
    }

    [Theory]
    [InlineData("PUT", "gardener")]
    [InlineData("DELETE", "gardener")]
    [InlineData("PUT", "Admin")]
    [InlineData("PUT", "admin%20")]
    [InlineData("PUT", "' OR 1=1 --")]
    public async Task A_role_that_nobody_brings_is_refused(string method, string role)
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();

        var answer = await admin.Client.SendAsync(new(new(method), $"/api/admin/users/{robin.Id}/roles/{role}"));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().ShouldBe("role-unknown");
        problem.GetProperty("allowed").EnumerateArray().Select(one => one.GetString())
            .ShouldBe(["admin", "customer", "florist", "premium"]);
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_role_whose_product_is_gone_can_still_be_taken()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        await app.Database.Write(tx => Rights.Give(tx, robin.Id, "gardener", Actor.System).AsTask());

        var answer = await admin.Client.DeleteAsync($"/api/admin/users/{robin.Id}/roles/gardener");

        RolesIn(await answer.Content.ReadFromJsonAsync<JsonElement>()).ShouldBe(["customer"]);
    }

    [Fact]
    public async Task The_last_administrator_stays_one()
    {
        using var admin = await app.Admin();
        using var second = await app.NewAdmin();

        // There are two: one may go, and then the other not.
        (await second.Client.DeleteAsync($"/api/admin/users/{second.Id}/roles/admin")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var answer = await admin.Client.DeleteAsync($"/api/admin/users/{admin.Id}/roles/admin");

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Code()).ShouldBe("last-admin");
        (await admin.Client.GetAsync("/api/admin/users")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task An_administrator_who_is_locked_does_not_count_as_one_who_remains()
    {
        using var admin = await app.Admin();
        using var second = await app.NewAdmin();
        await admin.Client.PostAsJsonAsync($"/api/admin/users/{second.Id}/lock", new { reason = "Gone fishing" });

        (await (await admin.Client.DeleteAsync($"/api/admin/users/{admin.Id}/roles/admin")).Code()).ShouldBe("last-admin");

        // The locked one's role can be taken, because that leaves one who can sign in.
        (await admin.Client.DeleteAsync($"/api/admin/users/{second.Id}/roles/admin")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_two_who_take_each_others_role_at_once_one_is_refused()
    {
        using var one = await app.NewAdmin();
        using var other = await app.NewAdmin();
        Task<Problem?>? rival = null;

        // The other one's request begins while the first one's is not committed yet.
        (await app.Database.Write(async tx =>
        {
            var problem = await Rights.Take(tx, other.Id, "admin", new Actor(one.Id));
            rival ??= Task.Run(() => app.Database.Write(theirs => Rights.Take(theirs, one.Id, "admin", new Actor(other.Id))));
            if (TestDatabase.IsPostgres) await Rival.WaitsFor(tx);
            return problem;
        })).ShouldBeNull();

        (await rival!).ShouldBe(Rights.NoAdmin);
        (await app.Refreshed(one)).Tokens.User.Roles.ShouldContain("admin");
        (await app.Refreshed(other)).Tokens.User.Roles.ShouldNotContain("admin");
        await app.NoMoreAdmins(one);
    }

    [Fact]
    public async Task Administrators_who_all_take_each_others_role_leave_one()
    {
        var admins = new List<Person>();
        for (var i = 0; i < 5; i++) admins.Add(await app.NewAdmin());
        using var first = await app.Admin();
        await first.Client.DeleteAsync($"/api/admin/users/{first.Id}/roles/admin");

        await Task.WhenAll(
            from admin in admins
            from victim in admins
            select admin.Client.DeleteAsync($"/api/admin/users/{victim.Id}/roles/admin"));

        var left = await app.Database.Read(tx => tx.Query<string>(
            "SELECT user_id FROM accounts_roles WHERE role = 'admin' ORDER BY user_id LIMIT 10").AsTask());
        left.Count.ShouldBe(1);
        await app.Database.Write(tx => Rights.Grant(tx, first.Id, "admin", Actor.System));
        await app.NoMoreAdmins([.. admins]);
        foreach (var admin in admins) admin.Dispose();
    }

    [Fact]
    public async Task Whose_role_was_just_taken_cannot_administer_with_a_token_that_says_otherwise()
    {
        using var robin = await app.NewPerson();
        using var second = await app.NewAdmin();
        // Before the token is known to be old: what the token says is not what counts.
        await app.Database.Write(tx => tx.Execute(
            "DELETE FROM accounts_roles WHERE user_id = @id AND role = 'admin'", new { id = second.Id }).AsTask());
        (await second.Client.GetAsync("/api/admin/users")).StatusCode.ShouldBe(HttpStatusCode.OK);

        var calls = new[]
        {
            await second.Client.PutAsync($"/api/admin/users/{second.Id}/roles/admin", null),
            await second.Client.DeleteAsync($"/api/admin/users/{robin.Id}/roles/customer"),
            await second.Client.PostAsJsonAsync($"/api/admin/users/{robin.Id}/lock", new { reason = "Revenge" }),
            await second.Client.PostAsync($"/api/admin/users/{robin.Id}/unlock", null),
            await second.Client.DeleteAsync($"/api/admin/users/{robin.Id}/sessions"),
            await second.Client.DeleteAsync($"/api/admin/users/{robin.Id}/sessions/any"),
        };

        foreach (var call in calls)
        {
            call.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            (await call.Code()).ShouldBe("forbidden");
        }

        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static IEnumerable<string?> RolesIn(JsonElement account) =>
        account.GetProperty("roles").EnumerateArray().Select(role => role.GetString());
}
