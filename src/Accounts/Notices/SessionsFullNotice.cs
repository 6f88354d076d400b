using Kontor.Accounts.Sessions;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Ui;

namespace Kontor.Accounts.Notices;

/// <summary>"An old session of yours was ended", because there were too many; once a day, for a script signs in every minute.</summary>
internal sealed class SessionsFullNotice(Database database, IUsers users, Letters letters)
    : Notice<SessionEnded>(database, users, letters)
{
    public override string Name => "accounts.sessions-full-notice";

    public override string Event => SessionEnded.Name;

    protected override string OwnerOf(SessionEnded happened) => happened.UserId;

    protected override bool IsWorthALetter(SessionEnded happened) => happened.Reason == EndReason.TooMany;

    protected override string KeyOf(StoredEvent stored, SessionEnded happened) =>
        $"{happened.UserId}/sessions-full/{happened.At / Clock.Day}";

    protected override LetterContent ContentOf(SessionEnded happened, Texts T) => new()
    {
        Subject = T["You were signed in on too many devices"],
        Paragraphs =
        [
            T["When you signed in on {0}, we ended the session that was used longest ago: {1}.",
                Moment(happened.At), T[happened.Device]],
            T["If these were not all you, end the sessions that you do not know and change your password."],
        ],
        Link = new(T["See your devices"], "/account/sessions"),
    };
}
