using Kontor.Foundation;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Sessions;

/// <summary>One sign-in on one device. Times are milliseconds since 1970.</summary>
internal sealed record Session(string Id, string UserId, string Device, long CreatedAt, long LastSeenAt)
{
    public static readonly Problem Unknown = new(404, "not-found", "You have no such session.");
    public static readonly Problem InvalidToken = new(401, "invalid-token", "The token is not valid, or not any more. Sign in again.");

    public static readonly Problem TokenReused =
        new(401, "token-reused", "This refresh token was used before, so the session was ended. Sign in again.");

    /// <summary>A session ends when it was not used for so long.</summary>
    public const long IdleMs = 7 * Clock.Day;

    /// <summary>A session ends then, however much it is used.</summary>
    public const long AgeMsMax = 90 * Clock.Day;
}

/// <summary>Why a session ended before its time; stored, and told in the event.</summary>
internal static class EndReason
{
    public const string SignedOut = "signed-out";
    public const string SignedOutEverywhere = "signed-out-everywhere";
    public const string EndedByOwner = "ended-by-owner";
    public const string TokenReused = "token-reused";
}

/// <summary>A session ended before its time.</summary>
/// <param name="Reason">One of <see cref="EndReason"/>.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record SessionEnded(string SessionId, string UserId, string Reason, long At) : IEvent
{
    public static string Name => "accounts.session-ended";
}

/// <summary>What a refresh gave: which session at which generation, its refresh token, and when the session was read.</summary>
internal sealed record Refreshed(string SessionId, string UserId, long Generation, string RefreshToken, long At);

/// <summary>The sign-ins, and the one place where refresh tokens are replaced. Owns the table `accounts_sessions`.</summary>
internal interface ISessions
{
    Task<Refreshed> Open(string userId, string device, CancellationToken ct);

    /// <returns>Or <see cref="Session.InvalidToken"/>, which changes nothing, or <see cref="Session.TokenReused"/>, which ended the
    /// session.</returns>
    Task<Outcome<Refreshed>> Refresh(RefreshToken presented, string? attempt, CancellationToken ct);

    /// <summary>The client has shown that it has this generation. Done once; nothing happens when the session has moved on or
    /// ended.</summary>
    Task Acknowledge(string id, long generation, CancellationToken ct);

    /// <returns>Or <see cref="Session.Unknown"/> when it is not this person's. Ending it twice is as good as once.</returns>
    Task<Problem?> End(string id, string userId, string reason, CancellationToken ct);

    Task EndAll(string userId, string reason, CancellationToken ct);

    /// <summary>Those that are alive, the one used last first.</summary>
    Task<IReadOnlyList<Session>> List(string userId, CancellationToken ct);

    /// <summary>The ids of those that were ended after a time.</summary>
    Task<IReadOnlyList<EndedSession>> EndedSince(long since, CancellationToken ct);

    /// <summary>Forgets those that ended, or ran out, before a time.</summary>
    Task Forget(long before, CancellationToken ct);
}

internal sealed record EndedSession(string Id, long EndedAt);
