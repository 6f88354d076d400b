using Kontor.Foundation.Data;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Testing;

/// <summary>For modules of tests, which come after the database and may put something in front of it.</summary>
public static class InFront
{
    /// <param name="services">In which the database stands already.</param>
    /// <param name="wrap">What everybody gets instead of the real one, which it is given.</param>
    public static void PutBeforeDatabase(this IServiceCollection services, Func<IServiceProvider, Database, Database> wrap)
    {
        var real = services.Last(service => service.ServiceType == typeof(Database));
        services.AddSingleton(provider => wrap(provider, (Database)(real.ImplementationFactory?.Invoke(provider)
            ?? ActivatorUtilities.CreateInstance(provider, real.ImplementationType!))));
    }
}
