using Kontor.Accounts.Sessions;
using Kontor.Accounts.Tokens;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.SignIn;

/// <summary>
/// Says who asks: on the API by the header's Bearer token only, on pages by their cookies only. A token that is given and not good is
/// refused with 401, also where strangers may ask; a page whose access token has run out is refreshed on the way.
/// </summary>
internal sealed class AccessHandler(
    AccessTokens tokens, Revocations revocations, Acknowledgements acknowledgements, SignIns signIns, IOptions<RateLimiterOptions> limits,
    IProblemDetailsService problems)
    : IAuthenticationRequestHandler
{
    private const string Bearer = "Bearer";

    private static readonly AuthenticateResult Refused = AuthenticateResult.Fail("The access token is not valid.");

    private HttpContext _http = null!;
    private Task<AuthenticateResult>? _result;

    public Task InitializeAsync(AuthenticationScheme scheme, HttpContext context)
    {
        _http = context;
        return Task.CompletedTask;
    }

    /// <summary>Ends a request whose token is not good before anything else is done for it.</summary>
    public async Task<bool> HandleRequestAsync()
    {
        if (await AuthenticateAsync() != Refused) return false;
        // Counted as a stranger's request, for otherwise tokens could be tried without end; one beyond the limit goes on to be told so.
        using var permit = limits.Value.GlobalLimiter?.AttemptAcquire(_http);
        if (permit is { IsAcquired: false }) return false;
        _http.Response.StatusCode = Session.InvalidToken.Status;
        _http.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
        await problems.WriteAsync(new ProblemDetailsContext { HttpContext = _http, ProblemDetails = Session.InvalidToken.ToDetails() });
        return true;
    }

    public Task<AuthenticateResult> AuthenticateAsync() => _result ??= Authenticate();

    /// <summary>Foundation answers those who may not; nothing calls this but a module that asks for it by hand.</summary>
    public Task ChallengeAsync(AuthenticationProperties? properties)
    {
        _http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    public Task ForbidAsync(AuthenticationProperties? properties)
    {
        _http.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private async Task<AuthenticateResult> Authenticate()
    {
        if (_http.GetEndpoint() is not { } endpoint || endpoint.Metadata.GetMetadata<WithoutSignInMetadata>() is not null)
            return AuthenticateResult.NoResult();
        return _http.IsPage() ? await ByCookie() : await ByHeader();
    }

    private async ValueTask<AuthenticateResult> ByHeader()
    {
        var header = _http.Request.Headers.Authorization;
        if (header.Count == 0) return AuthenticateResult.NoResult();
        if (header.Count > 1) return Refused;
        var text = header[0]!;
        // Another scheme is somebody else's, such as a product team's key.
        if (!IsBearer(text)) return AuthenticateResult.NoResult();
        return await Take(text.AsSpan(Math.Min(text.Length, Bearer.Length + 1))) ?? Refused;
    }

    /// <summary>The word alone is a token that is missing, not another scheme.</summary>
    private static bool IsBearer(string header) =>
        header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && (header.Length == Bearer.Length || header[Bearer.Length] == ' ');

    private async ValueTask<AuthenticateResult> ByCookie()
    {
        var cookies = _http.Request.Cookies;
        if (cookies[PageCookies.Access] is { } access && await Take(access) is { } signedIn) return signedIn;
        if (cookies[PageCookies.Refresh] is not { } refresh) return AuthenticateResult.NoResult();
        var (fresh, problem) = await signIns.Refresh(refresh, cookies[PageCookies.Attempt], _http.RequestAborted);
        if (problem is not null)
        {
            PageCookies.Clear(_http);
            return AuthenticateResult.NoResult();
        }

        // The browser has not got the new tokens yet, so this request does not acknowledge them.
        PageCookies.Write(_http, fresh!);
        return tokens.Read(fresh!.AccessToken) is { } verified ? verified.SignedIn : AuthenticateResult.NoResult();
    }

    /// <summary>Null when it is not good. Without I/O, but for the first use of each generation.</summary>
    private ValueTask<AuthenticateResult?> Take(ReadOnlySpan<char> text)
    {
        if (tokens.Read(text) is not { } token || revocations.Cover(token.Token)) return new((AuthenticateResult?)null);
        var acknowledged = acknowledgements.Make(token, _http.RequestAborted);
        return acknowledged.IsCompletedSuccessfully ? new(token.SignedIn) : TakeAfter(acknowledged, token);
    }

    private static async ValueTask<AuthenticateResult?> TakeAfter(ValueTask acknowledged, VerifiedToken token)
    {
        await acknowledged;
        return token.SignedIn;
    }
}
