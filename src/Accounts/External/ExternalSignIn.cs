using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Security;

namespace Kontor.Accounts.External;

/// <summary>
/// Whose account here somebody gets into who was let in elsewhere: the one that they have linked. That an address is the same is no proof,
/// for the other site may not have looked, and neither may this one; then whoever owns the account signs in as before, and links.
/// </summary>
internal sealed class ExternalSignIn(IUsers users, Identities identities, Providers providers, Database database, TimeProvider time)
{
    /// <returns>The owner; or null when the person has to sign in here first and link it then.</returns>
    public async Task<User?> Find(ExternalPerson person, string language, Actor by, CancellationToken ct)
    {
        if (await OwnerOf(person, ct) is { } owner) return owner;
        // Whether such an account exists is told to nobody whose address was not verified: the answer is the same for both.
        if (person is not { EmailVerified: true, Email: { } text } || EmailAddress.Parse(text) is not { } email) return null;
        var options = providers.Find(person.Provider)!.Options;
        var found = await users.FindByEmail(email, ct) is { User: var user }
            ? await LinkByAddress(user, person, options, by, ct)
            : await Open(email, person, language, options, by, ct);
        // Another request of the same person may have been quicker: an account and its link are there at once.
        return found ?? await OwnerOf(person, ct);
    }

    private async Task<User?> OwnerOf(ExternalPerson person, CancellationToken ct) =>
        await identities.OwnerOf(person, ct) is { } owner ? await users.Find(owner, ct) : null;

    private async Task<User?> LinkByAddress(User user, ExternalPerson person, ProviderOptions options, Actor by, CancellationToken ct)
    {
        if (!options.LinksVerified || !user.EmailVerified) return null;
        var problem = await database.Write(tx => identities.Link(tx, user.Id, person, by.As(user.Id)), ct);
        return problem is null ? user : null;
    }

    private async Task<User?> Open(
        EmailAddress email, ExternalPerson person, string language, ProviderOptions options, Actor by, CancellationToken ct)
    {
        if (!options.OpensAccounts) return null;
        var id = Ids.New(time);
        var newUser = new NewUser(
            id, email, person.Name, StoredPassword.None, [RoleNames.Customer], EmailVerified: true, Language: language);
        var (user, _) = await database.Write<Outcome<User>>(async tx =>
        {
            var opened = await users.Register(tx, newUser, by.As(id));
            if (opened.Problem is not null) return opened;
            return await identities.Link(tx, id, person, by.As(id)) is { } problem ? problem : opened;
        }, ct);
        return user;
    }
}
