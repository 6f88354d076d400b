using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Accounts.Passwords;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class ImportTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const string Password = "abcdefghijklmnopqrstuvwxyz";
    private const string Bcrypt = "$2a$06$.rCVZVOThsIa97pEDOxvGuRRgzG64bvtJ0938xuqzv18d3ZpQhstC";

    private readonly string _id = Guid.NewGuid().ToString("N");

    private string Ada => $"ada-{_id}@kontor.example";

    private string Bob => $"bob-{_id}@kontor.example";

    [Fact]
    public async Task A_file_of_csv_brings_people_who_sign_in_with_the_passwords_they_had()
    {
        var (code, output) = await Import($"""
            email;password_hash;name;roles;email_verified;created_at;language
            {Ada};{Bcrypt};"Lovelace; Ada";premium admin;true;2020-02-29T10:00:00Z;de
            {Bob};{Identity()};;;;;
            """);

        output.ShouldBe("2 people were imported, 0 refused.\n");
        code.ShouldBe(0);
        using var ada = await app.SignIn(Ada, Password);
        using var bob = await app.SignIn(Bob, Password);
        ada.Tokens.User.Roles.ShouldBe(["admin", "customer", "premium"]);
        bob.Tokens.User.Roles.ShouldBe(["customer"]);
        var profile = await ada.Client.GetFromJsonAsync<JsonElement>("/users/me");
        profile.GetProperty("name").GetString().ShouldBe("Lovelace; Ada");
        profile.GetProperty("language").GetString().ShouldBe("de");
        profile.GetProperty("emailVerified").GetBoolean().ShouldBeTrue();
        profile.GetProperty("createdAt").GetDateTimeOffset().ShouldBe(new(2020, 2, 29, 10, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task A_password_becomes_one_of_ours_at_the_first_sign_in_and_a_wrong_one_changes_nothing()
    {
        await Import($"email,passwordHash\n{Ada},{Bcrypt}\n{Bob},{Identity()}");
        using var client = app.NewClient();

        foreach (var email in new[] { Ada, Bob })
        {
            var before = await Stored(email);
            (await client.PostAsJsonAsync("/auth/login", new { email, password = "wrong" }))
                .StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await Stored(email)).ShouldBe(before);
            (await app.SignIn(email, Password)).Dispose();
            (await Stored(email)).Phc.ShouldStartWith("$argon2id$");
            (await app.SignIn(email, Password)).Dispose();
        }
    }

    [Fact]
    public async Task Lines_of_json_are_read_too()
    {
        var (code, output) = await Import($$"""
            {"email": "{{Ada}}", "passwordHash": "{{Bcrypt}}", "roles": ["premium"], "emailVerified": true, "name": "Ada", "legacyId": 7}

            {"email": "{{Bob}}", "passwordHash": null}
            """);

        output.ShouldBe("Left out: legacyid.\n2 people were imported, 0 refused.\n");
        code.ShouldBe(0);
        using var ada = await app.SignIn(Ada, Password);
        ada.Tokens.User.Roles.ShouldBe(["customer", "premium"]);
    }

    [Fact]
    public async Task Whoever_comes_without_a_password_has_none_that_is_right()
    {
        await Import($"email\n{Ada}");
        using var client = app.NewClient();

        foreach (var password in new[] { "", " ", "null" })
        {
            var answer = await client.PostAsJsonAsync("/auth/login", new { email = Ada, password });
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }
    }

    [Fact]
    public async Task What_is_wrong_is_said_line_by_line_and_the_others_are_taken()
    {
        var (code, output) = await Import($"""
            email,passwordHash,name,roles,emailVerified,createdAt
            nobody,{Bcrypt},,,,
            x-{_id}@kontor.example,md5:1234,,king,perhaps,1812-12-10
            {Ada},{Bcrypt},,,,
            {Ada.ToUpperInvariant()},{Bcrypt},,,,
            y-{_id}@kontor.example,$2b$14${new string('.', 53)},,,,
            z-{_id}@kontor.example,too few
            ,,,,,
            ada@kontor.example,{Bcrypt},,,,
            {Bob},{Bcrypt},,,,2999-01-01
            """);

        output.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            "line 2: email: This is not an e-mail address.",
            "line 3: passwordhash: This is neither a bcrypt hash nor one of ASP.NET Core Identity.",
            "line 3: roles: There is no role 'king'.",
            "line 3: emailverified: This is neither true nor false.",
            "line 3: createdat: This is no time since 1970, such as 2024-05-17T09:30:00Z.",
            "line 5: email: It is in the file twice.",
            "line 6: passwordhash: A bcrypt hash has a cost of 13 at most.",
            "line 7: There are 2 fields, not 6.",
            "line 8: email: It is missing.",
            "line 9: email: There is an account with this address.",
            "line 10: createdat: This is no time since 1970, such as 2024-05-17T09:30:00Z.",
            "1 people were imported, 8 refused.",
        ]);
        code.ShouldBe(1);
        (await Count()).ShouldBe(1);
        // Whoever was there already has the password that they had.
        (await app.SignIn("ada@kontor.example", "kontor-demo-ada")).Dispose();
    }

    [Fact]
    public async Task A_dry_run_says_the_same_and_writes_nothing()
    {
        var file = $"email,passwordHash\n{Ada},{Bcrypt}\nada@kontor.example,{Bcrypt}\nnobody,";

        var (code, output) = await Import(file, "--dry-run");

        code.ShouldBe(1);
        output.ShouldBe("""
            line 3: email: There is an account with this address.
            line 4: email: This is not an e-mail address.
            1 people would be imported, 2 refused. Nothing was written.

            """);
        (await Count()).ShouldBe(0);
    }

    [Fact]
    public async Task The_same_file_may_be_given_again()
    {
        var file = Many(100);

        (await Import(file)).Output.ShouldBe("100 people were imported, 0 refused.\n");
        var (code, output) = await Import(file);

        code.ShouldBe(1);
        output.ShouldEndWith("0 people were imported, 100 refused.\n");
        (await Count()).ShouldBe(100);
    }

    [Theory]
    [InlineData("email,name\nada@x.example,\"open")]
    [InlineData("{\"email\": \"ada@x.example\"")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public async Task A_file_that_is_broken_is_said_to_be(string file)
    {
        var (code, output) = await Import(file);

        code.ShouldBe(file == "[1]" ? 0 : 1);
        output.ShouldContain("0 people were imported");
    }

    [Fact]
    public async Task A_command_that_names_no_file_says_how_it_is_used()
    {
        foreach (var args in new string[][] { [], ["--dry-run"], ["a.csv", "b.csv"], ["/nowhere/at/all.csv"] })
            (await Run(args)).Code.ShouldBe(2);
    }

    [Fact]
    public async Task Of_made_up_addresses_as_many_get_a_foreign_hash_as_of_accounts_have_one()
    {
        var decoys = app.Services.GetRequiredService<Decoys>();
        await Import(Many(60));
        var (imported, all) = (await Accounts("WHERE pepper_id = 'bcrypt-6'"), await Accounts(""));

        await decoys.WarmUp(default);
        var kinds = Enumerable.Range(0, 4000).Select(i => decoys.Of($"made-up-{i}@kontor.example")?.PepperId).ToList();

        imported.ShouldBeGreaterThanOrEqualTo(60);
        (kinds.Count(kind => kind == "bcrypt-6") / 4000.0).ShouldBe((double)imported / all, tolerance: 0.05);
        decoys.Of("made-up-1@kontor.example").ShouldBe(decoys.Of("made-up-1@kontor.example"));
    }

    private string Many(int people) => string.Join(
        '\n', Enumerable.Range(0, people).Select(i => $"p{i}-{_id}@kontor.example,{Bcrypt}").Prepend("email,passwordHash"));

    private static string Identity() =>
        new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = 1000 })).HashPassword(new(), Password);

    private async Task<(int Code, string Output)> Import(string content, params string[] options)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, content);
            return await Run([.. options, file]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private async Task<(int Code, string Output)> Run(params string[] args)
    {
        var command = app.Services.GetServices<ICommand>().Single(command => command.Name == "admin import users");
        await using var output = new StringWriter { NewLine = "\n" };
        return (await command.Run(args, output, CancellationToken.None), output.ToString());
    }

    private async Task<StoredPassword> Stored(string email) =>
        (await app.Services.GetRequiredService<IUsers>().FindByEmail(EmailAddress.Parse(email)!, CancellationToken.None))!.Value.Password;

    private Task<long> Count() => Accounts($"WHERE email LIKE '%{_id}%'");

    private Task<long> Accounts(string where) =>
        app.Database.Read(tx => tx.First<long>($"SELECT count(*) FROM accounts_users {where}").AsTask());
}
