using System.Globalization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Ui;

namespace Kontor.Accounts.Notices;

/// <summary>A letter that tells the owner of an account what happened to it, once for each event however often it is handled.</summary>
/// <typeparam name="T">The fields of the event that the letter means.</typeparam>
internal abstract class Notice<T>(Database database, IUsers users, Letters letters) : IEventHandler
{
    public abstract string Name { get; }

    public abstract string Event { get; }

    public async Task Handle(StoredEvent stored, CancellationToken ct)
    {
        var happened = stored.As<T>();
        if (!IsWorthALetter(happened) || await users.Find(OwnerOf(happened), ct) is not { } user) return;
        await database.Write(
            tx => letters.Post(tx, user.AsRecipient(), T => ContentOf(happened, T), KeyOf(stored, happened)).AsTask(), ct);
    }

    protected abstract string OwnerOf(T happened);

    protected abstract LetterContent ContentOf(T happened, Texts T);

    protected virtual bool IsWorthALetter(T happened) => true;

    /// <summary>Of letters with the same key, one is sent.</summary>
    protected virtual string KeyOf(StoredEvent stored, T happened) => $"{stored.Id}/notice";

    /// <summary>In the recipient's notation; in UTC, because the server does not know the recipient's clock.</summary>
    protected static string Moment(long milliseconds)
    {
        var format = Texts.Language == "de" ? "d. MMMM yyyy, HH:mm 'UTC'" : "d MMMM yyyy, HH:mm 'UTC'";
        return milliseconds.ToTime().UtcDateTime.ToString(format, CultureInfo.CurrentCulture);
    }
}
