using System.Net.Http.Json;
using Kontor.Testing;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Browser;

/// <summary>The planner is open in a browser while its owner's phone changes things.</summary>
public class LivePlannerTests(KontorApp app, Chromium chromium) : IClassFixture<KontorApp>, IClassFixture<Chromium>
{
    [Fact]
    public async Task What_the_phone_changes_appears_by_itself_and_interrupts_nobody_who_types()
    {
        using var person = await app.NewPerson();
        var page = await chromium.NewPage(app.Address);
        await page.GotoAsync("/login?returnUrl=/planner");
        await page.Locator("[name=email]").FillAsync(person.Email);
        await page.Locator("[name=password]").FillAsync(person.Password);
        await page.Locator("main form button").First.ClickAsync();
        await page.WaitForURLAsync("**/planner");

        await Push(person, "projects", new { id = "p1", name = "Home" });
        await Push(person, "tasks", new { id = "t1", title = "Water the plants", is_completed = false, project_id = "p1" });
        await page.GetByText("Water the plants").WaitForAsync();

        await page.Locator("[data-live] [name=title]").First.FillAsync("Half a sente");
        await Push(person, "tasks", new { id = "t2", title = "Feed the cat", is_completed = false, project_id = "p1" });
        (await page.Locator("[data-live] [name=title]").First.InputValueAsync()).ShouldBe("Half a sente");

        await page.Locator("[data-live] [name=title]").First.FillAsync("");
        await page.Locator("h1").ClickAsync();
        await page.GetByText("Feed the cat").WaitForAsync();
    }

    private static async Task Push(Person person, string table, object row)
    {
        var pushed = new { created = new[] { row }, updated = Array.Empty<object>(), deleted = Array.Empty<string>() };
        var changes = new Dictionary<string, object> { [table] = pushed };
        (await person.Client.PostAsJsonAsync("/sync/push", new { changes })).IsSuccessStatusCode.ShouldBeTrue();
    }
}
