using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;

namespace Kontor.EndToEnd.Tests.Privacy;

/// <summary>
/// A customer who leaves something in every part of Kontor, through the real API and pages, in words that occur nowhere else.
/// </summary>
internal sealed class Life : IDisposable
{
    private readonly KontorApp _app;
    private readonly string _mark;

    private Life(KontorApp app, Person person, string mark) => (_app, Person, _mark) = (app, person, mark);

    public Person Person { get; }

    /// <summary>What tells of them: it is in the export, and nowhere after the erasure.</summary>
    public List<string> Words { get; } = [];

    /// <summary>The address of <see cref="OpenOrder"/>.</summary>
    public List<string> WordsOfOpenOrder { get; } = [];

    /// <summary>Of the order as a guest, which is theirs only if the address is.</summary>
    public List<string> WordsAsGuest { get; } = [];

    /// <summary>An order that has not arrived yet.</summary>
    public string OpenOrder { get; private set; } = "";

    /// <summary>
    /// What all of it is about: 10 pieces, of which one has been delivered, and came back broken, one is ordered, and the carts hold some.
    /// </summary>
    public string Product { get; private set; } = "";

    /// <param name="app">Where they live.</param>
    /// <param name="isVerified">Whether the address has been shown to be theirs.</param>
    public static async Task<Life> Of(KontorApp app, bool isVerified = true)
    {
        var mark = $"m{Guid.NewGuid():N}"[..9];
        using var client = app.NewClient();
        client.DefaultRequestHeaders.UserAgent.ParseAdd($"{mark}-device/1.0");
        var email = $"quillon.{mark}@kontor.example";
        const string password = "a rather long sentence";
        var answer = await client.PostAsJsonAsync("/auth/register", new { email, password, name = $"Quillon {mark}-name" });
        answer.StatusCode.ShouldBe(HttpStatusCode.Created);
        var life = new Life(app, app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!, password), mark);
        life.Words.AddRange([email, $"{mark}-name", $"{mark}-device"]);
        if (isVerified)
        {
            await app.Database.Write(tx => tx.Execute(
                "UPDATE accounts_users SET email_verified = true WHERE id = @id", new { id = life.Person.Id }).AsTask());
        }

