using System.Net;
using System.Net.Http.Json;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace Kontor.Accounts.Tests;

/// <summary>What tests of administration need of people.</summary>
internal static class Administering
{
    private sealed record Entry(string Action, string Actor, string Details);

    /// <summary>One more administrator, who is none any more after <see cref="NoMoreAdmins"/>.</summary>
    public static async Task<Person> NewAdmin(this KontorApp app)
    {
        var person = await app.NewPerson("Alex Admin");
        var rights = app.Services.GetRequiredService<Rights>();
        await app.Database.Write(tx => rights.Grant(tx, person.Id, RoleNames.Admin, Actor.System));
        return await app.Refreshed(person);
    }

    /// <summary>Leaves the demo's administrator alone.</summary>
    public static async Task NoMoreAdmins(this KontorApp app, params Person[] admins)
    {
        var rights = app.Services.GetRequiredService<Rights>();
        foreach (var admin in admins)
            (await app.Database.Write(tx => rights.Take(tx, admin.Id, RoleNames.Admin, Actor.System))).ShouldBeNull();
    }

    /// <summary>Somebody who never signed in, and so cost no password's hash.</summary>
    public static async Task<string> GivenPerson(this KontorApp app, string name, string email)
    {
        var id = Ids.New(app.Clock);
        var person = new NewUser(id, EmailAddress.Parse(email)!, name, new("hash", "pepper"), [RoleNames.Customer]);
        (await app.Services.GetRequiredService<IUsers>().Register(person, Actor.System, default)).Problem.ShouldBeNull();
        return id;
    }

    /// <summary>The person with new tokens.</summary>
    public static async Task<Person> Refreshed(this KontorApp app, Person person)
    {
        using var client = app.NewClient();
        var answer = await client.PostAsJsonAsync("/auth/refresh", new { refreshToken = person.Tokens.RefreshToken });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        person.Use((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
        return person;
    }

    /// <summary>What was done to the person's account, the oldest first.</summary>
    public static async Task<List<(string Action, string By, string Details)>> AuditOf(this KontorApp app, Person person)
    {
        var entries = await app.Database.Read(tx => tx.Query<Entry>("""
            SELECT action, actor, details
            FROM accounts_audit
            WHERE subject = @id
            ORDER BY id
            LIMIT 100
            """, new { id = person.Id }).AsTask());
        return [.. entries.Select(entry => (entry.Action, entry.Actor, entry.Details))];
    }
}
