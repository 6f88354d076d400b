using System.Reflection;
using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kontor.Accounts.Tests;

/// <summary>What a rival does at named steps of somebody else's request: each once, exactly there.</summary>
public sealed class Rivals
{
    private readonly Dictionary<string, Func<Task>> _before = [];

    /// <param name="step">The name of a method of `ISessions` or `IUsers` that a request comes to.</param>
    /// <param name="rival">Runs when the next request comes there, before it goes on.</param>
    public void Before(string step, Func<Task> rival)
    {
        lock (_before) _before.Add(step, rival);
    }

    public Task Meet(string step)
    {
        Func<Task>? rival;
        lock (_before) _before.Remove(step, out rival);
        return rival?.Invoke() ?? Task.CompletedTask;
    }
}

/// <summary>Lets rivals in between a request and the accounts' tables.</summary>
public sealed class RivalModule(Rivals rivals) : IModule
{
    public string Name => "rivals";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddHttpContextAccessor();
        Watch<ISessions>(services);
        Watch<IUsers>(services);
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
    }

    private void Watch<T>(IServiceCollection services)
        where T : class
    {
        var type = services.Last(service => service.ServiceType == typeof(T)).ImplementationType!;
        services.Replace(ServiceDescriptor.Singleton(provider =>
        {
            var watched = DispatchProxy.Create<T, Watch>();
            var watch = (Watch)(object)watched;
            (watch.Target, watch.Rivals) = (ActivatorUtilities.CreateInstance(provider, type), rivals);
            watch.Requests = provider.GetRequiredService<IHttpContextAccessor>();
            return watched;
        }));
    }
}

/// <summary>Stands in front of an interface.</summary>
public class Watch : DispatchProxy
{
    internal object Target { get; set; } = null!;

    internal Rivals Rivals { get; set; } = null!;

    internal IHttpContextAccessor Requests { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        // The request stands still meanwhile, on a thread of its own. What the server does by itself, such as letters, meets nobody.
        if (Requests.HttpContext is not null) Task.Run(() => Rivals.Meet(targetMethod!.Name)).GetAwaiter().GetResult();
        return targetMethod!.Invoke(Target, args);
    }
}

public sealed class RivalApp : KontorApp
{
    public Rivals Rivals { get; } = new();

    protected override IReadOnlyList<IModule> Modules => [.. base.Modules, new RivalModule(Rivals)];
}
