using Kontor.Accounts.Factors;
using Kontor.Foundation.Data;
using Kontor.Ui;

namespace Kontor.Accounts.Notices;

/// <summary>"A second factor was added", or removed, or a recovery code was used.</summary>
internal sealed class FactorNotice(Database database, IUsers users, Letters letters)
    : Notice<FactorChanged>(database, users, letters)
{
    public override string Name => "accounts.factor-notice";

    public override string Event => FactorChanged.Name;

    protected override string OwnerOf(FactorChanged happened) => happened.UserId;

    protected override LetterContent ContentOf(FactorChanged happened, Texts T) => new()
    {
        Subject = (happened.Factor, happened.Change) switch
        {
            (FactorName.Totp, FactorChanged.Added) => T["An authenticator app was added to your account"],
            (FactorName.Totp, FactorChanged.Removed) => T["The authenticator app was removed from your account"],
            (FactorName.Passkey, FactorChanged.Added) => T["A passkey was added to your account"],
            (FactorName.Passkey, FactorChanged.Removed) => T["A passkey was removed from your account"],
            (FactorName.RecoveryCodes, FactorChanged.Used) => T["A recovery code was used to sign in to your account"],
            (FactorName.RecoveryCodes, FactorChanged.Added) => T["New recovery codes were made for your account"],
            _ => T["The ways to sign in to your account were changed"],
        },
        Paragraphs =
        [
            T["This happened on {0}.", Moment(happened.At)],
            T["If this was you, there is nothing to do. If not, choose a new password at once and look at the ways to sign in."],
        ],
        Link = new(T["To your account"], "/account"),
    };
}
