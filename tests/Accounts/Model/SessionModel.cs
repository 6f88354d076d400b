namespace Kontor.Accounts.Tests.Model;

/// <summary>
/// What docs/accounts.md promises of one session, told without secrets and rows: an independent account that the real one is held against.
/// Times are milliseconds by the server's clock.
/// </summary>
internal sealed class SessionModel(long signedInAt)
{
    private const long Second = 1000, Day = 86_400 * Second;

    private int _newest;
    private long _endsAt = signedInAt + 7 * Day;
    private (long At, string? Attempt)? _replaced;
    private long? _usedAt;
    private string? _ended;

    /// <returns>The generation of the token in the answer, or the code of the refusal.</returns>
    public (int Generation, string? Code) Refresh(int presented, string? attempt, long now)
    {
        if (_ended is not null || now >= _endsAt) return (0, _ended ?? "invalid-token");
        if (presented == _newest)
        {
            (_newest, _endsAt, _replaced, _usedAt) = (_newest + 1, EndOf(now), (now, attempt), null);
            return (_newest, null);
        }

        var isAtTheSameTime = IsNear(_replaced?.At, now) || IsNear(_usedAt, now);
        var isTheSameAttempt = _usedAt is null && attempt is not null && attempt == _replaced?.Attempt;
        if (presented == _newest - 1 && (isAtTheSameTime || isTheSameAttempt)) return (_newest, null);
        return (0, _ended = "token-reused");
    }

    /// <summary>Whether an access token is taken, which shows that its owner has the refresh token that came with it.</summary>
    public bool Use(int generation, long expiresAt, long now)
    {
        if (_ended is not null || now >= expiresAt + 30 * Second) return false;
        // Nobody can have asked twice for the tokens of the sign-in itself.
        if (generation < _newest || generation == 0 || _usedAt is not null) return true;
        (_usedAt, _endsAt) = (now, EndOf(now));
        return true;
    }

    public void SignOut() => _ended ??= "invalid-token";

    private long EndOf(long now) => Math.Min(now + 7 * Day, signedInAt + 90 * Day);

    private static bool IsNear(long? at, long now) => at is { } then && Math.Abs(now - then) <= 10 * Second;
}
