using Kontor.Accounts.Passkeys;
using Kontor.Foundation.Seams;

namespace Kontor.Accounts.Factors;

/// <summary>Lets somebody in again who has lost every second factor and all recovery codes: the password is enough then.</summary>
internal sealed class RemoveFactors(IUsers users, IFactors factors, IPasskeys passkeys) : ICommand
{
    public string Name => "admin factors remove";

    public string Usage => "EMAIL";

    public async Task<int> Run(string[] args, TextWriter output, CancellationToken ct)
    {
        if (args.Length != 1 || EmailAddress.Parse(args[0]) is not { } email)
        {
            await output.WriteLineAsync("Name one e-mail address: ./kontor admin factors remove EMAIL");
            return 2;
        }

        if (await users.FindByEmail(email, ct) is not { } found)
        {
            await output.WriteLineAsync($"Nobody has the address {email.Text}.");
            return 1;
        }

        var removed = 0;
        if (await factors.RemoveTotp(found.User.Id, Actor.Command, ct) is null) removed++;
        foreach (var passkey in await passkeys.List(found.User.Id, ct))
        {
            if (await passkeys.Remove(passkey.Id, found.User.Id, Actor.Command, ct) is { } problem)
            {
                await output.WriteLineAsync($"{passkey.Name}: {problem.Title}");
                return 1;
            }

            removed++;
        }

        await output.WriteLineAsync(removed == 0
            ? $"{found.User.Email} has no second factor."
            : $"{found.User.Email} signs in with the password alone again. Make sure that it was they who asked.");
        return 0;
    }
}
