using Kontor.Accounts.Sessions;
using Kontor.Foundation.Data;
using Kontor.Ui;

namespace Kontor.Accounts.Notices;

/// <summary>"A new sign-in", from a device that the account does not know.</summary>
internal sealed class NewSignInNotice(Database database, IUsers users, Letters letters)
    : Notice<NewDevice>(database, users, letters)
{
    public override string Name => "accounts.new-sign-in-notice";

    public override string Event => NewDevice.Name;

    protected override string OwnerOf(NewDevice happened) => happened.UserId;

    protected override LetterContent ContentOf(NewDevice happened, Texts T) => new()
    {
        Subject = T["A new sign-in to your account"],
        Paragraphs = [T["Somebody signed in to your account with a device that we did not know."]],
        Table = new(
        [
            new(T["Device"], T[happened.Device]),
            new(T["Network"], happened.Network ?? T["unknown"]),
            new(T["Time"], Moment(happened.At)),
        ]),
        Link = new(T["See your devices"], "/account/sessions"),
        Closing = [T["If this was you, there is nothing to do. If not, end that session and change your password."]],
    };
}
