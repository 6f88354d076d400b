using Kontor.Foundation.Data;
using Kontor.Ui;

namespace Kontor.Accounts.Email;

/// <summary>Tells the owner of an address that somebody wants an account with it, because nobody tells that somebody.</summary>
internal sealed class TakenLetters(Links links, Letters letters)
{
    /// <param name="tx">Of the handler.</param>
    /// <param name="owner">Whose address it is.</param>
    /// <param name="eventId">One letter for each event.</param>
    public async ValueTask Post(Tx tx, User owner, string eventId)
    {
        if (!await links.MaySend(tx, owner.Id, LinkPurpose.EmailTaken)) return;
        var posted = await letters.Post(tx, owner.AsRecipient(), T => new()
        {
            Subject = T["You have an account already"],
            Paragraphs =
            [
                T["You, or somebody else, tried to open an account with this e-mail address. You have one already, and it stays as it is."],
                T["If it was you: sign in with your password, or choose a new one."],
            ],
            Link = new(T["Choose a new password"], "/forgot"),
            Closing = [T["If this was not you, you can ignore this e-mail."]],
        }, $"{eventId}/taken");
        if (posted) await links.Prepare(tx, owner.Id, LinkPurpose.EmailTaken, EmailAddress.Parse(owner.Email)!);
    }
}
