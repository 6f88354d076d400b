using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class SignInTests(KontorApp app) : IClassFixture<KontorApp>
{
    private readonly HttpClient _client = app.NewClient();

    [Fact]
    public async Task A_new_person_is_a_customer_and_signed_in()
    {
        using var robin = await app.NewPerson(name: " Robin ");

        robin.Tokens.TokenType.ShouldBe("Bearer");
        robin.Tokens.ExpiresIn.ShouldBe(900);
        robin.Tokens.User.Name.ShouldBe("Robin");
        robin.Tokens.User.Roles.ShouldBe(["customer"]);
        robin.Tokens.RefreshToken.Length.ShouldBeLessThan(200);
        var profile = await robin.Client.GetFromJsonAsync<JsonElement>("/users/me");
        profile.GetProperty("id").GetString().ShouldBe(robin.Id);
        profile.GetProperty("email").GetString().ShouldBe(robin.Email);
        profile.GetProperty("emailVerified").GetBoolean().ShouldBeFalse();
        profile.GetProperty("mfa").GetBoolean().ShouldBeFalse();
        profile.GetProperty("createdAt").GetDateTimeOffset().ShouldBe(app.Clock.GetUtcNow(), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task An_address_is_taken_whatever_its_case_and_spaces()
    {
        using var robin = await app.NewPerson();

        var again = await Register($"  {robin.Email.ToUpperInvariant()} ", "another long phrase");

        again.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await again.Code()).ShouldBe("email-taken");
    }

    [Fact]
    public async Task One_of_many_who_register_an_address_at_once_gets_it()
    {
        var email = $"{Guid.NewGuid():N}@kontor.example";

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => Register(email, "a long enough phrase")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict).ShouldBe(11);
        (await Count("accounts_users", "email", email)).ShouldBe(1);
        var owner = (await answers.Single(answer => answer.IsSuccessStatusCode).Content.ReadFromJsonAsync<TokenPair>())!;
        (await Count("accounts_sessions", "user_id", owner.User.Id)).ShouldBe(1);
    }

    [Theory]
    [InlineData("no-at-sign", "a long enough phrase", "", "email")]
    [InlineData("@kontor.example", "a long enough phrase", "", "email")]
    [InlineData("a@", "a long enough phrase", "", "email")]
    [InlineData("a@b", "a long enough phrase", "", "email")]
    [InlineData("a b@kontor.example", "a long enough phrase", "", "email")]
    [InlineData("a..b@kontor.example", "a long enough phrase", "", "email")]
    [InlineData("a@-kontor.example", "a long enough phrase", "", "email")]
    [InlineData("a@kontor..example", "a long enough phrase", "", "email")]
    [InlineData("a\u0007@kontor.example", "a long enough phrase", "", "email")]
    [InlineData("a@kontor.example", "seven77", "", "password")]
    [InlineData("a@kontor.example", "with a \u0007 bell", "", "password")]
    [InlineData("longish@kontor.example", "my LONGISH phrase", "", "password")]
    [InlineData("a@kontor.example", "i am ada lovelace", "Ada Lovelace", "password")]
    [InlineData("a@kontor.example", "a long enough phrase", "a\u0007b", "name")]
    public async Task Bad_input_is_refused_and_names_its_field(string email, string password, string name, string field)
    {
        var answer = await _client.PostAsJsonAsync("/auth/register", new { email, password, name });

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().ShouldBe("validation-failed");
        problem.GetProperty("traceId").GetString().ShouldNotBeNullOrEmpty();
        problem.GetProperty("errors").EnumerateObject().ShouldHaveSingleItem().Name.ShouldBe(field);
        (await Count("accounts_users", "email", email.Trim())).ShouldBe(0);
    }

    [Theory]
    [InlineData(8, HttpStatusCode.Created)]
    [InlineData(128, HttpStatusCode.Created)]
    [InlineData(129, HttpStatusCode.BadRequest)]
    public async Task A_password_has_8_to_128_characters_of_any_kind(int length, HttpStatusCode expected)
    {
        var characters = Enumerable.Range(0, length).Select(i => i % 2 == 0 ? "👩🏽‍🚀" : $"{(char)('a' + i % 26)}");

        var answer = await Register($"{Guid.NewGuid():N}@kontor.example", string.Concat(characters));

        answer.StatusCode.ShouldBe(expected);
    }

    [Theory]
    [InlineData(254, HttpStatusCode.Created)]
    [InlineData(255, HttpStatusCode.BadRequest)]
    public async Task An_address_has_at_most_254_characters(int length, HttpStatusCode expected)
    {
        var domain = string.Join('.', Enumerable.Repeat(new string('d', 61), 3)) + ".example";

        var answer = await Register($"{Guid.NewGuid():N}".PadRight(length - domain.Length - 1, 'x') + "@" + domain, "a long enough phrase");

        answer.StatusCode.ShouldBe(expected, await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("""{"email":"a\u0000@kontor.example","password":"a long enough phrase"}""")]
    [InlineData("""{"email":"a@kontor.example","password":"a long \u0000 phrase"}""")]
    [InlineData("""{"email":"a@kontor.example","password":"a long \ud800 phrase"}""")]
    [InlineData("""{"email":"a@kontor.example"}""")]
    [InlineData("""{"email":null,"password":"a long enough phrase"}""")]
    [InlineData("""{"email":1,"password":"a long enough phrase"}""")]
    [InlineData("[]")]
    [InlineData("{")]
    public async Task A_body_that_is_not_right_is_400(string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        foreach (var path in new[] { "/auth/register", "/auth/login" })
        {
            var answer = await _client.PostAsync(path, content);

            answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
            (await answer.Code()).ShouldBeOneOf("invalid-request", "validation-failed");
        }
    }

    [Fact]
    public async Task A_person_signs_in_with_the_address_in_any_case()
    {
        using var robin = await app.NewPerson();

        using var again = await app.SignIn($" {robin.Email.ToUpperInvariant()} ", robin.Password);

        again.Id.ShouldBe(robin.Id);
        again.Tokens.RefreshToken.ShouldNotBe(robin.Tokens.RefreshToken);
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_address_get_the_same_answer()
    {
        using var robin = await app.NewPerson();

        var wrong = await Login(robin.Email, robin.Password + "x");
        var unknown = await Login($"{Guid.NewGuid():N}@kontor.example", robin.Password);
        var nonsense = await Login("nobody", "");

        var bodies = new List<string>();
        foreach (var answer in new[] { wrong, unknown, nonsense })
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            var body = await answer.Content.ReadFromJsonAsync<Dictionary<string, object>>();
            body!.Remove("traceId");
            bodies.Add(JsonSerializer.Serialize(body));
        }

        bodies.Distinct().ShouldHaveSingleItem().ShouldContain("invalid-credentials");
        (await Count("accounts_sessions", "user_id", robin.Id)).ShouldBe(1);
    }

    [Fact]
    public async Task A_password_that_is_typed_on_another_keyboard_is_the_same()
    {
        var email = $"{Guid.NewGuid():N}@kontor.example";
        (await Register(email, "sch\u00f6ne Gr\u00fc\u00dfe")).StatusCode.ShouldBe(HttpStatusCode.Created);

        (await Login(email, "scho\u0308ne Gru\u0308\u00dfe")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_password_may_have_what_is_no_character_at_all()
    {
        var email = $"{Guid.NewGuid():N}@kontor.example";
        (await Register(email, "a long \ufffe phrase")).StatusCode.ShouldBe(HttpStatusCode.Created);

        (await Login(email, "a long \ufffe phrase")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await Login("nobody@kontor.example", "a long \ufffe phrase")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Two_nodes_that_make_one_person_at_once_make_one()
    {
        var users = app.Services.GetRequiredService<IUsers>();
        var id = Ids.New();
        Task<Outcome<User>> Make(string email) => users.Register(
            new(id, EmailAddress.Parse(email)!, "", new("hash", "pepper"), []), Actor.System, CancellationToken.None);

        (await Make($"{id}@kontor.example")).Problem.ShouldBeNull();
        // The other address stands for a row that the first node has written to one index and not yet to the other.
        (await Make($"{id}@other.example")).Problem.ShouldBe(User.EmailTaken);
    }

    [Fact]
    public async Task No_password_is_in_the_database()
    {
        using var robin = await app.NewPerson();

        var stored = await app.Database.Read(tx => tx.First<string>(
            "SELECT password_hash FROM accounts_users WHERE id = @id", new { id = robin.Id }).AsTask());

        stored.ShouldStartWith("$argon2id$v=19$m=19456,t=2,p=1$");
    }

    [Fact]
    public async Task The_demo_has_an_administrator_and_a_customer()
    {
        using var admin = await app.Admin();
        using var ada = await app.SignIn("ada@kontor.example", "kontor-demo-ada");

        admin.Tokens.User.Roles.ShouldBe(["admin", "customer"]);
        ada.Tokens.User.Roles.ShouldBe(["customer"]);
        (await admin.Client.GetAsync("/health/invariants")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var refused = await ada.Client.GetAsync("/health/invariants");
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Code()).ShouldBe("forbidden");
    }

    [Fact]
    public async Task A_person_changes_what_they_are_called()
    {
        using var robin = await app.NewPerson();

        var changed = await robin.Client.PatchAsJsonAsync("/users/me", new { name = " Rowan " });
        var unchanged = await robin.Client.PatchAsJsonAsync("/users/me", new { });
        var refused = await robin.Client.PatchAsJsonAsync("/users/me", new { name = new string('x', 101) });

        (await changed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString().ShouldBe("Rowan");
        (await unchanged.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("name").GetString().ShouldBe("Rowan");
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await robin.Client.GetFromJsonAsync<JsonElement>("/users/me")).GetProperty("name").GetString().ShouldBe("Rowan");
    }

    private Task<HttpResponseMessage> Register(string email, string password) =>
        _client.PostAsJsonAsync("/auth/register", new { email, password });

    private Task<HttpResponseMessage> Login(string email, string password) =>
        _client.PostAsJsonAsync("/auth/login", new { email, password });

    private Task<long> Count(string table, string column, string value) => app.Database.Read(tx => tx.First<long>(
        $"SELECT count(*) FROM {table} WHERE {column} = @value", new { value }).AsTask());
}
