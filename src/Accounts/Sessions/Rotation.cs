using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kontor.Accounts.Keys;
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

    /// <summary>The part of a session's row that the decision needs.</summary>
    internal sealed record State(
        string Id, long Generation, byte[] SecretHash,
        byte[]? Salt, string? PepperId, byte[]? AttemptHash, long? RotatedAt, long? AcknowledgedAt);

    /// <summary>A successor is written with the pepper that it was derived with, so that it is the same text each time.</summary>
    internal abstract record Verdict
    {
        /// <summary>Store these, and answer with the successor.</summary>
        public sealed record Replace(RefreshToken Successor, byte[] SecretHash, byte[] Salt, Pepper Pepper, byte[]? AttemptHash) : Verdict;

        /// <summary>Answer with the successor once more; store nothing.</summary>
        public sealed record Repeat(RefreshToken Successor, Pepper Pepper) : Verdict;

        /// <summary>End the session.</summary>
        public sealed record Reused : Verdict;

        /// <summary>The pepper that the successor was made with is gone: nobody can say what it was, so nothing changes.</summary>
        public sealed record Undecidable : Verdict;
    }

    public static Verdict Judge(State session, RefreshToken presented, string? attempt, long now, KeyRing ring)
    {
        if (presented.Generation == session.Generation)
        {
            // A right mac around another secret comes from another history of this row, such as a database restored from a backup.
            return IsSecret(presented.Secret, session) ? Replace(presented, attempt, ring.Pepper) : new Verdict.Reused();
        }

        if (presented.Generation != session.Generation - 1) return new Verdict.Reused();
        if (session is not { Salt: { } salt, PepperId: { } pepperId, RotatedAt: { } rotatedAt }) return new Verdict.Reused();
        if (ring.PepperOf(pepperId) is not { } pepper) return new Verdict.Undecidable();
        var successor = SuccessorOf(presented, salt, pepper);
        if (!IsSecret(successor.Secret, session)) return new Verdict.Reused();

        var isParallel = IsParallel(rotatedAt, now) || (session.AcknowledgedAt is { } acknowledgedAt && IsParallel(acknowledgedAt, now));
        var isLostAnswer = session.AcknowledgedAt is null && IsAttempt(attempt, session.AttemptHash);
        return isParallel || isLostAnswer ? new Verdict.Repeat(successor, pepper) : new Verdict.Reused();
    }

    public static byte[] HashOf(byte[] secret) => SHA256.HashData(secret);

    private static Verdict.Replace Replace(RefreshToken presented, string? attempt, Pepper pepper)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var successor = SuccessorOf(presented, salt, pepper);
        return new(successor, HashOf(successor.Secret), salt, pepper, attempt is null ? null : HashOfAttempt(attempt));
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
