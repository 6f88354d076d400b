using Kontor.Accounts.Passwords;
using Kontor.Foundation.Data;
using Kontor.Ui;

namespace Kontor.Accounts.Notices;

/// <summary>"Your password was changed."</summary>
internal sealed class PasswordNotice(Database database, IUsers users, Letters letters)
    : Notice<PasswordChanged>(database, users, letters)
{
    public override string Name => "accounts.password-notice";

    public override string Event => PasswordChanged.Name;

    protected override string OwnerOf(PasswordChanged happened) => happened.UserId;

    protected override LetterContent ContentOf(PasswordChanged happened, Texts T) => new()
    {
        Subject = T["Your password was changed"],
        Paragraphs =
        [
            T["The password of your account was changed on {0}. On other devices you are signed out.", Moment(happened.At)],
            T["If this was you, there is nothing to do. If not, choose a new password at once."],
        ],
        Link = new(T["Choose a new password"], "/forgot"),
    };
}
