using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Foundation.Seams;
using Kontor.Home.Tests.Pulled;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Sources;

/// <summary>Nothing is stored of somebody who is not there: nobody could ever have it erased.</summary>
public class UnknownPersonTests(UnknownPersonTests.App app) : IClassFixture<UnknownPersonTests.App>
{
    [Theory]
    [InlineData("pia", true)]
    [InlineData("nobody", false)]
    [InlineData("pia@x.example", false)]
    public async Task Only_of_accounts_that_there_are_is_anything_told_or_pushed(string userId, bool isThere)
    {
        using var team = await SourceTeam.New(app, with => with["personal"] = true);
        await team.Client.PutAsJsonAsync(
            $"/api/home/sources/{team.Name}/attributes/stage", new { type = "text", privacy = "personal", description = "How far." });

        var pushed = await team.Push(1, "Yours.", new { userId });
        var told = await team.Client.PutAsJsonAsync(
            $"/api/home/sources/{team.Name}/persons/{userId}", new { version = 1, attributes = new { stage = "quote" } });

        foreach (var answer in new[] { pushed, told })
        {
            answer.StatusCode.ShouldBe(isThere ? HttpStatusCode.NoContent : HttpStatusCode.UnprocessableEntity);
            if (!isThere) (await answer.Code()).ShouldBe("person-unknown");
        }

        foreach (var table in new[] { "home_snapshots", "home_facts", "home_refusals" })
        {
            var rows = await app.Database.Read(tx => tx.First<long>(
                $"SELECT COUNT(*) FROM {table} WHERE user_id = @userId", new { userId }).AsTask());
            rows.ShouldBe(isThere && table != "home_refusals" ? 1 : 0, table);
        }
    }

    [Fact]
    public async Task Only_accounts_that_there_are_are_on_a_list()
    {
        var made = await app.Admin.PostAsJsonAsync(
            "/api/admin/segments", new { key = "ghosts", title = "Ghosts", persons = new[] { "pia", "nope" } });
        await ShouldBeUnknown(made, "nope");
        (await app.Admin.GetAsync("/api/admin/segments/ghosts")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        await app.Admin.PostAsJsonAsync("/api/admin/segments", new { key = "guests", title = "Guests", persons = new[] { "pia" } });

        await ShouldBeUnknown(await Change(new { add = new[] { "nope", "pia@x.example" } }), "nope", "pia@x.example");
        await ShouldBeUnknown(await Change(new { persons = new[] { "nope" } }), "nope");
        using var kim = await new FormBrowser(app, "kim;admin").Open("/admin/segments/guests");
        await kim.Send("/admin/segments/guests", null, ("add", "nope"));

        kim.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        kim.Words.ShouldContain("There is no account of this id. nope");
        kim.Value("/admin/segments/guests", "add").ShouldBe("nope");
        (await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/segments/guests/persons")).GetProperty("persons")
            .EnumerateArray().Select(one => one.GetString()).ShouldBe(["pia"]);
        // Whoever is no more can always be taken off.
        (await Change(new { remove = new[] { "nope" } })).StatusCode.ShouldBe(HttpStatusCode.OK);

        Task<HttpResponseMessage> Change(object change) => app.Admin.PatchAsJsonAsync("/api/admin/segments/guests", change);

        static async Task ShouldBeUnknown(HttpResponseMessage answer, params string[] ids)
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            problem.GetProperty("code").GetString().ShouldBe("person-unknown");
            problem.GetProperty("unknown").EnumerateArray().Select(one => one.GetString()).ShouldBe(ids);
        }
    }

    [Fact]
    public async Task The_sample_service_says_that_there_is_no_such_account()
    {
        using var team = await SourceTeam.New(app, with => (with["personal"], with["type"]) = (true, "card-list"));
        using var service = SampleTests.Start(
            "node", [SampleTests.Push, "not-an-id"], ("HOME_URL", app.Address.ToString().TrimEnd('/')), ("SOURCE_KEY", team.Secret));

        await service.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));

        service.ExitCode.ShouldBe(1);
        (await service.StandardError.ReadToEndAsync()).Trim().ShouldBe(
            "There is no account with the id not-an-id, or no longer: forget what you keep of it. What all are shown was pushed.");
        (await app.Anonymous.Keys()).ShouldContain(team.Widget);
    }

    public sealed class App : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Services.AddSingleton<IPersonFinder, Finder>();
        }

        private sealed class Finder : IPersonFinder
        {
            public Task<FoundPerson?> Find(string named, CancellationToken ct) => Task.FromResult<FoundPerson?>(
                named.StartsWith("pia", StringComparison.Ordinal) ? new("pia", "pia@x.example", "Pia", ["customer"]) : null);

            public Task<IReadOnlySet<string>> Known(IReadOnlyCollection<string> ids, CancellationToken ct) =>
                Task.FromResult<IReadOnlySet<string>>(ids.Where(id => id == "pia").ToHashSet());
        }
    }
}
