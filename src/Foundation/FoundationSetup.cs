using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kontor.Foundation;

/// <summary>What the host adds before any module, and runs before any endpoint.</summary>
public static class FoundationSetup
{
    /// <summary>Larger bodies are 413; only a phone's push may come near.</summary>
    public const int BodyBytesMax = 8 * 1024 * 1024;

    public static void AddFoundation(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<Signals>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<DeadLetters>();
        services.AddSingleton<Migrations>();
        services.AddOptions<OutboxOptions>().Bind(configuration.GetSection("Outbox")).ValidateDataAnnotations().ValidateOnStart();
        services.AddHostedService<Dispatcher>();
        services.AddSingleton<PublicUrl>();
        services.AddScoped<Idempotency>();
        services.AddHostedService<IdempotencyTidying>();
        services.AddPersonalData<PersonalTraces>();

        services.AddOptions<LimitOptions>().Bind(configuration.GetSection("Limits"));
        RateLimits.Add(services);

        services.AddProblemDetails(options => options.CustomizeProblemDetails = ProblemResults.Complete);
        services.AddSingleton<IProblemDetailsWriter, ProblemWriter>();
        services.AddExceptionHandler<UnexpectedErrors>();
        services.AddAuthentication();
        services.AddAuthorizationBuilder().AddPolicy(Policies.Admin, policy => policy.RequireRole(RoleNames.Admin));
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AuthorizationAnswers>();
        services.ConfigureHttpJsonOptions(options => Configure(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.Configure<FormOptions>(options => options.ValueLengthLimit = 64 * 1024);
    }

    /// <summary>In this order: a failure anywhere below becomes a problem; limits know who asks.</summary>
    public static void UseFoundation(this IApplicationBuilder app)
    {
        app.Use(HeadRequests.Use);
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use(EdgeRules.Check);
        app.UseRouting();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.Use(FormRules.Check);
    }

    private static void Configure(JsonSerializerOptions json)
    {
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.NumberHandling = JsonNumberHandling.Strict;
        json.MaxDepth = 32;
        json.TypeInfoResolver = json.TypeInfoResolver!.WithAddedModifier(NullEntries.Refuse).WithAddedModifier(BrokenText.Refuse);
        json.Converters.Add(new TextConverter());
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false));
    }
}
