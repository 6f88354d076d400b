using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Ui;

namespace Kontor.Accounts.Email;

/// <summary>Writes to whoever wants an account: to confirm the address, or that there is an account already.</summary>
internal sealed class RegistrationLetters(Database database, IUsers users, Registrations registrations, TakenLetters taken, Letters letters)
    : IEventHandler
{
    public string Name => "accounts.registration-letters";

    public string Event => RegistrationAsked.Name;

    public Task Handle(StoredEvent stored, CancellationToken ct) => stored.As<RegistrationAsked>().RegistrationId is { } id
        ? database.Write(tx => Send(tx, stored.Id, id), ct)
        : Task.CompletedTask;

    private async Task Send(Tx tx, string eventId, string id)
    {
        if (await registrations.Lock(tx, id) is not { } registration) return;
        if (await users.FindOwner(tx, registration.Address) is { } owner)
        {
            await Registrations.Remove(tx, id);
            await taken.Post(tx, owner, eventId);
            return;
        }

        if (!registrations.MaySend(registration)) return;
        var token = LinkToken.New();
        // Without the name, which a stranger may have typed.
        var posted = await letters.Post(tx, new(registration.Email, "", registration.Language), T => new()
        {
            Subject = T["Confirm your e-mail address"],
            Paragraphs = [T["Somebody asked to open an account with this address. If it was you, please confirm the address."]],
            Link = new(T["Confirm"], token.At("/verify")),
            Closing = [T["The link works for 30 minutes. If this was not you, you can ignore this e-mail."]],
        }, $"{eventId}/link", isSecret: true);
        if (posted) await registrations.Arm(tx, registration, token);
    }
}
