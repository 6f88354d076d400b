using System.Buffers.Text;
using System.Security.Cryptography;
using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Seams;

namespace Kontor.Accounts.Profile;

/// <summary>Makes somebody an administrator: the first one of a new installation, or any account later.</summary>
internal sealed class CreateAdmin(IUsers users, Rights rights, Database database, PasswordHasher passwords, TimeProvider time) : ICommand
{
    private const int PasswordBytes = 15;

    public string Name => "admin create";

    public string Usage => "EMAIL";

    public async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        if (args.Length != 1 || EmailAddress.Parse(args[0]) is not { } email)
        {
            await output.WriteLineAsync("Name one e-mail address: ./kontor admin create EMAIL");
            return 2;
        }

        if (await users.FindByEmail(email, ct) is not { } found) return await Create(email, output, ct);
        await database.Write(tx => rights.Grant(tx, found.User.Id, RoleNames.Admin, Actor.Command), ct);
        await output.WriteLineAsync($"{found.User.Email} is an administrator.");
        return 0;
    }

    private async Task<int> Create(EmailAddress email, TextWriter output, CancellationToken ct)
    {
        var password = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(PasswordBytes));
        var (hash, tooBusy) = await passwords.Hash(password, ClientNetwork.Own, ct);
        var problem = tooBusy;
        if (hash is not null)
        {
            var admin = new NewUser(Ids.New(time), email, "", hash, [RoleNames.Admin, RoleNames.Customer], EmailVerified: true);
            (_, problem) = await users.Register(admin, Actor.Command, ct);
        }

        if (problem is not null)
        {
            await output.WriteLineAsync(problem.Title);
            return 1;
        }

        await output.WriteLineAsync($"{email.Text} is an administrator. The password, shown only now: {password}");
        return 0;
    }
}
