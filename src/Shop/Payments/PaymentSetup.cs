using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Shop.Payments.Simulator;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Payments;

/// <summary>Money: who takes it, how it becomes an order's, how it goes back, and what disagrees about it.</summary>
internal static class PaymentSetup
{
    private const string Section = "Shop:Payments";

    public static void AddPayments(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<PaymentOptions>().Bind(configuration.GetSection(Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<PaymentBook>();
        services.AddSingleton<RefundBook>();
        services.AddSingleton<PaymentLetters>();
        services.AddSingleton<PaymentProviders>();
        services.AddSingleton<ProviderMarks>();
        services.AddSingleton<Settlement>();
        services.AddSingleton<Repayment>();
        services.AddSingleton<Paying>();
        services.AddSingleton<PaymentPages>();
        services.AddSingleton<PaymentSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<PaymentSweep>());
        services.AddSingleton<Disagreements>();
        services.AddSingleton<Reconciliation>();
        services.AddSingleton<Resolution>();
        services.AddHostedService<HourlyReconciliation>();
        services.AddSingleton<IInvariant, PaymentsMatchLedger>();
        services.AddSingleton<IInvariant, OrdersMatchPayments>();
        services.AddSingleton<IPaymentProvider, InvoiceProvider>();
        switch (CardsBy(configuration))
        {
            case "stripe":
                services.AddStripe(configuration);
                break;
            case "simulator":
                services.AddSimulator(configuration);
                break;
        }
    }

    public static void MapPayments(this IEndpointRouteBuilder routes)
    {
        ReceiveWebhook.Map(routes);
        var admin = routes.MapGroup("/api/admin/payments").WithTags("Payments").RequireAuthorization(Policies.Admin);
        ListPayments.Map(admin);
        ListDisagreements.Map(admin);
        ResolveDisagreement.Map(admin);
        Reconcile.Map(admin);
        routes.MapSimulator();
    }

    /// <summary>A real provider is never chosen by accident, nor the simulator where money is meant.</summary>
    private static string CardsBy(IConfiguration configuration)
    {
        if (configuration[$"{Section}:Card"] is { Length: > 0 } chosen) return chosen;
        if (configuration[$"{Section}:Stripe:SecretKey"] is { Length: > 0 }) return "stripe";
        return configuration.GetValue<bool>("Demo") ? "simulator" : "none";
    }

    private static void AddStripe(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StripeOptions>().Bind(configuration.GetSection($"{Section}:Stripe"))
            .Validate(options => options.SecretKey is { Length: > 0 }, "Stripe needs Shop:Payments:Stripe:SecretKey.")
            .Validate(options => options.WebhookSecret is { Length: > 0 }, "Stripe needs Shop:Payments:Stripe:WebhookSecret.")
            .Validate(options => options.TimeoutSeconds is > 0 and <= 60, "Shop:Payments:Stripe:TimeoutSeconds is 1 to 60.")
            .ValidateOnStart();
        services.AddSingleton<IPaymentProvider>(provider =>
        {
            var account = StripeAccount.Of(provider.GetRequiredService<IOptions<StripeOptions>>().Value);
            return Stripe(provider, "stripe", account, "https://checkout.stripe.com");
        });
    }

    internal static StripeProvider Stripe(IServiceProvider provider, string name, StripeAccount account, string? pageOrigin)
    {
        // Connections are renewed, so that a change of Stripe's addresses is noticed.
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), UseCookies = false };
        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger<StripeClient>();
        return new(name, new StripeClient(account, handler, logger), account, pageOrigin, provider.GetRequiredService<TimeProvider>());
    }
}
