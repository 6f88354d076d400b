using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.SignIn;

/// <summary>Opens accounts, for the API and for pages.</summary>
internal sealed class NewAccounts(IUsers users, PasswordRules rules, PasswordHasher passwords, TimeProvider time)
{
    /// <returns>Or what is wrong with each field, <see cref="User.EmailTaken"/>, or <see cref="HashingGate.TooBusy"/>.</returns>
    public async Task<Outcome<User>> Create(string emailText, string password, string? nameText, HttpContext http, CancellationToken ct)
    {
        var errors = new FieldErrors();
        var email = EmailAddress.Parse(emailText);
        var (name, nameError) = PersonName.Read(nameText);
        errors.Add("email", email is null ? "This is not an e-mail address." : null);
        errors.Add("password", rules.Check(password, email, name));
        errors.Add("name", nameError);
        if (errors.ToProblem() is { } invalid) return invalid;

        // Hashed before anybody looks whether the address is taken, so that the time says nothing about it.
        var (hash, tooBusy) = await passwords.Hash(password, ClientNetwork.Of(http), ct);
        if (tooBusy is not null) return tooBusy;
        var id = Ids.New(time);
        return await users.Register(new(id, email!, name, hash!, [RoleNames.Customer]), Actor.Of(http).As(id), ct);
    }
}
