using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Admin;

public class ProductAdminTests(KontorApp app) : IClassFixture<KontorApp>
{
    private static object Lamp(string name = "Lamp") => new { name, price = 19.9m, description = "Shines.", category = "light", stock = 7 };

    private static async Task<JsonNode> Created(Person admin, object product)
    {
        using var response = await admin.Client.PostAsJsonAsync("/api/admin/products", product);
        response.StatusCode.ShouldBe(HttpStatusCode.Created, await response.Content.ReadAsStringAsync());
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private static async Task<JsonNode> Body(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    [Theory]
    [InlineData("GET", "")]
    [InlineData("POST", "")]
    [InlineData("PATCH", "/any")]
    [InlineData("DELETE", "/any")]
    [InlineData("POST", "/any/stock")]
    [InlineData("GET", "/any/ledger")]
    [InlineData("GET", "/../stats")]
    public async Task Only_admins_manage_the_shop(string method, string path)
    {
        using var stranger = app.NewClient();
        using var customer = await app.NewPerson();

        HttpRequestMessage Request() => new(new(method), $"/api/admin/products{path}") { Content = JsonContent.Create(Lamp()) };

        using var unknown = await stranger.SendAsync(Request());
        unknown.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await unknown.Code()).ShouldBe("unauthenticated");
        using var refused = await customer.Client.SendAsync(Request());
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Code()).ShouldBe("forbidden");
    }

    [Fact]
    public async Task Stock_and_what_is_reserved_are_for_admins_only()
    {
        using var admin = await app.Admin();
        using var customer = await app.NewPerson();
        var id = (string)(await Created(admin, Lamp("Secret lamp")))["id"]!;
        await app.Hold(id, 2, TimeSpan.FromHours(1));

        foreach (var address in new[] { $"/api/products/{id}", "/api/products?q=secret" })
        {
            // In either order, because whoever comes second may be answered from memory.
            var seen = await customer.Client.Json(address);
            var known = await admin.Client.Json(address);
            var seenAgain = await customer.Client.Json(address);

            foreach (var product in new[] { seen, seenAgain }.Select(answer => (answer["products"]?[0] ?? answer).AsObject()))
            {
                product.ContainsKey("stock").ShouldBeFalse();
                product.ContainsKey("reserved").ShouldBeFalse();
                ((long)product["available"]!).ShouldBe(5);
            }

            var own = known["products"]?[0] ?? known;
            ((long)own["stock"]!).ShouldBe(7);
            ((long)own["reserved"]!).ShouldBe(2);
        }
    }

    [Fact]
    public async Task A_new_product_is_for_sale_at_once()
    {
        using var admin = await app.Admin();
        using var client = app.NewClient();

        using var response = await admin.Client.PostAsJsonAsync("/api/admin/products", Lamp("Desk lamp"));
        var created = await Body(response);

        response.StatusCode.ShouldBe(HttpStatusCode.Created);
        response.Headers.Location!.ToString().ShouldBe($"/api/products/{created["id"]}");
        ((string)created["slug"]!).ShouldBe("desk-lamp");
        ((long)created["stock"]!).ShouldBe(7);
        var found = await client.Json("/api/products/desk-lamp");
        found["price"]!.ToJsonString().ShouldBe("19.90");
        found["lowestPrice30d"]!.ToJsonString().ShouldBe("19.90");
        ((long)found["available"]!).ShouldBe(7);
    }

