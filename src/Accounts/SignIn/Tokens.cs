using Kontor.Accounts.Sessions;
using Kontor.Accounts.Tokens;
using Kontor.Foundation;

namespace Kontor.Accounts.SignIn;

/// <summary>What a sign-in or a refresh gives.</summary>
/// <param name="ExpiresIn">Seconds until the access token ends.</param>
internal sealed record TokensView(string AccessToken, string RefreshToken, string TokenType, int ExpiresIn, UserView User);

internal sealed record UserView(string Id, string Email, string Name, IReadOnlyList<string> Roles);

/// <summary>Opens and refreshes sessions, for the API and for pages.</summary>
internal sealed class SignIns(IUsers users, ISessions sessions, AccessTokens tokens, Keys.KeyRing ring)
{
    /// <param name="user">Has shown who they are; not before is said that an account is locked.</param>
    /// <param name="device">What the session is known by.</param>
    /// <param name="methods">What allowed it, as <see cref="Authentication.Methods"/>.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Or <see cref="User.Locked"/>, or <see cref="Session.Overtaken"/>, when the account changed after it was read.</returns>
    public async Task<Outcome<TokensView>> Open(User user, Device device, IReadOnlyList<string> methods, CancellationToken ct)
    {
        if (user.IsLocked) return User.Locked;
        var (opened, problem) = await sessions.Open(user, device, methods, ct);
        return problem is null ? View(user, opened!) : problem;
    }

    /// <returns>Or <see cref="Session.InvalidToken"/> or <see cref="Session.TokenReused"/>.</returns>
    public async Task<Outcome<TokensView>> Refresh(string refreshToken, string? attempt, CancellationToken ct)
    {
        if (RefreshToken.Read(refreshToken, ring) is not { } presented) return Session.InvalidToken;
        var (refreshed, problem) = await sessions.Refresh(presented, attempt, ct);
        if (problem is not null) return problem;
        return await users.Find(refreshed!.UserId, ct) is { } user ? View(user, refreshed) : Session.InvalidToken;
    }

    private TokensView View(User user, Refreshed session) => new(
        tokens.Issue(user, session),
        session.RefreshToken,
        "Bearer",
        AccessTokens.LifetimeSeconds,
        new(user.Id, user.Email, user.Name, user.Roles));
}
