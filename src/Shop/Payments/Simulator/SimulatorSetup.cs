using System.Security.Cryptography;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Payments.Simulator;

/// <summary>
/// The keys between this process and the provider that it simulates. They are made anew at each start, and known to nobody else: a demo
/// that is reached from outside has no key that could be guessed.
/// </summary>
internal sealed class SimulatorAccount
{
    public SimulatorAccount(IServer server)
    {
        Account = new(
            () => new Uri(Own(server), $"{SimulatedStripe.Path}"),
            $"sk_test_{Random()}", [$"whsec_{Random()}"], TimeSpan.FromSeconds(10));
        Webhooks = () => new Uri(Own(server), $"/api/payments/webhooks/{SimulatorSetup.Name}");
    }

    public StripeAccount Account { get; }

    public Func<Uri> Webhooks { get; }

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    /// <summary>Where this process listens, whatever its public address is.</summary>
    private static Uri Own(IServer server) =>
        new(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
}

internal static class SimulatorSetup
{
    /// <summary>As which payments through it are stored.</summary>
    public const string Name = "simulator";

    public static void AddSimulator(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SimulatorOptions>().Bind(configuration.GetSection("Shop:Payments:Simulator"))
            .ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SimulatorAccount>();
        services.AddSingleton<SimulatorStore>();
        services.AddSingleton<SimulatedStripe>();
        services.AddHostedService<SimulatorWork>();
        services.AddSingleton<IPaymentProvider>(provider => PaymentSetup.Stripe(
            provider, Name, provider.GetRequiredService<SimulatorAccount>().Account, pageOrigin: null));
    }

    public static void MapSimulator(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetService<SimulatedStripe>() is null) return;
        SimulatorApi.Map(routes);
        SimulatorPages.Map(routes.MapPages(SimulatedStripe.Path));
    }
}
