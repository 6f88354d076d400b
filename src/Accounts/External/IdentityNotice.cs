using Kontor.Accounts.Notices;
using Kontor.Foundation.Data;
using Kontor.Ui;

namespace Kontor.Accounts.External;

/// <summary>"You can sign in with Google from now on", or not any more.</summary>
internal sealed class IdentityNotice(Database database, IUsers users, Letters letters, Providers providers)
    : Notice<IdentityChanged>(database, users, letters)
{
    public override string Name => "accounts.identity-notice";

    public override string Event => IdentityChanged.Name;

    protected override string OwnerOf(IdentityChanged happened) => happened.UserId;

    protected override LetterContent ContentOf(IdentityChanged happened, Texts T)
    {
        var site = providers.Find(happened.Provider)?.Text ?? happened.Provider;
        return new()
        {
            Subject = happened.Change == IdentityChanged.Linked
                ? T["{0} was linked with your account", site]
                : T["{0} is not linked with your account any more", site],
            Paragraphs =
            [
                T["This happened on {0}.", Moment(happened.At)],
                T["If this was you, there is nothing to do. If not, choose a new password at once and look at the ways to sign in."],
            ],
            Link = new(T["To your account"], "/account"),
        };
    }
}
