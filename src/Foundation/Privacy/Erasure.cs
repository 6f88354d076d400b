using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Foundation.Privacy;

/// <summary>
/// Tells one module that somebody is to be forgotten. Each module has a delivery of its own, so one that fails is tried again, and becomes
/// a dead letter that an admin sees, without holding up the others.
/// </summary>
internal sealed class Erasure(IPersonalData module) : IEventHandler
{
    public string Name => $"{module.Name}.erasure";

    public string Event => PersonErased.Name;

    public Task Handle(StoredEvent stored, CancellationToken ct)
    {
        var erased = stored.As<PersonErased>();
        return module.Erase(new(erased.UserId, erased.Email, erased.At), ct);
    }
}

public static class PersonalDataSetup
{
    /// <summary>The module takes part in export and erasure.</summary>
    public static void AddPersonalData<T>(this IServiceCollection services)
        where T : class, IPersonalData
    {
        services.AddSingleton<T>();
        services.AddSingleton<IPersonalData>(provider => provider.GetRequiredService<T>());
        services.AddSingleton<IEventHandler>(provider => new Erasure(provider.GetRequiredService<T>()));
    }
}
