using System.Globalization;
using Kontor.Testing;
using Microsoft.Playwright;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Browser;

/// <summary>What a person who arrives does, in a real browser.</summary>
public class ShoppingTests(KontorApp app, Chromium chromium) : IClassFixture<KontorApp>, IClassFixture<Chromium>
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Somebody_registers_finds_a_product_and_orders_it(bool javaScript, bool phone)
    {
        var page = await chromium.NewPage(app.Address, javaScript, phone: phone);
        var complaints = page.Listen();
        await Register(page);

        await page.GotoAsync("/");
        await page.GotoAsync("/shop/hiking");
        await page.Locator("main a[href^='/products/']").First.ClickAsync();
        var product = await page.Locator("main h1").First.InnerTextAsync();
        await page.Submit(page.Locator("form[action='/cart/items'] button").Last);

        await page.GotoAsync("/cart");
        (await page.Locator("main").InnerTextAsync()).ShouldContain(product);
        await page.Locator("main a[href='/checkout']").First.ClickAsync();
        await FillAddress(page);
        await page.Submit(page.GetByRole(AriaRole.Button, new() { Name = "Order with obligation to pay" }));

        page.Url.ShouldContain("/simulator/pay/");
        await page.GetByLabel("The bank asks first").CheckAsync();
        await page.Submit(page.Locator("main form button"));
        page.Url.ShouldContain("/simulator/bank/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm" }).ClickAsync();
        await page.WaitForURLAsync(url => new Uri(url).Segments is ["/", "orders/", _]);
        var order = await page.Locator("main").InnerTextAsync();
        order.ShouldContain(product);
        (await page.Locator("main h1 + .badge").InnerTextAsync()).ShouldBe("Paid");
        order.ShouldContain(string.Create(CultureInfo.InvariantCulture, $"K-{DateTime.UtcNow.Year}-"));
        await page.GotoAsync("/orders");
        (await page.Locator("main a[href^='/orders/']").CountAsync()).ShouldBe(1);
        await page.GotoAsync("/cart");
        (await page.Locator("main").InnerTextAsync()).ShouldNotContain(product);
        complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_guest_orders_without_an_account_and_sees_the_order()
    {
        var page = await chromium.NewPage(app.Address);
        await page.GotoAsync("/shop/running");
        await page.Locator("main a[href^='/products/']").First.ClickAsync();
        var product = await page.Locator("main h1").First.InnerTextAsync();
        await page.Submit(page.Locator("form[action='/cart/items'] button").Last);
        await page.GotoAsync("/checkout");
        await page.Locator("[name=email]").FillAsync("guest@kontor.example");
        await FillAddress(page);
        await page.GetByLabel("Invoice").CheckAsync();
        await page.Submit(page.GetByRole(AriaRole.Button, new() { Name = "Order with obligation to pay" }));

        (await page.Locator("main").InnerTextAsync()).ShouldContain(product);
    }

    [Fact]
    public async Task The_total_follows_what_is_chosen_without_a_press_on_its_button()
    {
        var page = await chromium.NewPage(app.Address);
        var complaints = page.Listen();
        await page.GotoAsync("/shop?inStock=true&sort=price");
        await page.Locator("main a[href^='/products/']").First.ClickAsync();
        await page.Submit(page.Locator("form[action='/cart/items'] button").Last);
        await page.GotoAsync("/checkout");
        var expected = page.Locator("[name=expectedTotal]");
        var goods = decimal.Parse((await expected.InputValueAsync())!, CultureInfo.InvariantCulture);
        await page.Locator("[name=street]").FillAsync("Typed already 1");

        await page.GetByLabel("Express").CheckAsync();

        var total = (goods + 9.90m).ToString(CultureInfo.InvariantCulture);
        await Assertions.Expect(expected).ToHaveValueAsync(total);
        await Assertions.Expect(page.Locator("#quote-sum .total").Last).ToHaveTextAsync($"€{total}");
        await Assertions.Expect(page.Locator("#quote-total .total").Last).ToHaveTextAsync($"€{total}");
        await page.Locator("[name=country]").SelectOptionAsync("AT");
        await Assertions.Expect(page.Locator("#quote-sum")).ToContainTextAsync("20 % VAT in it");
        await Assertions.Expect(page.Locator("[name=shipping]:checked")).ToHaveValueAsync("express");
        await Assertions.Expect(page.Locator("[name=street]")).ToHaveValueAsync("Typed already 1");
        complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_guest_put_in_the_cart_is_there_after_signing_in()
    {
        var page = await chromium.NewPage(app.Address);
        await page.GotoAsync("/shop/camping?inStock=true");
        await page.Locator("main a[href^='/products/']").First.ClickAsync();
        var product = await page.Locator("main h1").First.InnerTextAsync();
        await page.Submit(page.Locator("form[action='/cart/items'] button").Last);
        await Register(page);

        await page.GotoAsync("/cart");
        (await page.Locator("main").InnerTextAsync()).ShouldContain(product);
    }

    [Fact]
    public async Task The_administrator_sees_products_and_orders()
    {
        var page = await chromium.NewPage(app.Address);
        var complaints = page.Listen();
        await page.GotoAsync("/admin");
        page.Url.ShouldContain("/login");
        await page.Locator("[name=email]").FillAsync("admin@kontor.example");
        await page.Locator("[name=password]").FillAsync("kontor-demo-admin");
        await page.Submit(page.Locator("main form button").First);
        page.Url.ShouldEndWith("/admin");
        await page.GotoAsync("/admin/products");
        (await page.Locator("main table tbody tr").CountAsync()).ShouldBeGreaterThan(10);
        await page.GotoAsync("/admin/orders");
        (await page.Locator("main h1").InnerTextAsync()).ShouldNotBeEmpty();
        complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_speak_German_to_those_who_do()
    {
        var page = await chromium.NewPage(app.Address, locale: "de-DE");
        await page.GotoAsync("/cart");
        (await page.Locator("html").GetAttributeAsync("lang")).ShouldBe("de");
        (await page.Locator("main").InnerTextAsync()).ShouldContain("Warenkorb");
    }

    private static async Task Register(IPage page)
    {
        await page.GotoAsync("/register");
        await page.Locator("[name=name]").FillAsync("Robin Example");
        await page.Locator("[name=email]").FillAsync($"b-{Guid.NewGuid():N}@kontor.example");
        await page.Locator("[name=password]").FillAsync("a long enough phrase");
        await page.Submit(page.Locator("main form button").First);
        page.Url.ShouldNotContain("/register");
    }

    private static async Task FillAddress(IPage page)
    {
        await page.Locator("[name=name]").FillAsync("Robin Example");
        await page.Locator("[name=street]").FillAsync("Long Road 1");
        await page.Locator("[name=postalCode]").FillAsync("20095");
        await page.Locator("[name=city]").FillAsync("Hamburg");
        await page.Locator("[name=country]").SelectOptionAsync("DE");
    }
}
