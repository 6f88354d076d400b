using Kontor.Foundation.Seams;

namespace Kontor.Accounts;

/// <summary>Tells other modules whom an admin means.</summary>
internal sealed class PersonFinder(IUsers users) : IPersonFinder
{
    public async Task<FoundPerson?> Find(string named, CancellationToken ct)
    {
        var user = EmailAddress.Parse(named) is { } email
            ? (await users.FindByEmail(email, ct))?.User
            : await users.Find(named, ct);
        return user is null ? null : new(user.Id, user.Email, user.Name, [.. user.Roles.Order(StringComparer.Ordinal)]);
    }

    public Task<IReadOnlySet<string>> Known(IReadOnlyCollection<string> ids, CancellationToken ct) => users.Known(ids, ct);
}
