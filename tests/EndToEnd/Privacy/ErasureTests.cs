using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Privacy;

/// <summary>A person is erased, and the whole database is read for what is left of them.</summary>
public class ErasureTests(KontorApp app) : IClassFixture<KontorApp>
{
    /// <summary>Rows that it takes an authenticator, a failed sign-in or a shop without stock to leave.</summary>
    private static readonly string[] RarelyLeft =
    [
        "INSERT INTO accounts_totp (user_id, sealed_secret, created_at, last_step) VALUES (@id, @bytes, 1, 0)",
        "INSERT INTO accounts_recovery_codes (user_id, hash, pepper_id) VALUES (@id, @bytes, 'p')",
        "INSERT INTO accounts_code_tries (user_id, tries, last_at) VALUES (@id, 1, 1)",
        """
        INSERT INTO accounts_passkeys (id, user_id, credential_id, name, public_key, sign_count, transports, is_backup_eligible,
            is_backed_up, created_at)
        VALUES (@id, @id, @id, @email, @bytes, 0, '', @on, @on, 1)
        """,
        """
        INSERT INTO accounts_registrations (email_key, id, email, name, password_hash, pepper_id, language, expires_at, letters,
            letters_since)
        VALUES (@key, @id, @email, @email, '', 'p', 'en', 9999999999999, 1, 1)
        """,
        "INSERT INTO accounts_identities (provider, subject, user_id, email, linked_at) VALUES ('p', @id, @id, @email, 1)",
        """
        INSERT INTO accounts_links (id, user_id, purpose, email, email_key, created_at, expires_at)
        VALUES (@id, @id, 'reset-password', @email, @key, 1, 9999999999999)
        """,
        "INSERT INTO shop_cart_operations (owner, id, request_hash, created_at) VALUES (@owner, 'o', 'h', 9999999999999)",
        """
        INSERT INTO home_revisions (widget_id, version, user_id, at, widget)
        SELECT MIN(id), 99, @id, 1, '{}' FROM home_widgets
        """,
        "INSERT INTO home_experiments (key, design, state, proposal, proposer_id, version, created_at, updated_at) "
            + "VALUES ('e', '{}', 'draft', '{}', @id, 1, 1, 1)",
        "INSERT INTO home_reaches (user_id, day, share) VALUES (@id, 99999, 1)",
        "INSERT INTO home_experiment_revisions (experiment, version, user_id, at, json) VALUES ('e', 1, @id, 1, '{}')",
        "INSERT INTO home_assignments (attribute, unit, experiment, bucket_version, variation, exposed_at) "
            + "VALUES ('id', @id, 'e', 0, 'v', 1)",
        """
        INSERT INTO home_snapshots (source, key, user_id, version, content, received_at, fresh_until, shown_until)
        VALUES ('s', 'k', @id, 1, '{}', 1, 9999999999999, 9999999999999)
        """,
        """
        INSERT INTO home_refusals (id, source, key, user_id, version, code, reasons, at)
        VALUES ('r', 's', 'k', @id, 1, 'c', '[]', 1)
        """,
        "UPDATE home_widgets SET proposer_id = @id, proposal = '{}' WHERE id = (SELECT MAX(id) FROM home_widgets)",
        "UPDATE home_segments SET proposer_id = @id, proposal = '{}' WHERE key = (SELECT MAX(key) FROM home_segments)",
        """
        INSERT INTO shop_waiting (id, product_id, owner, user_id, email, language, created_at)
        VALUES (@id, @product, @owner, @id, @no, 'en', 9999999999999)
        """,
    ];

    /// <summary>Columns by which a table says whom a row is about. A table with one has to be part of <see cref="Life"/>.</summary>
    private static readonly HashSet<string> PersonColumns = new(StringComparer.Ordinal)
    {
        "user_id", "person", "person_id", "owner", "caller", "actor", "subject", "email", "email_key", "recipient", "address", "name",
        "street", "city", "network", "device",
    };

    /// <summary>Tables with such a column that are never about a person.</summary>
    private static readonly string[] AboutNobody =
    [
        "foundation_migrations", "home_attributes", "shop_products", "shop_ledger", "shop_order_lines", "shop_holds", "shop_disagreements",
        "shop_refunds",
        "shop_payment_ledger", "shop_payment_providers", "shop_simulator_tasks", "shop_phone_products", "sqlite_sequence",
    ];

    /// <summary>The audit trail is kept for ever, by an id that leads to nobody.</summary>
    private static readonly string[] KeepsTheId = ["accounts_audit.actor", "accounts_audit.subject"];

    [Fact]
    public async Task Nothing_that_tells_of_the_person_is_left()
    {
        using var life = await Life.Of(app);
        // Some tables are written by who hears of what happened.
        await app.Delivered();
        await FailForGood(life.Person.Id, life.Words[0]);
        await LeaveMore(life.Person, life.Product);
        await EveryTableIsPartOfIt(life);
        List<string> words = [.. life.Words, .. life.WordsAsGuest];

        await Erase(life.Person);
        await app.Delivered();

        (await StoredText.Find(app, words)).ShouldBeEmpty();
        StoredText.FindInFiles(app, [life.Person.Id, .. words]).ShouldBeEmpty();
        app.Clock.Advance(TimeSpan.FromHours(25));
        await app.Delivered();
        (await StoredText.Find(app, [life.Person.Id])).Select(found => found.Split(':')[0]).Except(KeepsTheId).ShouldBeEmpty();
    }

