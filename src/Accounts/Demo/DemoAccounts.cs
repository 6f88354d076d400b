using Kontor.Accounts.Passwords;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Seams;

namespace Kontor.Accounts.Demo;

/// <summary>The two people of the demo, whose passwords everybody knows.</summary>
internal sealed class DemoAccounts(IUsers users, PasswordHasher passwords) : IDemoData
{
    public async Task Seed(CancellationToken ct)
    {
        await Add(DemoPeople.AdminId, "admin@kontor.example", "Kim Admin", "kontor-demo-admin", [RoleNames.Admin, RoleNames.Customer], ct);
        await Add(DemoPeople.AdaId, "ada@kontor.example", "Ada Example", "kontor-demo-ada", [RoleNames.Customer], ct);
    }

    private async Task Add(string id, string email, string name, string password, IReadOnlyList<string> roles, CancellationToken ct)
    {
        if (await users.Find(id, ct) is not null) return;
        var (hash, problem) = await passwords.Hash(password, ClientNetwork.Own, ct);
        if (problem is not null) throw new InvalidOperationException(problem.Title);
        // Another node may have been quicker; then there is nothing left to do.
        await users.Register(new(id, EmailAddress.Parse(email)!, name, hash!, roles, EmailVerified: true), Actor.System, ct);
    }
}