        await life.Shop();
        await life.ShopAsGuest();
        await life.Plan();
        await life.PlanInBrowser();
        await life.BeToldOf();
        await life.LookAtHome();
        return life;
    }

    public void Dispose() => Person.Dispose();

    private async Task LookAtHome()
    {
        var feed = (await Person.Client.GetFromJsonAsync<JsonNode>("/api/home"))!;
        var seen = new
        {
            id = $"{_mark}-event",
            widgetId = (string)feed["widgets"]![0]!["id"]!,
            feedId = (string)feed["feedId"]!,
            kind = "impression",
            at = _app.Clock.GetUtcNow(),
        };
        var answer = await Person.Client.PostAsJsonAsync("/api/home/events", new { events = new[] { seen } });
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    /// <summary>The text of the export, which has to be whole JSON.</summary>
    public async Task<string> Export(HttpClient? by = null, string path = "/users/me/export")
    {
        using var answer = await (by ?? Person.Client).GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var text = await answer.Content.ReadAsStringAsync();
        JsonNode.Parse(text)!["accounts"]!["profile"]!["id"]!.GetValue<string>().ShouldBe(Person.Id);
        return text;
    }

    private string Word(string what) => Word(what, Words);

    private string Word(string what, List<string> words)
    {
        words.Add($"{_mark}-{what}");
        return words[^1];
    }

    private async Task Shop()
    {
        using var admin = await _app.Admin();
        var made = await admin.Client.PostAsJsonAsync(
            "/api/admin/products", new { name = "Lamp", description = "Bright.", category = "lamps", price = 9.5m, stock = 10 });
        Product = (string)(await made.Content.ReadFromJsonAsync<JsonNode>())!["id"]!;

        var cancelled = await Order(Person.Client, "cancelled", Words, $"{Word("cancelled")}@kontor.example");
        await Send(Person.Client, $"/api/orders/{cancelled}/cancel", new { reason = Word("reason") });
        var arrived = await Order(Person.Client, "arrived", Words, $"{Word("arrived")}@kontor.example");
        foreach (var status in new[] { "paid", "shipped", "delivered" })
        {
            var moved = await admin.Client.PatchAsJsonAsync($"/api/admin/orders/{arrived}", new { status, reason = Word(status) });
            moved.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        var lines = new[] { new { productId = Product, quantity = 1, restock = false } };
        await Send(admin.Client, $"/api/admin/orders/{arrived}/returns", new { lines, amount = 1, reason = Word("came-back") });
        OpenOrder = await Order(Person.Client, "open", WordsOfOpenOrder, $"{Word("open-mail")}@kontor.example");
        await Send(Person.Client, "/api/cart", new { productId = Product, quantity = 2 });
    }

    /// <summary>Another system tells what it knows of them, and a list names them.</summary>
    private async Task BeToldOf()
    {
        using var admin = await _app.Admin();
        await Send(admin.Client, "/api/admin/sources", new { key = $"s-{_mark}", team = "lending" });
        using var keyed = await admin.Client.PostAsJsonAsync($"/api/admin/sources/s-{_mark}/keys", new { });
        var key = (string)(await keyed.Content.ReadFromJsonAsync<JsonNode>())!["key"]!;
        using var system = _app.NewClient();
        system.DefaultRequestHeaders.Authorization = new("Bearer", key);
        foreach (var (path, body) in new (string, object)[]
        {
            ("attributes/wish", new { type = "text", privacy = "personal", description = "What they want." }),
            ($"persons/{Person.Id}", new { version = 1, attributes = new { wish = Word("wish") } }),
        })
        {
            using var answer = await system.PutAsJsonAsync($"/api/home/sources/s-{_mark}/{path}", body);
            answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        await Send(admin.Client, "/api/admin/segments", new { key = $"l-{_mark}", title = "Some", persons = new[] { Person.Id } });
    }

    private async Task ShopAsGuest()
    {
        using var guest = _app.NewClient();
        using var added = await guest.PostAsJsonAsync("/api/cart", new { productId = Product, quantity = 1 });
        guest.DefaultRequestHeaders.Add("X-Cart-Token", added.Headers.GetValues("X-Cart-Token").Single());
        var order = await Order(guest, "guest", WordsAsGuest, Person.Email.ToUpperInvariant());
        await Send(guest, $"/api/orders/{order}/cancel", new { reason = Word("guest-reason", WordsAsGuest) });
        await Send(guest, "/api/cart", new { productId = Product, quantity = 1 });
    }

    private async Task<string> Order(HttpClient client, string what, List<string> words, string email)
    {
        await Send(client, "/api/cart", new { productId = Product, quantity = 1 });
        var shippingAddress = new
        {
            name = Word($"{what}-buyer", words),
            street = Word($"{what}-street", words),
            city = Word($"{what}-city", words),
            postalCode = Word($"{what[..2]}-zip", words),
            country = "DE",
        };
        var placed = await Send(client, "/api/orders", new { email, shippingAddress, payment = new { method = "invoice" } });
        return (string)placed["id"]!;
    }

    private async Task Plan()
    {
        var none = Array.Empty<string>();
        var (project, deleted) = ($"{_mark}-p", $"{_mark}-d");
        object Task(string id) => new
        {
            id,
            title = Word($"{id}-title"),
            description = Word($"{id}-text"),
            is_completed = false,
            project_id = project,
            created_at = 1,
            updated_at = 1,
        };
        object[] projects = [new { id = project, name = Word("project"), description = Word("plan"), created_at = 1, updated_at = 1 }];
        // Too long to be taken, and kept in quarantine.
        var book = new { id = $"{_mark}-b", title = Word("book") + new string('x', 1_000_000) };
        object[] tasks = [Task($"{_mark}-t"), Task(deleted), book];
        await Push(new
        {
            projects = new { created = projects, updated = none, deleted = none },
            tasks = new { created = tasks, updated = none, deleted = none },
        }, since: 0);
        const string pull = "/sync/pull?last_pulled_at=null&schema_version=1&migration=null";
        (await Person.Client.GetAsync($"{pull}&limit=1")).StatusCode.ShouldBe(HttpStatusCode.OK);
        var pulled = await Person.Client.GetFromJsonAsync<JsonNode>(pull);
        var since = (long)pulled!["timestamp"]!;
        await Push(new { tasks = new { created = none, updated = none, deleted = new[] { deleted } } }, since);
        // How it was before it was changed is kept.
        object[] changed = [new { id = $"{_mark}-t", title = Word("changed") }];
        await Push(new { tasks = new { created = none, updated = changed, deleted = none } }, since);
        // A conflict, which the server decides.
        object[] late = [new { id = deleted, title = "Late", _changed = "title" }];
        await Push(new { tasks = new { created = none, updated = late, deleted = none } }, since);
    }

    private async Task Push(object changes, long since)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sync/push")
        {
            Content = JsonContent.Create(new { changes, lastPulledAt = since }),
            Headers = { { "X-Sync-Merge", "columns" } },
        };
        using var answer = await Person.Client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task PlanInBrowser()
    {
        using var browser = _app.NewBrowser();
        await browser.Open("/login?returnUrl=/planner");
        await browser.Submit("/login", ("email", Person.Email), ("password", Person.Password));
        await browser.Submit("/planner/projects", ("name", Word("page-project")));
        browser.Status.ShouldBe(HttpStatusCode.OK);
        await browser.Submit("/logout");
    }

    private static async Task<JsonNode> Send(HttpClient client, string path, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString("N"));
        using var answer = await client.SendAsync(request);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }
}
