namespace Kontor.Foundation.Seams;

/// <summary>Whom an admin means, for modules that know people by their ids alone.</summary>
public interface IPersonFinder
{
    /// <param name="named">The account's id, or its e-mail address.</param>
    /// <returns>Null when there is no such person.</returns>
    Task<FoundPerson?> Find(string named, CancellationToken ct);

    /// <summary>Those of some ids of which there are accounts.</summary>
    Task<IReadOnlySet<string>> Known(IReadOnlyCollection<string> ids, CancellationToken ct);
}

/// <param name="Roles">In alphabetical order.</param>
public sealed record FoundPerson(string Id, string Email, string Name, IReadOnlyList<string> Roles);
