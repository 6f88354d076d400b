using Kontor.Accounts.Email;
using Kontor.Accounts.Passwords;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.SignIn;

/// <summary>Opens accounts, for the API and for pages: at once, or when their address is confirmed.</summary>
internal sealed class NewAccounts(
    IUsers users, PasswordRules rules, PasswordHasher passwords, Registrations registrations, Database database, Outbox outbox,
    IOptions<AccountOptions> options, TimeProvider time)
{
    /// <returns>
    /// The account, or null when a letter was sent that opens it; or what is wrong with each field, <see cref="User.EmailTaken"/> where
    /// accounts are opened at once, or <see cref="HashingGate.TooBusy"/>.
    /// </returns>
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
        var language = Texts.LanguageOf(http.Request);
        var user = new NewUser(Ids.New(time), email!, name, hash!, [RoleNames.Customer], Language: language);
        if (!options.Value.VerifyEmail) return await users.Register(user, Actor.Of(http).As(user.Id), ct);
        await database.Write(tx => registrations.Ask(tx, outbox, user).AsTask(), ct);
        return new Outcome<User>(null, null);
    }
}