    [Fact]
    public async Task A_repeated_request_creates_one_product()
    {
        using var admin = await app.Admin();
        admin.Client.DefaultRequestHeaders.Add("Idempotency-Key", Guid.NewGuid().ToString());

        var first = await Created(admin, Lamp("Twin lamp"));
        using var second = await admin.Client.PostAsJsonAsync("/api/admin/products", Lamp("Twin lamp"));

        (await Body(second)).ToJsonString().ShouldBe(first.ToJsonString());
        second.Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        (await admin.Client.Json("/api/products?q=twin")).Names().Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"price":1,"category":"c","stock":1}""", "name")]
    [InlineData("""{"name":" ","price":1,"category":"c","stock":1}""", "name")]
    [InlineData("""{"name":"two\nlines","price":1,"category":"c","stock":1}""", "name")]
    [InlineData("""{"name":"n","category":"c","stock":1}""", "price")]
    [InlineData("""{"name":"n","price":-0.01,"category":"c","stock":1}""", "price")]
    [InlineData("""{"name":"n","price":1.999,"category":"c","stock":1}""", "price")]
    [InlineData("""{"name":"n","price":99999999999,"category":"c","stock":1}""", "price")]
    [InlineData("""{"name":"n","price":"1","category":"c","stock":1}""", "price")]
    [InlineData("""{"name":"n","price":1e40,"category":"c","stock":1}""", "price")]
    [InlineData("""{"name":"n","price":1,"stock":1}""", "category")]
    [InlineData("""{"name":"n","price":1,"category":"a/b","stock":1}""", "category")]
    [InlineData("""{"name":"n","price":1,"category":"c"}""", "stock")]
    [InlineData("""{"name":"n","price":1,"category":"c","stock":-1}""", "stock")]
    [InlineData("""{"name":"n","price":1,"category":"c","stock":1.5}""", "stock")]
    [InlineData("""{"name":"n","price":1,"category":"c","stock":99999999999}""", "stock")]
    [InlineData("""{"name":"n","price":1,"category":"c","stock":1,"imageUrl":"javascript:alert(1)"}""", "imageUrl")]
    [InlineData("""{"name":"n","price":1,"category":"c","stock":1,"imageUrl":"//elsewhere/x"}""", "imageUrl")]
    public async Task A_product_that_makes_no_sense_is_refused(string body, string field)
    {
        using var admin = await app.Admin();

        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await admin.Client.PostAsync("/api/admin/products", content);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Body(response))["errors"]!.AsObject().ShouldHaveSingleItem().Key.ShouldBe(field);
    }

    [Fact]
    public async Task A_change_touches_only_what_is_given_and_keeps_the_price_before()
    {
        using var admin = await app.Admin();
        using var client = app.NewClient();
        var id = (string)(await Created(admin, Lamp("Floor lamp")))["id"]!;

        using var response = await admin.Client.PatchAsJsonAsync($"/api/admin/products/{id}", new { price = 14.5m });

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        var product = await client.Json("/api/products/floor-lamp");
        product["price"]!.ToJsonString().ShouldBe("14.50");
        product["lowestPrice30d"]!.ToJsonString().ShouldBe("19.90");
        ((string)product["description"]!).ShouldBe("Shines.");
        using var renamed = await admin.Client.PatchAsJsonAsync(
            $"/api/admin/products/{id}", new { name = "Reading lamp", description = "" });
        ((string)(await Body(renamed))["slug"]!).ShouldBe("floor-lamp");
        ((string)(await client.Json($"/api/products/{id}"))["description"]!).ShouldBe("");
        (await client.Json("/api/products?q=reading")).Names().ShouldBe(["Reading lamp"]);
        using var unknown = await admin.Client.PatchAsJsonAsync("/api/admin/products/unknown", new { price = 1 });
        (await unknown.Code()).ShouldBe("not-found");
        using var wrong = await admin.Client.PatchAsJsonAsync($"/api/admin/products/{id}", new { name = "", price = 0.001m });
        (await Body(wrong))["errors"]!.AsObject().Select(error => error.Key).ShouldBe(["name", "price"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_removed_product_is_gone_for_buyers_and_stays_in_the_ledger()
    {
        using var admin = await app.Admin();
        var id = (string)(await Created(admin, Lamp("Old lamp")))["id"]!;

        for (var time = 0; time < 2; time++)
            (await admin.Client.DeleteAsync($"/api/admin/products/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await admin.Client.GetAsync($"/api/products/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await admin.Client.Json("/api/products?q=old%20lamp")).Names().ShouldBeEmpty();
        (await admin.Client.PatchAsJsonAsync($"/api/admin/products/{id}", new { price = 1 })).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await admin.Client.PostAsJsonAsync($"/api/admin/products/{id}/stock", new { delta = 1, reason = "found" }))
            .StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await admin.Client.DeleteAsync("/api/admin/products/unknown")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((long)(await admin.Client.Json($"/api/admin/products/{id}/ledger"))["stock"]!).ShouldBe(7);
    }
}
