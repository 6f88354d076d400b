using Kontor.Foundation.Events;
using Kontor.Foundation.Privacy;

namespace Kontor.Foundation.Seams;

/// <summary>
/// What a module stores about people: what it is, how a person gets it, and how it goes. Every module whose tables name a person has one,
/// added by `services.AddPersonalData&lt;T&gt;()`.
/// </summary>
public interface IPersonalData
{
    /// <summary>The module's name; the member of the export that holds what it stores.</summary>
    string Name { get; }

    /// <summary>
    /// What is stored, in one English sentence for the person; the module's `Pages/de.json` translates it. Null when nothing is.
    /// </summary>
    string? Stores { get; }

    /// <summary>What stays after an erasure, why and for how long, likewise; null when nothing does.</summary>
    string? Keeps => null;

    /// <summary>Writes all of it, page by page, so that no amount of it fills the memory.</summary>
    Task Export(DataSubject person, ExportWriter export, CancellationToken ct);

    /// <summary>
    /// Deletes it, or takes from it whatever tells of the person. Called within seconds after the account has gone, and later again, for
    /// what a request under way has written meanwhile; after a failure again and again. It has 30 seconds at a time, so a great many rows
    /// are deleted in several transactions, each of which stays done.
    /// </summary>
    Task Erase(DataSubject person, CancellationToken ct);
}

/// <summary>Somebody whose data is asked for.</summary>
/// <param name="UserId">Is, or was, the account's id.</param>
/// <param name="Email">
/// In lower case, when the person has shown that it is theirs: then what names this address and no account is theirs too, such as the
/// orders of a guest. Null otherwise, for anybody can register with a stranger's address.
/// </param>
/// <param name="Until">Milliseconds since 1970: what names only the address and is younger may be somebody else's.</param>
public sealed record DataSubject(string UserId, string? Email, long Until);

/// <summary>An account was erased: nobody can sign in with it any more, and every module forgets the person.</summary>
/// <param name="UserId">See <see cref="DataSubject"/>, likewise for the others.</param>
public sealed record PersonErased(string UserId, string? Email, long At) : IEvent
{
    public static string Name => "accounts.erased";
}