    [Fact]
    public async Task Pieces_in_the_carts_are_free_and_the_books_add_up()
    {
        using var life = await Life.Of(app);

        await Erase(life.Person);
        await app.Delivered();

        using var admin = await app.Admin();
        var product = (await admin.Client.GetFromJsonAsync<JsonNode>($"/api/products/{life.Product}"))!;
        ((int)product["stock"]!, (int)product["reserved"]!).ShouldBe((8, 0));
        using var books = await admin.Client.GetAsync("/health/invariants");
        books.StatusCode.ShouldBe(HttpStatusCode.OK, await books.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        (await app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM shop_orders WHERE total_minor = 950 AND country = 'DE'").AsTask()))
            .ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task An_order_under_way_keeps_its_address_until_it_has_arrived()
    {
        using var life = await Life.Of(app);
        await Erase(life.Person);
        await app.Delivered();
        (await StoredText.Find(app, life.WordsOfOpenOrder)).Count.ShouldBe(life.WordsOfOpenOrder.Count);

        using var admin = await app.Admin();
        foreach (var status in new[] { "paid", "shipped", "delivered" })
            await admin.Client.PatchAsJsonAsync($"/api/admin/orders/{life.OpenOrder}", new { status });

        (await StoredText.Find(app, life.WordsOfOpenOrder)).ShouldBeEmpty();
        var order = (await admin.Client.GetFromJsonAsync<JsonNode>($"/api/admin/orders?limit=200"))!["orders"]!.AsArray()
            .Single(one => (string)one!["id"]! == life.OpenOrder)!;
        ((decimal)order["totalAmount"]!, (string)order["shippingAddress"]!["country"]!).ShouldBe((9.5m, "DE"));
    }

    [Fact]
    public async Task A_guests_orders_are_somebody_elses_as_long_as_the_address_is_not_shown_to_be_theirs()
    {
        using var life = await Life.Of(app, isVerified: false);
        (await life.Export()).ShouldNotContain(life.WordsAsGuest[0]);

        await Erase(life.Person);
        await app.Delivered();

        (await StoredText.Find(app, life.WordsAsGuest)).Count.ShouldBeGreaterThanOrEqualTo(life.WordsAsGuest.Count);
        (await StoredText.Find(app, [.. life.Words.Skip(1)])).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nobody_signs_in_any_more_and_the_address_is_free_at_once()
    {
        using var person = await app.NewPerson();
        using var phone = await app.SignIn(person.Email, person.Password);
        await Erase(person);

        foreach (var client in new[] { person.Client, phone.Client })
        {
            var refused = await client.GetAsync("/sync/pull?last_pulled_at=1&schema_version=1&migration=null");
            (refused.StatusCode, await refused.Code()).ShouldBe((HttpStatusCode.Unauthorized, "invalid-token"));
        }

        using var stranger = app.NewClient();
        var refreshed = await stranger.PostAsJsonAsync("/auth/refresh", new { phone.Tokens.RefreshToken });
        (await refreshed.Code()).ShouldBe("invalid-token");
        var credentials = new { person.Email, person.Password };
        (await (await stranger.PostAsJsonAsync("/auth/login", credentials)).Code()).ShouldBe("invalid-credentials");
        (await stranger.PostAsJsonAsync("/auth/register", credentials)).StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Somebody_new_under_the_same_address_keeps_what_is_theirs()
    {
        using var life = await Life.Of(app);
        await Erase(life.Person);
        using var stranger = app.NewClient();
        var answer = await stranger.PostAsJsonAsync("/auth/register", new { life.Person.Email, life.Person.Password });
        using var next = app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
        using var guest = new GuestOrder(app);
        await guest.Place(life.Product, life.Person.Email);

        app.Clock.Advance(TimeSpan.FromMinutes(3));
        await app.Delivered();

        (await next.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await StoredText.Find(app, guest.Words)).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_old_sign_in_is_not_enough()
    {
        using var person = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        var refused = await person.Client.DeleteAsync("/users/me");
        (refused.StatusCode, await refused.Code()).ShouldBe((HttpStatusCode.Unauthorized, "sign-in-again"));
        (await person.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task Erase(Person person) =>
        (await person.Client.DeleteAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

    /// <summary>One of the person's events is a dead letter, whose handler complained about them by name.</summary>
    private Task FailForGood(string userId, string complaint) => app.Database.Write(tx => tx.Execute("""
        INSERT INTO foundation_deliveries (event_id, handler, attempts, due_at, is_dead, last_error)
        SELECT id, 'test.gone', 10, 0, true, @complaint FROM foundation_events
        WHERE user_id = @userId
        LIMIT 1
        """, new { userId, complaint }).AsTask());

    /// <summary>Leaves what <see cref="RarelyLeft"/> says.</summary>
    private Task LeaveMore(Person person, string product) => app.Database.Write(async tx =>
    {
        var args = new
        {
            id = person.Id,
            email = person.Email,
            key = person.Email.ToLowerInvariant(),
            owner = $"user:{person.Id}",
            product,
            bytes = new byte[] { 1, 2, 3 },
            on = true,
            no = (string?)null,
        };
        foreach (var insert in RarelyLeft) await tx.Execute(insert, args);
    });

    /// <summary>Or a table that somebody adds would be empty here, and erasing it never tried.</summary>
    private async Task EveryTableIsPartOfIt(Life life)
    {
        // Notes of pulls are written a few seconds late.
        var deadline = Environment.TickCount64 + 20_000;
        List<string> untouched;
        do
        {
            var found = await StoredText.Find(app, [life.Person.Id, .. life.Words, .. life.WordsAsGuest]);
            var touched = found.Select(one => one.Split('.')[0]).ToHashSet();
            untouched = (await StoredText.TablesWith(app, PersonColumns)).Except(AboutNobody).Except(touched).ToList();
        }
        while (untouched.Count > 0 && Environment.TickCount64 < deadline);

        untouched.ShouldBeEmpty("These tables name people, and have no row of this one: let Life leave something there.");
    }
}
