using Kontor.Accounts.Sessions;
using Kontor.Foundation.Data;
using Kontor.Ui;

namespace Kontor.Accounts.Notices;

/// <summary>"Your session was ended", because two had its tokens.</summary>
internal sealed class ReuseNotice(Database database, IUsers users, Letters letters)
    : Notice<SessionEnded>(database, users, letters)
{
    public override string Name => "accounts.reuse-notice";

    public override string Event => SessionEnded.Name;

    protected override string OwnerOf(SessionEnded happened) => happened.UserId;

    protected override bool IsWorthALetter(SessionEnded happened) => happened.Reason == EndReason.TokenReused;

    protected override LetterContent ContentOf(SessionEnded happened, Texts T) => new()
    {
        Subject = T["We signed you out on one device"],
        Paragraphs =
        [
            T["On {0} we ended your session on this device: {1}. Its sign-in was used in two places, so it may have been copied.",
                Moment(happened.At), T[happened.Device]],
            T["Sign in there again. If you see devices that you do not know, end their sessions and change your password."],
        ],
        Link = new(T["See your devices"], "/account/sessions"),
    };
}
