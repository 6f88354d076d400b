using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Sessions;

/// <summary>One sign-in on one device. Times are milliseconds since 1970.</summary>
internal sealed record Session(string Id, string UserId, string Device, string? Network, long CreatedAt, long LastSeenAt)
{
    public static readonly Problem Unknown = new(404, "not-found", "You have no such session.");
    public static readonly Problem InvalidToken = new(401, "invalid-token", "The token is not valid, or not any more. Sign in again.");

    public static readonly Problem TokenReused =
        new(401, "token-reused", "This refresh token was used before, so the session was ended. Sign in again.");

    /// <summary>The sign-in was overtaken by a new password, another role or a lock: what it was allowed by may hold no more.</summary>
    public static readonly Problem Overtaken = new(409, "conflict", "The account was changed at the same time. Sign in again.");

    /// <summary>A session ends when it was not used for so long.</summary>
    public const long IdleMs = 7 * Clock.Day;

    /// <summary>A session ends then, however much it is used.</summary>
    public const long AgeMsMax = 90 * Clock.Day;

    /// <summary>So many are listed.</summary>
    public const int ListMax = 200;
}

/// <summary>Why a session ended before its time; stored, and told in the event.</summary>
internal static class EndReason
{
    public const string SignedOut = "signed-out";
    public const string SignedOutEverywhere = "signed-out-everywhere";
    public const string EndedByOwner = "ended-by-owner";
    public const string EndedByAdmin = "ended-by-admin";
    public const string PasswordChanged = "password-changed";
    public const string AccountRecovered = "account-recovered";
    public const string AccountLocked = "account-locked";
    public const string AccountErased = "account-erased";
    public const string TokenReused = "token-reused";

    /// <summary>See <see cref="AccountOptions.SessionsMax"/>.</summary>
    public const string TooMany = "too-many-sessions";
}

/// <summary>A session ended before its time.</summary>
/// <param name="Device">As its owner's list calls it.</param>
/// <param name="Reason">One of <see cref="EndReason"/>.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record SessionEnded(string SessionId, string UserId, string Device, string Reason, long At) : IEvent
{
    public static string Name => "accounts.session-ended";
}

/// <summary>Somebody signed in to an account from a device, or a network, that had no session of it in the last month.</summary>
/// <param name="Device">As its owner's list calls it.</param>
/// <param name="Network">Shortened; see <see cref="Actor.Network"/>.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record NewDevice(string SessionId, string UserId, string Device, string? Network, long At) : IEvent
{
    public static string Name => "accounts.new-device";
}

/// <summary>What a refresh gave: which session at which generation, its refresh token, when the session was read, and how its owner
/// signed in.</summary>
internal sealed record Refreshed(
    string SessionId, string UserId, long Generation, string RefreshToken, long At, Authentication Authentication);

/// <summary>
/// The sign-ins, the one place where refresh tokens are replaced, and the one where access tokens are revoked. Owns the tables
/// `accounts_sessions` and `accounts_revocations`.
/// </summary>
internal interface ISessions
{
    /// <param name="user">As read before the password, or whatever else allows the sign-in, was checked.</param>
    /// <param name="device">What the session is known by.</param>
    /// <param name="methods">What allowed it, as <see cref="Authentication.Methods"/>.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Or <see cref="Session.Overtaken"/>, when rights changed or all sessions ended since.</returns>
    Task<Outcome<Refreshed>> Open(User user, Device device, IReadOnlyList<string> methods, CancellationToken ct);

    /// <returns>Or <see cref="Session.InvalidToken"/>, which changes nothing, or <see cref="Session.TokenReused"/>, which ended the
    /// session.</returns>
    Task<Outcome<Refreshed>> Refresh(RefreshToken presented, string? attempt, CancellationToken ct);

    /// <summary>The client has shown that it has this generation, and that the session is in use. Done once; nothing happens when the
    /// session has moved on or ended.</summary>
    Task Acknowledge(string id, long generation, CancellationToken ct);

    /// <returns>Or <see cref="Session.Unknown"/> when it is not this person's. Ending it twice is as good as once.</returns>
    Task<Problem?> End(string id, string userId, string reason, CancellationToken ct);

    /// <summary>The same within a transaction.</summary>
    /// <returns>Whether it was alive, or <see cref="Session.Unknown"/>.</returns>
    Task<Outcome<bool>> End(Tx tx, string id, string userId, string reason);

    /// <param name="except">The id of the session that goes on, or null.</param>
    Task EndAll(string userId, string reason, CancellationToken ct, string? except = null);

    /// <summary>
    /// Ends a person's sessions, or all but one, in the transaction that is the reason: a new password, a lock, an erasure. Every node
    /// refuses their tokens within a second of the commit, and a sign-in that is under way is overtaken.
    /// </summary>
    /// <param name="tx">Comes before anything else that locks the person's row or sessions.</param>
    /// <param name="userId">Whose.</param>
    /// <param name="reason">One of <see cref="EndReason"/>, told in the events.</param>
    /// <param name="except">The id of the session that goes on, or null.</param>
    ValueTask EndAll(Tx tx, string userId, string reason, string? except = null);

    /// <summary>
    /// Says, in the transaction that does it, that a person's roles changed. Every node refuses the access tokens that they had before
    /// within a second of the commit, so that clients refresh; no session ends.
    /// </summary>
    ValueTask RightsChanged(Tx tx, string userId);

    /// <summary>Says, in the transaction that does it, that signing in takes more or less from now on: a sign-in that is under way has to
    /// start again. No session ends, and tokens stay good.</summary>
    ValueTask OvertakeSignIns(Tx tx, string userId);

    /// <summary>Forgets whose sessions they were, in the transaction that erases the account and has ended all of them.</summary>
    ValueTask Forget(Tx tx, string userId);

    /// <summary>Null when it has ended, or is not this person's.</summary>
    Task<Authentication?> LastAuthentication(string id, string userId, CancellationToken ct);

    /// <summary>The owner has just proved by these methods, and those from before, who they are.</summary>
    /// <returns>Or <see cref="Session.Unknown"/> when it has ended, or is not this person's.</returns>
    Task<Problem?> Authenticate(string id, string userId, IReadOnlyList<string> methods, CancellationToken ct);

    /// <summary>Those that are alive, the one used last first.</summary>
    Task<IReadOnlyList<Session>> List(string userId, CancellationToken ct);

    /// <summary>Those after a time.</summary>
    Task<IReadOnlyList<Revocation>> RevokedSince(long since, CancellationToken ct);

    /// <summary>Forgets those that ended, or ran out, before a time.</summary>
    Task Forget(long before, CancellationToken ct);
}

/// <summary>Access tokens that are refused although their time is not over.</summary>
/// <param name="Id">Of a session or of a person.</param>
/// <param name="Below">A person's tokens with smaller <see cref="User.Rights"/> are refused; of a session, all are.</param>
internal sealed record Revocation(string Id, long Below)
{
    public const long Everything = long.MaxValue;
}
