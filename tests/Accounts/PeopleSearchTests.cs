using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Accounts.Administration;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class PeopleSearchTests(KontorApp app) : IClassFixture<KontorApp>
{
    private sealed record Step(string Detail);

    [Theory]
    [InlineData("theodora")]
    [InlineData("THEO")]
    [InlineData("muller")]
    [InlineData("Müller-Lü")]
    [InlineData("ludenscheid")]
    [InlineData("thea.m")]
    [InlineData("unusual-domain.ex")]
    [InlineData("  theo   mull ")]
    [InlineData("shop")]
    public async Task A_person_is_found_by_how_words_of_name_and_address_begin(string text)
    {
        using var admin = await app.Admin();
        var id = await app.GivenPerson("Theodora Müller-Lüdenscheid", $"thea.m+shop{Guid.NewGuid():N}@unusual-domain.example");

        var found = await List(admin, $"?q={Uri.EscapeDataString(text)}&limit=200");

        Ids(found).ShouldContain(id);
        Ids(found).ShouldNotContain(admin.Id);
    }

    [Theory]
    [InlineData("heodora")]
    [InlineData("theodora nobody")]
    [InlineData("%")]
    [InlineData("_")]
    [InlineData("' OR 1=1 --")]
    [InlineData("\uffff")]
    [InlineData("\U0010FFFF")]
    public async Task What_no_word_begins_like_finds_nobody(string text)
    {
        using var admin = await app.Admin();
        await app.GivenPerson("Theodora Müller-Lüdenscheid", $"{Guid.NewGuid():N}@kontor.example");

        var found = await List(admin, $"?q={Uri.EscapeDataString(text)}");

        Ids(found).ShouldBeEmpty();
        found.GetProperty("total").GetInt64().ShouldBe(0);
        found.GetProperty("nextCursor").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Who_is_renamed_is_found_by_the_new_name_only()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson("Wilhelmina Before");

        await robin.Client.PatchAsJsonAsync("/users/me", new { name = "Wilhelmina Afterwards" });

        Ids(await List(admin, "?q=wilhelmina before")).ShouldBeEmpty();
        Ids(await List(admin, "?q=wilhelmina afterw")).ShouldBe([robin.Id]);
    }

    [Fact]
    public async Task Everybody_is_listed_once_page_by_page_the_newest_first()
    {
        using var admin = await app.Admin();
        var mark = $"m{Guid.NewGuid():N}";
        var ids = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            ids.Insert(0, await app.GivenPerson(mark, $"{Guid.NewGuid():N}@kontor.example"));
            app.Clock.Advance(TimeSpan.FromMilliseconds(2));
        }

        var (seen, cursor) = (new List<string>(), "");
        do
        {
            var page = await List(admin, $"?q={mark}&limit=3&cursor={cursor}");
            page.GetProperty("total").GetInt64().ShouldBe(7);
            seen.AddRange(Ids(page));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);

        seen.ShouldBe(ids);
    }

    [Fact]
    public async Task Roles_and_locks_narrow_the_list()
    {
        using var admin = await app.Admin();
        var mark = $"m{Guid.NewGuid():N}";
        using var premium = await app.NewPerson($"{mark} One");
        using var locked = await app.NewPerson($"{mark} Two");
        await admin.Client.PutAsync($"/api/admin/users/{premium.Id}/roles/premium", null);
        await admin.Client.PostAsJsonAsync($"/api/admin/users/{locked.Id}/lock", new { reason = "Because" });

        Ids(await List(admin, $"?q={mark}")).ShouldBe([premium.Id, locked.Id], ignoreOrder: true);
        Ids(await List(admin, $"?q={mark}&role=premium")).ShouldBe([premium.Id]);
        Ids(await List(admin, $"?q={mark}&role=admin")).ShouldBeEmpty();
        Ids(await List(admin, $"?q={mark}&locked=true")).ShouldBe([locked.Id]);
        Ids(await List(admin, $"?q={mark}&locked=false&role=")).ShouldBe([premium.Id]);
    }

    [Fact]
    public async Task An_account_shows_what_an_administrator_needs_and_no_secret()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson("Robin Detail");

        var answer = await admin.Client.GetAsync($"/api/admin/users/{robin.Id}");

        var account = await answer.Content.ReadFromJsonAsync<JsonElement>();
        account.GetProperty("email").GetString().ShouldBe(robin.Email);
        account.GetProperty("roles").EnumerateArray().Select(role => role.GetString()).ShouldBe(["customer"]);
        account.GetProperty("createdAt").GetDateTimeOffset().ShouldBe(app.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        account.GetProperty("lastSeenAt").GetDateTimeOffset().ShouldBe(app.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        account.GetProperty("lockedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("argon2");
    }

    [Theory]
    [InlineData("?limit=no", "validation-failed")]
    [InlineData("?limit=-1", "validation-failed")]
    [InlineData("?locked=perhaps", "validation-failed")]
    [InlineData("?cursor=!", "cursor-invalid")]
    [InlineData("?cursor=YQpi", "cursor-invalid")]
    [InlineData("?role=gardener", "role-unknown")]
    [InlineData("?q=a%00b", "invalid-request")]
    public async Task A_question_that_makes_no_sense_is_refused(string query, string code)
    {
        using var admin = await app.Admin();

        var answer = await admin.Client.GetAsync($"/api/admin/users{query}");

        ((int)answer.StatusCode).ShouldBeInRange(400, 422);
        (await answer.Code()).ShouldBe(code);
    }

    public static TheoryData<string, string> Endpoints => new()
    {
        { "GET", "/api/admin/users" },
        { "GET", "/api/admin/users/ID" },
        { "PUT", "/api/admin/users/ID/roles/admin" },
        { "DELETE", "/api/admin/users/ID/roles/customer" },
        { "POST", "/api/admin/users/ID/lock" },
        { "POST", "/api/admin/users/ID/unlock" },
        { "GET", "/api/admin/users/ID/sessions" },
        { "DELETE", "/api/admin/users/ID/sessions" },
        { "DELETE", "/api/admin/users/ID/sessions/any" },
        { "GET", "/api/admin/users/ID/audit" },
        { "GET", "/api/admin/audit" },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task Only_administrators_may_and_nobody_is_not_found(string method, string path)
    {
        using var stranger = app.NewClient();
        using var robin = await app.NewPerson();
        using var admin = await app.Admin();

        var (unknown, codeOfStranger) = await Call(stranger, method, path, robin.Id);
        var (forbidden, codeOfCustomer) = await Call(robin.Client, method, path, robin.Id);

        (unknown, codeOfStranger).ShouldBe((HttpStatusCode.Unauthorized, "unauthenticated"));
        (forbidden, codeOfCustomer).ShouldBe((HttpStatusCode.Forbidden, "forbidden"));
        (await app.AuditOf(robin)).Count.ShouldBe(2);
        if (!path.Contains("ID", StringComparison.Ordinal)) return;
        foreach (var nobody in new[] { Guid.CreateVersion7().ToString(), "x", "%27%20OR%201=1", new string('x', 3000) })
            (await Call(admin.Client, method, path, nobody)).ShouldBe((HttpStatusCode.NotFound, "not-found"));
    }

    [Fact]
    public async Task Among_many_people_an_index_finds_each()
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "PostgreSQL plans by the number of rows, of which a test has few.");
        var queries = new PeopleSearch.Query[]
        {
            new("", null, null, "id", 50), new("robin", null, null, null, 50), new("robin example", "admin", true, "id", 50),
            new("", "admin", null, null, 50), new("", null, true, null, 50),
        };

        foreach (var query in queries)
        {
            var (list, count, values) = PeopleSearch.StatementsOf(query);
            foreach (var sql in new[] { list, count })
            {
                var steps = await app.Database.Read(tx => tx.Query<Step>($"EXPLAIN QUERY PLAN {sql}", values).AsTask());
                // How many there are of all is counted along an index, from end to end.
                if (sql == count && !sql.Contains("WHERE", StringComparison.Ordinal)) continue;
                // The index of the locked has nobody else in it.
                var scans = steps.Select(step => step.Detail)
                    .Where(step => step.StartsWith("SCAN", StringComparison.Ordinal) && !step.Contains("accounts_users_locked"));
                scans.ShouldBeEmpty($"{sql}\n{string.Join('\n', steps)}");
                steps.ShouldNotContain(step => step.Detail.Contains("TEMP B-TREE"), $"{sql}\n{string.Join('\n', steps)}");
            }
        }
    }

    private static async Task<(HttpStatusCode, string)> Call(HttpClient client, string method, string path, string id)
    {
        var request = new HttpRequestMessage(new(method), path.Replace("ID", id, StringComparison.Ordinal));
        if (path.EndsWith("/lock", StringComparison.Ordinal)) request.Content = JsonContent.Create(new { reason = "Because" });
        var answer = await client.SendAsync(request);
        return (answer.StatusCode, await answer.Code());
    }

    private static async Task<JsonElement> List(Person admin, string query)
    {
        var answer = await admin.Client.GetAsync($"/api/admin/users{query}");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static List<string> Ids(JsonElement page) =>
        [.. page.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("id").GetString()!)];
}
