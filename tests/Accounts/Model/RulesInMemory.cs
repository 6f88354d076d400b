using Kontor.Accounts.Keys;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.Tokens;

namespace Kontor.Accounts.Tests.Model;

/// <summary>The rules themselves over one row in memory, for stories by the ten thousand.</summary>
/// <param name="rings">The first has one pepper, each further one more.</param>
internal sealed class RulesInMemory(IReadOnlyList<KeyRing> rings) : ISessionKeeper
{
    private const string Id = "01940000-0000-7000-8000-000000000001";

    private Rotation.State _row = null!;
    private int _ring;

    public long Now { get; private set; } = 1_800_000_000_000;

    private KeyRing Ring => rings[_ring];

    public Task<Held> SignIn()
    {
        var token = new RefreshToken(Id, 0, new byte[RefreshToken.SecretBytes]);
        _row = new(Id, Now, Now + Session.IdleMs, 0, Rotation.HashOf(token.Secret), null, null, null, null, null, null);
        return Task.FromResult(Hold(0, token.Write(Ring.Pepper)));
    }

    public Task<(Held? Held, string? Code)> Refresh(string token, string? attempt) => Task.FromResult(Judge(token, attempt));

    private (Held? Held, string? Code) Judge(string token, string? attempt)
    {
        switch (Rotation.Judge(_row, RefreshToken.Read(token, Ring)!, attempt, Now, Ring))
        {
            case Rotation.Verdict.Replace replace:
                _row = replace.Next;
                return (Hold(replace.Successor.Generation, replace.Successor.Write(replace.Pepper)), null);
            case Rotation.Verdict.Repeat repeat:
                return (Hold(repeat.Successor.Generation, repeat.Successor.Write(repeat.Pepper)), null);
            case Rotation.Verdict.Refused refused:
                return (null, refused.Problem.Code);
            default:
                _row = _row with { EndedBecause = EndReason.TokenReused };
                return (null, Session.TokenReused.Code);
        }
    }

    public Task<bool> Use(string access)
    {
        var parts = access.Split('.').Select(long.Parse).ToArray();
        if (_row.EndedBecause is not null || Now / 1000 >= parts[1] + AccessTokens.LeewaySeconds) return Task.FromResult(false);
        if (parts[0] == _row.Generation && parts[0] > 0 && _row.AcknowledgedAt is null)
            _row = _row with { AcknowledgedAt = Now, ExpiresAt = Math.Min(Now + Session.IdleMs, _row.CreatedAt + Session.AgeMsMax) };
        return Task.FromResult(true);
    }

    public Task SignOut(string access)
    {
        _row = _row with { EndedBecause = EndReason.SignedOut };
        return Task.CompletedTask;
    }

    /// <summary>There is nothing in memory but the row.</summary>
    public Task Restart() => Task.CompletedTask;

    public Task NewPepper()
    {
        _ring = Math.Min(_ring + 1, rings.Count - 1);
        return Task.CompletedTask;
    }

    public void SetClock(TimeSpan by) => Now += (long)by.TotalMilliseconds;

    private Held Hold(long generation, string refresh)
    {
        var expires = Now / 1000 + AccessTokens.LifetimeSeconds;
        return new((int)generation, refresh, $"{generation}.{expires}", expires * 1000);
    }
}
