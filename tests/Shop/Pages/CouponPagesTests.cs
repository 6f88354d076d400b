using System.Net;
using System.Net.Http.Json;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests.Pages;

public class CouponPagesTests(KontorApp app) : IClassFixture<KontorApp>
{
    private static int _codes;

    private static string NewCode() => $"PAGE-{Interlocked.Increment(ref _codes)}";

    private async Task<Browser> Admin(string language = "en")
    {
        var browser = new Browser(app.Address, language);
        await browser.Open("/login");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));
        await browser.Open("/admin/coupons");
        return browser;
    }

    [Fact]
    public async Task A_code_is_made_changed_and_ended_by_forms()
    {
        var code = NewCode();
        using var admin = await Admin();
        using var api = await app.Admin();

        await admin.Submit("/admin/coupons", [
            ("code", $" {code.ToLowerInvariant()} "), ("kind", "amount"), ("value", "12,50"), ("minimum", "50"),
            ("startsAt", "2026-01-01T08:00"), ("endsAt", "2099-12-31T23:59"), ("usesMax", "40"), ("usesPerCustomer", "2"),
            ("active", "true")]);
        admin.Status.ShouldBe(HttpStatusCode.OK);
        admin.Path.ShouldBe($"/admin/coupons/{code}?saved=1");
        admin.Html.ShouldContain("value=\"2099-12-31T23:59\"");
        var made = await api.Client.Json($"/api/admin/coupons/{code}");
        ((decimal)made["amount"]!).ShouldBe(12.50m);
        ((decimal)made["minimum"]!).ShouldBe(50m);
        ((DateTimeOffset)made["startsAt"]!).ShouldBe(new DateTimeOffset(2026, 1, 1, 8, 0, 0, TimeSpan.Zero));
        ((long)made["usesMax"]!).ShouldBe(40);
        ((long)made["usesLeft"]!).ShouldBe(40);
        ((string)made["state"]!).ShouldBe("active");

        await admin.Submit($"/admin/coupons/{code}", ("kind", "percent"), ("value", "15"), ("active", "true"));
        admin.Path.ShouldBe($"/admin/coupons/{code}?saved=1");
        var changed = await api.Client.Json($"/api/admin/coupons/{code}");
        ((long)changed["percent"]!).ShouldBe(15);
        changed["amount"].ShouldBeNull();
        changed["usesLeft"].ShouldBeNull();

        await admin.Open("/admin/coupons");
        admin.Html.ShouldContain("15 %");
        await admin.Submit($"/admin/coupons/{code}/end");
        admin.Path.ShouldBe("/admin/coupons");
        admin.Html.ShouldNotContain($"action=\"/admin/coupons/{code}/end\"");
        ((string)(await api.Client.Json($"/api/admin/coupons/{code}"))["state"]!).ShouldBe("ended");
    }

    [Theory]
    [InlineData("code", "A!", 422)]
    [InlineData("code", "", 422)]
    [InlineData("value", "ten", 400)]
    [InlineData("value", "", 400)]
    [InlineData("value", "101", 400)]
    [InlineData("value", "0", 400)]
    [InlineData("minimum", "1.234", 400)]
    [InlineData("minimum", "-1", 400)]
    [InlineData("startsAt", "soon", 400)]
    [InlineData("endsAt", "2020-01-01T00:00", 400)]
    [InlineData("usesMax", "0", 400)]
    [InlineData("usesPerCustomer", "1000001", 400)]
    public async Task What_makes_no_sense_is_said_at_its_field_and_kept_as_typed(string field, string value, int status)
    {
        var code = NewCode();
        using var admin = await Admin();
        var form = new Dictionary<string, string?>
        {
            ["code"] = code,
            ["kind"] = "percent",
            ["value"] = "7",
            ["startsAt"] = "2026-01-01T00:00",
            ["active"] = "true",
            [field] = value,
        };

        await admin.Submit("/admin/coupons", [.. form.Select(one => (one.Key, one.Value))]);

        ((int)admin.Status).ShouldBe(status);
        admin.Html.ShouldContain($"id=\"{field}-error\"");
        if (value.Length > 0) admin.Html.ShouldContain($"value=\"{value}\"");
        using var api = await app.Admin();
        (await api.Client.GetAsync($"/api/admin/coupons/{code}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_code_that_exists_is_not_made_again_over_its_terms()
    {
        var code = NewCode();
        using var admin = await Admin("de");
        await admin.Submit("/admin/coupons", ("code", code), ("kind", "percent"), ("value", "5"), ("active", "true"));
        await admin.Open("/admin/coupons");

        await admin.Submit("/admin/coupons", ("code", code), ("kind", "percent"), ("value", "90"), ("active", "true"));

        admin.Status.ShouldBe(HttpStatusCode.Conflict);
        admin.Html.ShouldContain("Diesen Code gibt es schon.");
        using var api = await app.Admin();
        ((long)(await api.Client.Json($"/api/admin/coupons/{code}"))["percent"]!).ShouldBe(5);
    }

    [Fact]
    public async Task A_code_that_does_not_exist_has_no_page_and_is_not_made_by_changing_it()
    {
        using var admin = await Admin();
        await admin.Open("/admin/coupons/NOBODY-HAS-IT");
        admin.Status.ShouldBe(HttpStatusCode.NotFound);

        var code = NewCode();
        using (var api = await app.Admin()) await api.Client.PutAsJsonAsync($"/api/admin/coupons/{code}", new { percent = 5 });
        await admin.Open($"/admin/coupons/{code}");
        await app.Database.Write(tx => tx.Execute("DELETE FROM shop_coupons WHERE code = @code", new { code }).AsTask());
        await admin.Submit($"/admin/coupons/{code}", ("kind", "percent"), ("value", "5"));
        admin.Status.ShouldBe(HttpStatusCode.NotFound);
        await admin.Open("/admin/coupons?cursor=!");
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
    }
}
