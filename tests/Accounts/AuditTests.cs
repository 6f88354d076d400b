using System.Net;
using System.Net.Http.Json;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class AuditTests(KontorApp app) : IClassFixture<KontorApp>
{
    private sealed record Entry(string Actor, string? Network, string Action, string? Subject, string Details, long At);

    [Fact]
    public async Task A_new_account_is_noted_with_its_role_and_from_where()
    {
        using var robin = await app.NewPerson();

        var entries = await EntriesAbout(robin.Id);

        entries.Select(entry => entry.Action).ShouldBe(["account-created", "role-granted"]);
        entries[1].Details.ShouldBe("""{"role":"customer"}""");
        entries.ShouldAllBe(entry => entry.Actor == robin.Id && entry.Network == "127.0.0.0/24");
        DateTimeOffset.FromUnixTimeMilliseconds(entries[0].At).ShouldBe(app.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_role_that_a_command_grants_is_noted_once()
    {
        using var robin = await app.NewPerson();
        var command = app.Services.GetServices<ICommand>().Single(command => command.Name == "admin create");

        for (var i = 0; i < 2; i++) (await command.Run([robin.Email], TextWriter.Null, CancellationToken.None)).ShouldBe(0);

        var granted = (await EntriesAbout(robin.Id))[2..].ShouldHaveSingleItem();
        granted.ShouldBe(new("command", null, "role-granted", robin.Id, """{"role":"admin"}""", granted.At));
    }

    [Fact]
    public async Task Neither_an_account_nor_a_note_is_there_when_the_address_is_taken()
    {
        using var robin = await app.NewPerson();
        var before = await Count();

        using var client = app.NewClient();
        var body = new { email = robin.Email, password = "another long phrase" };
        await client.PostAsJsonAsync("/auth/register", body);

        (await Count()).ShouldBe(before);
    }

    [Theory]
    [InlineData("DELETE FROM accounts_audit WHERE subject = @id")]
    [InlineData("UPDATE accounts_audit SET at = at + 1, network = NULL WHERE subject = @id")]
    [InlineData("UPDATE accounts_audit SET actor = 'system', network = NULL WHERE subject = @id")]
    [InlineData("UPDATE accounts_audit SET action = 'nothing', network = NULL WHERE subject = @id")]
    [InlineData("UPDATE accounts_audit SET subject = 'nobody', network = NULL WHERE subject = @id")]
    [InlineData("UPDATE accounts_audit SET subject = NULL, network = NULL WHERE subject = @id")]
    [InlineData("UPDATE accounts_audit SET network = '198.51.100.0/24' WHERE subject = @id")]
    [InlineData("UPDATE accounts_audit SET details = '{\"role\":\"premium\"}', network = NULL WHERE subject = @id")]
    public async Task The_database_refuses_to_change_what_was_noted(string sql)
    {
        using var robin = await app.NewPerson();
        var before = await EntriesAbout(robin.Id);

        var refusal = await Should.ThrowAsync<Exception>(() => app.Database.Write(tx => tx.Execute(sql, new { id = robin.Id }).AsTask()));

        refusal.Message.ShouldContain("append-only");
        (await EntriesAbout(robin.Id)).ShouldBe(before);
    }

    [Fact]
    public async Task What_is_forgotten_about_a_person_leaves_the_deed()
    {
        using var robin = await app.NewPerson();
        using var other = await app.NewPerson();
        await app.Database.Write(tx => app.Services.GetRequiredService<Audit>()
            .Record(tx, new Actor(robin.Id, "203.0.113.0/24"), AuditAction.RoleGranted, other.Id, new { role = "premium" }).AsTask());

        await app.Database.Write(tx => Audit.Forget(tx, robin.Id));

        var about = await EntriesAbout(robin.Id);
        about.Select(entry => entry.Action).ShouldBe(["account-created", "role-granted"]);
        about.ShouldAllBe(entry => entry.Network == null && entry.Details == "{}" && entry.Actor == robin.Id);
        var (others, byRobin) = (await EntriesAbout(other.Id))[..] is [.., var last] all ? (all[..^1], last) : default;
        others.ShouldAllBe(entry => entry.Network != null);
        byRobin.Network.ShouldBeNull();
        byRobin.Details.ShouldBe("""{"role":"premium"}""");
    }

    [Theory]
    [InlineData("203.0.113.77", "203.0.113.0/24")]
    [InlineData("::ffff:203.0.113.77", "203.0.113.0/24")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48")]
    [InlineData("::1", "::/48")]
    public void A_network_is_noted_not_an_address(string address, string network) =>
        Actor.NetworkOf(IPAddress.Parse(address)).ShouldBe(network);

    private Task<List<Entry>> EntriesAbout(string id) => app.Database.Read(tx => tx.Query<Entry>("""
        SELECT actor, network, action, subject, details, at
        FROM accounts_audit
        WHERE subject = @id
        ORDER BY at, id
        LIMIT 100
        """, new { id }).AsTask());

    private Task<long> Count() => app.Database.Read(tx => tx.First<long>("SELECT COUNT(*) FROM accounts_audit").AsTask());
}
