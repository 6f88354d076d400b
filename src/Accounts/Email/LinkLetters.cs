using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Ui;

namespace Kontor.Accounts.Email;

/// <summary>Writes the letters that have a link, and makes the links work.</summary>
internal sealed class LinkLetters(Database database, IUsers users, Links links, TakenLetters taken, Letters letters) : IEventHandler
{
    public string Name => "accounts.link-letters";

    public string Event => LinkAsked.Name;

    public async Task Handle(StoredEvent stored, CancellationToken ct)
    {
        var asked = stored.As<LinkAsked>();
        if (asked.UserId is null || await users.Find(asked.UserId, ct) is not { } user) return;
        if (asked.Purpose == LinkPurpose.VerifyEmail && user.EmailVerified) return;
        await database.Write(tx => Send(tx, stored, asked, user), ct);
    }

    private async Task Send(Tx tx, StoredEvent stored, LinkAsked asked, User user)
    {
        if (!await links.MaySend(tx, user.Id, asked.Purpose, asked.LinkId)) return;
        if (await LinkOf(tx, asked, user) is not { } link) return;
        // Who asked learns nothing; the one whose address it is does.
        if (link.Purpose == LinkPurpose.ChangeEmail && await users.FindOwner(tx, link.Address) is { } owner && owner.Id != user.Id)
        {
            await taken.Post(tx, owner, stored.Id);
            return;
        }

        var token = LinkToken.New();
        // To an address that nobody has confirmed goes no name: whoever typed it could write an advertisement there.
        var isKnown = link.Purpose is LinkPurpose.UndoEmail || (user.EmailVerified && link.Purpose != LinkPurpose.ChangeEmail);
        var to = new Recipient(link.Email, isKnown ? user.Name : "", user.Language, user.Id);
        // Run a second time, it posts nothing, and the link of the first letter goes on.
        if (await letters.Post(tx, to, T => ContentOf(link, user, token, T), $"{stored.Id}/link", isSecret: true))
            await links.Arm(tx, link, token);
    }

    private async ValueTask<Link?> LinkOf(Tx tx, LinkAsked asked, User user)
    {
        if (asked.LinkId is { } prepared) return await links.FindPrepared(tx, prepared);
        var email = EmailAddress.Parse(user.Email)!;
        return await links.FindPrepared(tx, await links.Prepare(tx, user.Id, asked.Purpose, email));
    }

    private static LetterContent ContentOf(Link link, User user, LinkToken token, Texts T) => link.Purpose switch
    {
        LinkPurpose.VerifyEmail => new()
        {
            Subject = T["Confirm your e-mail address"],
            Paragraphs = [T["An account was opened with this address. Please confirm that the address is yours."]],
            Link = new(T["Confirm"], token.At("/verify")),
            Closing = [T["The link works for 30 minutes. If this was not you, you can ignore this e-mail."]],
        },
        LinkPurpose.ChangeEmail => new()
        {
            Subject = T["Confirm your new e-mail address"],
            Paragraphs = [T["Somebody asked to use this address for their account. If it was you, please confirm it."]],
            Link = new(T["Confirm"], token.At("/verify")),
            Closing = [T["The link works for 30 minutes. If this was not you, you can ignore this e-mail."]],
        },
        LinkPurpose.UndoEmail => new()
        {
            Subject = T["Your e-mail address was changed"],
            Paragraphs =
            [
                T["Your account has a new address: {0}. You sign in with it from now on.", Masked(user.Email)],
                T["If it was not you, take your account back. Everybody is then signed out of it, and you choose a new password."],
            ],
            Link = new(T["This was not me"], token.At("/undo-email")),
            Closing = [T["The link works for seven days."]],
        },
        LinkPurpose.ResetPassword => new()
        {
            Subject = T["Choose a new password"],
            Paragraphs = [T["You, or somebody else, asked for a new password for your account."]],
            Link = new(T["Choose a new password"], token.At("/reset")),
            Closing = [T["The link works for 30 minutes. If this was not you, you can ignore this e-mail: your password stays as it is."]],
        },
        _ => throw new ArgumentException(link.Purpose, nameof(link)),
    };

    /// <summary>Enough for the owner to know it by.</summary>
    private static string Masked(string email) => $"{email[0]}…{email[email.LastIndexOf('@')..]}";
}
