using System.Net;
using Kontor.Shop.Payments;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>With a key, cards go to Stripe; without one and without a demo, nobody takes them.</summary>
public class StripeSettingsTests
{
    [Fact]
    public async Task With_a_key_cards_go_to_Stripe_and_only_the_pages_that_lead_there_allow_it()
    {
        await using var app = new Shop(new()
        {
            ["Shop:Payments:Stripe:SecretKey"] = "sk_test_1",
            ["Shop:Payments:Stripe:WebhookSecret"] = "whsec_1",
            ["Shop:Payments:Stripe:BaseUrl"] = "http://127.0.0.1:1",
        });
        await app.InitializeAsync();
        app.Services.GetServices<IPaymentProvider>().Select(provider => provider.Name).ShouldBe(["invoice", "stripe"]);
        var guest = app.Guest();
        await guest.Add(await app.GivenProduct(5));

        (await Policy(app, guest, "/checkout")).ShouldContain("form-action 'self' https://checkout.stripe.com;");
        (await Policy(app, guest, "/cart")).ShouldContain("form-action 'self';");
        using var client = app.NewClient();
        (await client.GetAsync("/simulator/pay/x")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await client.GetAsync("/simulator/v1/refunds")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        // Nothing listens there, and the order is kept.
        var order = (await guest.Order(method: "card")).ShouldBe(HttpStatusCode.Created);
        (await guest.Pay(order.Id())).ShouldBe(HttpStatusCode.ServiceUnavailable, "payment-unavailable");
    }

    [Fact]
    public async Task Where_nobody_takes_cards_they_are_not_offered()
    {
        await using var app = new Shop(new() { ["Shop:Payments:Card"] = "none" });
        await app.InitializeAsync();
        var guest = app.Guest();
        await guest.Add(await app.GivenProduct(5));
        using var browser = new Browser(app.Address);
        browser.Cookies.Add(app.Address, new Cookie("kontor_cart", guest.Token));
        await browser.Open("/checkout");
        browser.Html.ShouldNotContain("value=\"card\"");
        (await guest.Order(method: "card")).ShouldBe(HttpStatusCode.BadRequest, "payment-method-unknown");
        (await guest.Order()).ShouldBe(HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("Shop:Payments:Stripe:SecretKey", "sk_test_1", "Stripe needs Shop:Payments:Stripe:WebhookSecret.")]
    [InlineData("Shop:Payments:Card", "stripe", "Stripe needs Shop:Payments:Stripe:SecretKey.")]
    [InlineData("Shop:Payments:Card", "paypal", "Card")]
    public void Half_a_configuration_does_not_start(string name, string value, string says)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [name] = value }).Build();
        var services = new ServiceCollection();
        services.AddPayments(configuration);
        using var provider = services.BuildServiceProvider();
        Should.Throw<OptionsValidationException>(provider.GetRequiredService<IStartupValidator>().Validate).Message.ShouldContain(says);
    }

    private static async Task<string> Policy(Shop app, Buyer guest, string path)
    {
        using var client = app.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "X-Cart-Token", guest.Token } } };
        using var answer = await client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return answer.Headers.GetValues("Content-Security-Policy").Single();
    }

    private sealed class Shop(Dictionary<string, string?> settings) : ShopApp
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration.AddInMemoryCollection(settings);
    }
}
