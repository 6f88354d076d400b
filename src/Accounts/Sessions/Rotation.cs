using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kontor.Accounts.Keys;
using Kontor.Foundation;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Sessions;

/// <summary>
/// What a presented refresh token means for its session: acknowledged rotation. The newest token is replaced. The one before it repeats its
/// successor for ten seconds after the replacement or its acknowledgement to anyone (parallel requests), and as long as nobody has used
/// the successor to the same attempt (an answer that was lost, even hours ago). Anything else means that two hold the session's tokens,
/// and it must end. It decides, and touches nothing.
/// </summary>
internal static class Rotation
{
    /// <summary>How long parallel requests of one client may be apart.</summary>
    public const long ParallelMs = 10 * Clock.Second;

    private const int SaltBytes = 16;

    /// <summary>What a session's row says of its tokens.</summary>
    internal sealed record State(
        string Id, long CreatedAt, long ExpiresAt, long Generation, byte[] SecretHash,
        byte[]? Salt, string? PepperId, byte[]? AttemptHash, long? RotatedAt, long? AcknowledgedAt, string? EndedBecause);

    /// <summary>A successor is written with the pepper that it was derived with, so that it is the same text each time.</summary>
    internal abstract record Verdict
    {
        /// <summary>Store this state, and answer with the successor.</summary>
        public sealed record Replace(State Next, RefreshToken Successor, Pepper Pepper) : Verdict;

        /// <summary>Answer with the successor once more; store nothing.</summary>
        public sealed record Repeat(RefreshToken Successor, Pepper Pepper) : Verdict;

        /// <summary>End the session.</summary>
        public sealed record Reused : Verdict;

        /// <summary>Answer this, and store nothing.</summary>
        public sealed record Refused(Problem Problem) : Verdict;
    }

    public static Verdict Judge(State session, RefreshToken presented, string? attempt, long now, KeyRing ring)
    {
        // The victim learns why, and a thief is not told less the second time.
        if (session.EndedBecause == EndReason.TokenReused) return new Verdict.Refused(Session.TokenReused);
        if (session.EndedBecause is not null || session.ExpiresAt <= now) return new Verdict.Refused(Session.InvalidToken);
        if (presented.Generation == session.Generation)
        {
            // A right mac around another secret comes from another history of this row, such as a database restored from a backup.
            return IsSecret(presented.Secret, session) ? Replace(session, presented, attempt, now, ring.Pepper) : new Verdict.Reused();
        }

        if (presented.Generation != session.Generation - 1) return new Verdict.Reused();
        if (session is not { Salt: { } salt, PepperId: { } pepperId, RotatedAt: { } rotatedAt }) return new Verdict.Reused();
        // The pepper that the successor was made with is gone: nobody can say what it was, so nothing changes.
        if (ring.PepperOf(pepperId) is not { } pepper) return new Verdict.Refused(Session.InvalidToken);
        var successor = SuccessorOf(presented, salt, pepper);
        if (!IsSecret(successor.Secret, session)) return new Verdict.Reused();

        var isParallel = IsParallel(rotatedAt, now) || (session.AcknowledgedAt is { } acknowledgedAt && IsParallel(acknowledgedAt, now));
        var isLostAnswer = session.AcknowledgedAt is null && IsAttempt(attempt, session.AttemptHash);
        return isParallel || isLostAnswer ? new Verdict.Repeat(successor, pepper) : new Verdict.Reused();
    }

    public static byte[] HashOf(byte[] secret) => SHA256.HashData(secret);

    private static Verdict.Replace Replace(State session, RefreshToken presented, string? attempt, long now, Pepper pepper)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var successor = SuccessorOf(presented, salt, pepper);
        var next = session with
        {
            ExpiresAt = Math.Min(now + Session.IdleMs, session.CreatedAt + Session.AgeMsMax),
            Generation = successor.Generation,
            SecretHash = HashOf(successor.Secret),
            Salt = salt,
            PepperId = pepper.Id,
            AttemptHash = attempt is null ? null : HashOfAttempt(attempt),
            RotatedAt = now,
            AcknowledgedAt = null,
        };
        return new(next, successor, pepper);
    }

    /// <summary>The same predecessor always has the same successor, so no secret needs to be stored to repeat it.</summary>
    private static RefreshToken SuccessorOf(RefreshToken predecessor, byte[] salt, Pepper pepper)
    {
        Span<byte> key = stackalloc byte[RefreshToken.SecretBytes + pepper.SuccessorKey.Length];
        predecessor.Secret.CopyTo(key);
        pepper.SuccessorKey.CopyTo(key[RefreshToken.SecretBytes..]);
        var generation = predecessor.Generation + 1;
        var info = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{predecessor.Session}.{generation}"));
        var secret = new byte[RefreshToken.SecretBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, secret, salt, info);
        CryptographicOperations.ZeroMemory(key);
        return new(predecessor.Session, generation, secret);
    }

    /// <summary>In both directions, because nodes' clocks differ and clocks are set back.</summary>
    private static bool IsParallel(long at, long now) => Math.Abs(now - at) <= ParallelMs;

    private static bool IsSecret(byte[] secret, State session) =>
        CryptographicOperations.FixedTimeEquals(HashOf(secret), session.SecretHash);

    private static bool IsAttempt(string? attempt, byte[]? hash) =>
        attempt is not null && hash is not null && CryptographicOperations.FixedTimeEquals(HashOfAttempt(attempt), hash);

    private static byte[] HashOfAttempt(string attempt) => SHA256.HashData(Encoding.UTF8.GetBytes(attempt));
}
