using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class AuditTrailTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task An_administrator_sees_who_did_what_to_somebody_the_newest_first()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        await admin.Client.PutAsync($"/api/admin/users/{robin.Id}/roles/premium", null);

        var entries = EntriesOf(await Get(admin, $"/api/admin/users/{robin.Id}/audit"));

        entries.Select(Action).ShouldBe(["role-granted", "role-granted", "account-created"]);
        var newest = entries[0];
        newest.GetProperty("by").GetString().ShouldBe(admin.Id);
        newest.GetProperty("byEmail").GetString().ShouldBe(admin.Email);
        newest.GetProperty("subject").GetString().ShouldBe(robin.Id);
        newest.GetProperty("subjectEmail").GetString().ShouldBe(robin.Email);
        newest.GetProperty("network").GetString().ShouldBe("127.0.0.0/24");
        newest.GetProperty("details").GetProperty("role").GetString().ShouldBe("premium");
        newest.GetProperty("at").GetDateTimeOffset().ShouldBe(app.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task The_trail_comes_page_by_page_and_tells_each_deed_once()
    {
        using var admin = await app.Admin();
        var subject = Guid.CreateVersion7().ToString();
        for (var i = 0; i < 7; i++) await Note(subject, "test-page", new { i });

        var lists = new[]
        {
            $"/api/admin/users/{subject}/audit?", $"/api/admin/audit?subject={subject}&", "/api/admin/audit?action=test-page&",
        };
        foreach (var path in lists)
        {
            var (seen, cursor) = (new List<int>(), "");
            do
            {
                var page = await Get(admin, $"{path}limit=3&cursor={cursor}");
                EntriesOf(page).Count.ShouldBeLessThanOrEqualTo(3);
                seen.AddRange(EntriesOf(page).Select(entry => entry.GetProperty("details").GetProperty("i").GetInt32()));
                cursor = page.GetProperty("nextCursor").GetString();
            }
            while (cursor is not null);

            seen.ShouldBe([6, 5, 4, 3, 2, 1, 0]);
        }
    }

    [Fact]
    public async Task Filters_of_who_what_and_when_narrow_the_trail()
    {
        var (one, other) = (Guid.CreateVersion7().ToString(), Guid.CreateVersion7().ToString());
        await Note(one, "test-filter", new { n = 1 }, by: other);
        app.Clock.Advance(TimeSpan.FromDays(3));
        var between = app.Clock.GetUtcNow().UtcDateTime;
        app.Clock.Advance(TimeSpan.FromDays(3));
        await Note(other, "test-filter", new { n = 2 }, by: one);
        await Note(other, "test-other", new { n = 3 }, by: one);
        using var admin = await app.Admin();

        (await Numbers(admin, "action=test-filter")).ShouldBe([2, 1]);
        (await Numbers(admin, $"by={one}")).ShouldBe([3, 2]);
        (await Numbers(admin, $"by={one}&action=test-filter")).ShouldBe([2]);
        (await Numbers(admin, $"subject={one}&by=&action=")).ShouldBe([1]);
        (await Numbers(admin, $"action=test-filter&from={between:yyyy-MM-dd}")).ShouldBe([2]);
        (await Numbers(admin, $"action=test-filter&until={between:yyyy-MM-dd}")).ShouldBe([1]);
        (await Numbers(admin, $"action=test-filter&until={Uri.EscapeDataString($"{between.AddDays(3):O}")}&from=2020-01-01")).ShouldBe([1]);
        (await Numbers(admin, $"action=test-filter&until={between.AddDays(3):yyyy-MM-dd}")).ShouldBe([2, 1]);
    }

    [Theory]
    [InlineData("from=yesterday")]
    [InlineData("until=2026-02-30")]
    [InlineData("until=2026-02-28Tnoon")]
    [InlineData("limit=many")]
    [InlineData("cursor=x")]
    [InlineData("cursor=LTEKLTE")]
    [InlineData("action=a%00")]
    public async Task A_question_that_makes_no_sense_is_refused(string query)
    {
        using var admin = await app.Admin();

        var answer = await admin.Client.GetAsync($"/api/admin/audit?{query}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        new[] { "validation-failed", "cursor-invalid", "invalid-request" }.ShouldContain(await answer.Code());
    }

    private Task Note(string subject, string action, object details, string by = "system") => app.Database.Write(
        tx => app.Services.GetRequiredService<Audit>().Record(tx, new Actor(by), action, subject, details).AsTask());

    private static async Task<IEnumerable<int>> Numbers(Person admin, string query) =>
        EntriesOf(await Get(admin, $"/api/admin/audit?{query}")).Select(entry => entry.GetProperty("details").GetProperty("n").GetInt32());

    private static async Task<JsonElement> Get(Person admin, string path)
    {
        var answer = await admin.Client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static List<JsonElement> EntriesOf(JsonElement page) => [.. page.GetProperty("entries").EnumerateArray()];

    private static string? Action(JsonElement entry) => entry.GetProperty("action").GetString();
}
