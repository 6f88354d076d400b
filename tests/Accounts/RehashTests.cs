using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class RehashTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task A_new_pepper_takes_a_password_over_when_its_owner_signs_in()
    {
        using var robin = await app.NewPerson();
        using var rowan = await app.NewPerson();
        var before = await Stored(robin);
        var keys = Path.Combine(app.Services.GetRequiredService<IOptions<DataFolder>>().Value.Path, "keys");
        var number = Directory.GetFiles(keys, "pepper-????.key").Length + 1;
        var pepper = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await File.WriteAllTextAsync(Path.Combine(keys, $"pepper-{number:0000}.key"), pepper);
        await app.Restart();
        var current = app.Services.GetRequiredService<KeyRing>().Pepper.Id;

        await Refused(robin);
        (await Stored(robin)).ShouldBe(before);
        (await app.SignIn(robin.Email, robin.Password)).Dispose();
        var after = await Stored(robin);
        (await app.SignIn(robin.Email, robin.Password)).Dispose();

        after.PepperId.ShouldBe(current);
        after.PepperId.ShouldNotBe(before.PepperId);
        (await Stored(robin)).ShouldBe(after);
        (await Stored(rowan)).PepperId.ShouldBe(before.PepperId);
        var peppers = await Peppers();
        peppers.ShouldContain(line => line.StartsWith(before.PepperId, StringComparison.Ordinal) && line.EndsWith("older: keep it"));
        peppers[^1].ShouldStartWith(current);
        peppers[^1].ShouldEndWith("in use");
    }

    [Fact]
    public async Task A_pepper_that_is_missing_is_named()
    {
        using var robin = await app.NewPerson();
        await Store(robin, (await Stored(robin)) with { PepperId = "00000000" });

        await Refused(robin);

        (await Peppers()).ShouldContain(line => line.StartsWith("00000000  ", StringComparison.Ordinal) && line.Contains("missing"));
    }

    [Theory]
    [InlineData(8192, 1)]
    [InlineData(32768, 3)]
    public async Task Other_parameters_are_replaced_by_those_of_today(int memoryKiB, int passes)
    {
        using var robin = await app.NewPerson();
        var pepper = app.Services.GetRequiredService<KeyRing>().Pepper;
        var cost = new Argon2.Cost(memoryKiB, passes, Lanes: 1);
        var (salt, tag) = (RandomNumberGenerator.GetBytes(16), new byte[32]);
        Argon2.Hash(System.Text.Encoding.UTF8.GetBytes(robin.Password), salt, pepper.PasswordKey, default, cost, tag);
        Argon2.ReleaseMemory();
        await Store(robin, new(StoredPassword.Format(cost, salt, tag), pepper.Id));

        await Refused(robin);
        (await app.SignIn(robin.Email, robin.Password)).Dispose();

        (await Stored(robin)).Phc.ShouldStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
        (await app.SignIn(robin.Email, robin.Password)).Dispose();
    }

    [Fact]
    public async Task A_password_that_was_changed_meanwhile_is_not_made_the_old_one_again()
    {
        using var robin = await app.NewPerson();
        var users = app.Services.GetRequiredService<IUsers>();
        var changed = new StoredPassword("changed by another request", "pepper");
        var old = await Stored(robin);
        await Store(robin, changed);

        await users.Rehash(robin.Id, old, new("the old one under another hash", "pepper"), CancellationToken.None);

        (await Stored(robin)).ShouldBe(changed);
    }

    private async Task<string[]> Peppers()
    {
        var command = app.Services.GetServices<ICommand>().Single(command => command.Name == "admin peppers");
        await using var output = new StringWriter { NewLine = "\n" };
        (await command.Run([], output, CancellationToken.None)).ShouldBe(0);
        return output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private async Task Refused(Person person)
    {
        using var client = app.NewClient();
        var answer = await client.PostAsJsonAsync("/auth/login", new { email = person.Email, password = person.Password + "x" });
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private async Task<StoredPassword> Stored(Person person)
    {
        var found = await app.Services.GetRequiredService<IUsers>().FindByEmail(EmailAddress.Parse(person.Email)!, CancellationToken.None);
        return found!.Value.Password;
    }

    private Task Store(Person person, StoredPassword password) => app.Database.Write(tx => tx.Execute(
        "UPDATE accounts_users SET password_hash = @hash, pepper_id = @pepper WHERE id = @id",
        new { id = person.Id, hash = password.Phc, pepper = password.PepperId }).AsTask());
}
