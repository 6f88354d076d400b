using System.Net;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Pages;

public class AdminPagesTests(KontorApp app) : IClassFixture<KontorApp>
{
    private static readonly string[] All =
    [
        "/admin", "/admin/products", "/admin/products/any", "/admin/stock", "/admin/orders", "/admin/orders/any", "/admin/payments",
        "/admin/coupons", "/admin/coupons/any",
    ];

    private async Task<Browser> SignedIn(string email, string password)
    {
        var browser = new Browser(app.Address);
        await browser.Open("/login");
        await browser.Submit("/login", ("email", email), ("password", password));
        return browser;
    }

    private Task<Browser> Admin() => SignedIn("admin@kontor.example", "kontor-demo-admin");

    [Fact]
    public async Task Only_admins_get_in()
    {
        using var stranger = new Browser(app.Address);
        using var person = await app.NewPerson();
        using var customer = await SignedIn(person.Email, person.Password);
        foreach (var page in All)
        {
            await stranger.Open(page);
            stranger.Path.ShouldStartWith("/login");
            await customer.Open(page);
            customer.Status.ShouldBe(HttpStatusCode.Forbidden);
        }
    }

    [Fact]
    public async Task The_dashboard_and_the_lists_show_what_there_is()
    {
        await app.GivenProduct("Black penny", stock: 1);
        using var admin = await Admin();

        await admin.Open("/admin");
        admin.Status.ShouldBe(HttpStatusCode.OK);
        admin.Html.ShouldContain("Revenue of the last 14 days");
        admin.Html.ShouldContain("Black penny");

        await admin.Open("/admin/products?q=penny");
        admin.Html.ShouldContain("1 product");
        await admin.Open("/admin/orders");
        admin.Status.ShouldBe(HttpStatusCode.OK);
        await admin.Open("/admin/orders?status=eaten");
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
        await admin.Open("/admin/orders/any");
        admin.Status.ShouldBe(HttpStatusCode.NotFound);
        await admin.Open("/admin/products/any");
        admin.Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Stock_is_changed_by_a_form_and_shown_in_the_ledger()
    {
        var id = await app.GivenProduct("Stamp album", stock: 10);
        await app.Hold(id, 4, TimeSpan.FromHours(1));
        using var admin = await Admin();
        await admin.Open($"/admin/products/{id}");

        await admin.Submit($"/admin/products/{id}/stock", ("delta", "-3"), ("reason", "water damage"));
        admin.Status.ShouldBe(HttpStatusCode.OK);
        admin.Path.ShouldBe($"/admin/products/{id}");
        admin.Html.ShouldContain("water damage");

        await admin.Submit($"/admin/products/{id}/stock", ("delta", "-4"), ("reason", "more water"));
        admin.Status.ShouldBe(HttpStatusCode.Conflict);
        admin.Html.ShouldContain("There are not enough pieces left.");
        admin.Html.ShouldContain("value=\"more water\"");

        await admin.Submit($"/admin/products/{id}/stock", ("delta", "1"), ("reason", "two\nlines"));
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
        await admin.Submit($"/admin/products/{id}/stock", ("delta", "many"), ("reason", "x"));
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
        using var api = await app.Admin();
        ((long)(await api.Client.Json($"/api/products/{id}"))["stock"]!).ShouldBe(7);
    }

    [Fact]
    public async Task The_stock_at_a_past_moment_is_looked_up_by_a_form()
    {
        var id = await app.GivenProduct("Album of the past", stock: 12);
        app.Clock.Advance(TimeSpan.FromDays(1));
        var then = app.Clock.GetUtcNow();
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.ChangeStock(id, -4);
        using var admin = await Admin();

        await admin.Open($"/admin/products/{id}?at={then:yyyy-MM-ddTHH:mm}");
        admin.Status.ShouldBe(HttpStatusCode.OK);
        admin.Html.ShouldContain("12 on the shelf, 0 of them reserved.");
        admin.Html.ShouldNotContain("counted");
        admin.Html.ShouldContain($"value=\"{then:yyyy-MM-ddTHH:mm}\"");
        await admin.Open($"/admin/products/{id}?at=yesterday");
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
        admin.Html.ShouldContain("counted");
    }

    [Fact]
    public async Task What_runs_low_is_listed_by_a_number_that_a_form_sets()
    {
        var id = await app.GivenProduct("Slow seller", stock: 30);
        using var admin = await Admin();
        await admin.Open($"/admin/products/{id}");
        await admin.Submit($"/admin/products/{id}/threshold", ("pieces", "-1"));
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
        await admin.Open("/admin/stock");
        admin.Html.ShouldNotContain("Slow seller");
        await admin.Open($"/admin/products/{id}");

        await admin.Submit($"/admin/products/{id}/threshold", ("pieces", "30"));
        admin.Path.ShouldBe($"/admin/products/{id}");

        await admin.Open("/admin/stock");
        admin.Html.ShouldContain("Slow seller");
        await admin.Open("/admin/stock?show=wanted");
        admin.Html.ShouldContain("Nobody waits for anything.");
        await admin.Open("/admin/stock?show=eaten");
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_order_is_taken_a_step_further_by_a_form()
    {
        var orderId = Guid.NewGuid().ToString();
        var at = app.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        await app.Database.Write(tx => tx.Execute("""
            INSERT INTO shop_orders (id, cart_id, name, street, city, postal_code, country, payment_method,
                total_minor, currency, status, created_at, updated_at)
            VALUES (@orderId, @orderId, 'Grete Beispiel', 's', 'c', 'p', 'DE', 'invoice', 4200, 'EUR', 'pending', @at, @at)
            """, new { orderId, at }).AsTask());
        using var admin = await Admin();
        await admin.Open("/admin/orders?status=pending");
        admin.Html.ShouldContain("Grete Beispiel");
        await admin.Open($"/admin/orders/{orderId}");
        WebUtility.HtmlDecode(admin.Html).ShouldContain("€42.00");

        await admin.Submit($"/admin/orders/{orderId}/status", ("status", "Paid"));
        admin.Path.ShouldBe($"/admin/orders/{orderId}");
        admin.Html.ShouldContain("Set to: Shipped");

        await admin.Submit($"/admin/orders/{orderId}/status", ("status", "Delivered"));
        admin.Status.ShouldBe(HttpStatusCode.Conflict);
        await admin.Submit($"/admin/orders/{orderId}/status", ("status", "eaten"));
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
    }
}
