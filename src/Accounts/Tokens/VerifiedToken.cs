using System.Security.Claims;
using System.Text;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Sessions;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Authentication;

namespace Kontor.Accounts.Tokens;

/// <summary>An access token whose signature was checked, with everything that a request needs of it made once.</summary>
internal sealed class VerifiedToken
{
    /// <summary>The name of the one way to sign in, by header or by cookie.</summary>
    public const string Scheme = "Kontor";

    private static readonly AuthenticationProperties Nothing = new();

    private readonly byte[] _text;

    /// <param name="text">As it came, all of it ASCII.</param>
    /// <param name="token">As it was read.</param>
    /// <param name="key">That it was signed with.</param>
    /// <param name="adminsNeedSecondFactor">Withholds the administrator's role from who signed in with one.</param>
    public VerifiedToken(ReadOnlySpan<char> text, AccessToken token, SigningKey key, bool adminsNeedSecondFactor)
    {
        _text = new byte[text.Length];
        Ascii.FromUtf16(text, _text, out _);
        (Token, Key) = (token, key);
        var claims = new List<Claim>(4 + token.Roles.Count + token.Methods.Count)
        {
            new(Claims.User, token.User),
            new(Claims.Session, token.Session),
            new("gen", token.Generation.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new(Claims.Name, token.Name),
        };
        var isWithheld = adminsNeedSecondFactor && !token.Methods.Contains(Authentication.TwoFactors);
        foreach (var role in token.Roles) claims.Add(new(isWithheld && role == RoleNames.Admin ? Claims.WithheldRole : Claims.Role, role));
        foreach (var method in token.Methods) claims.Add(new(Claims.Method, method));
        var identity = new ClaimsIdentity(claims, Scheme, Claims.Name, Claims.Role);
        SignedIn = AuthenticateResult.Success(new AuthenticationTicket(new SignedInPrincipal(identity), Nothing, Scheme));
    }

    /// <summary>What the signature was checked of; nothing else is this token.</summary>
    public ReadOnlySpan<byte> Text => _text;

    public AccessToken Token { get; }

    /// <summary>That it was signed with.</summary>
    public SigningKey Key { get; }

    /// <summary>Shared by every request with this token; nobody may write to it.</summary>
    public AuthenticateResult SignedIn { get; }

    /// <summary>The session knows that its client has this generation.</summary>
    public bool IsAcknowledged { get; set; }
}
