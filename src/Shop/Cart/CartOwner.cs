using System.Buffers.Text;
using System.Security.Cryptography;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Orders;
using Kontor.Ui;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Cart;

/// <summary>
/// Whose cart a request means: a person who is signed in, or a guest with a token, of which only the hash is stored. A person may bring
/// a guest's token along; that cart then becomes part of theirs.
/// </summary>
internal sealed class CartOwner
{
    public const string Cookie = "kontor_cart";
    public const string Header = "X-Cart-Token";

    private const int TokenBytes = 32;
    private static readonly TimeSpan CookieLife = TimeSpan.FromDays(180);

    private readonly HttpContext _http;

    private CartOwner(HttpContext http, string? userId, byte[]? token, bool isNew)
    {
        _http = http;
        UserId = userId;
        IsNew = isNew;
        Language = Texts.LanguageOf(http.Request);
        var limits = http.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;
        Network = limits.Off ? null : ClientNetwork.Of(http).Name;
        if (token is null) return;
        Token = Base64Url.EncodeToString(token);
        TokenHash = Convert.ToHexStringLower(SHA256.HashData(token));
    }

    /// <summary>Null for a guest.</summary>
    public string? UserId { get; }

    /// <summary>A guest's secret; null for a person who brings none.</summary>
    public string? Token { get; }

    public string? TokenHash { get; }

    /// <summary>A guest who was never answered before, and has to be told the token.</summary>
    public bool IsNew { get; }

    /// <summary>The token that a new guest is to be told.</summary>
    public string? NewToken => IsNew ? Token : null;

    public bool IsGuest => UserId is null;

    /// <summary>Tells owners apart, guests from people too.</summary>
    public string Key => KeyOf(UserId, TokenHash);

    /// <summary>How the ledger and the order's timeline call who did it: for ever, and so without saying who that is.</summary>
    public string Actor => IsGuest ? "guest" : "customer";

    /// <summary>The request's, `en` or `de`; within a transaction nobody would know it any more.</summary>
    public string Language { get; }

    /// <summary>Where the request comes from, as far as held pieces are counted by it; null when they are not.</summary>
    public string? Network { get; }

    private IDataProtector Protector =>
        _http.RequestServices.GetRequiredService<IDataProtectionProvider>().CreateProtector("Kontor.Shop.CartToken");

    public static string KeyOf(string? userId, string? tokenHash) => userId is null ? $"guest:{tokenHash}" : $"user:{userId}";

    public static ValueTask<CartOwner> BindAsync(HttpContext http)
    {
        var user = CurrentUser.Of(http.User);
        var token = Decode(http.Request.Headers[Header]) ?? Decode(http.Request.Cookies[Cookie]);
        var isNew = user is null && token is null;
        var owner = new CartOwner(http, user?.Id, isNew ? RandomNumberGenerator.GetBytes(TokenBytes) : token, isNew);
        // The idempotency filter, which runs after binding, tells guests apart by it.
        if (user is null && !isNew) http.Items[IdempotentEndpoints.GuestItem] = owner.TokenHash;
        return ValueTask.FromResult(owner);
    }

    /// <summary>
    /// A new guest's token as it may be stored with an answer that is to be repeated; nobody but this server can read it.
    /// </summary>
    public string? SealToken() => IsNew ? Protector.Protect(Token!) : null;

    /// <summary>The token that the first answer carried.</summary>
    public string? Unseal(string? sealedToken) => sealedToken is null ? null : Protector.Unprotect(sealedToken);

    /// <summary>Tells a new guest the token, and ends the cookie of a guest who has become somebody.</summary>
    public void Answer(string? newToken)
    {
        var options = new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = _http.Request.IsHttps, Path = "/" };
        if (newToken is not null)
        {
            options.MaxAge = CookieLife;
            _http.Response.Cookies.Append(Cookie, newToken, options);
            _http.Response.Headers[Header] = newToken;
        }
        else if (!IsGuest && _http.Request.Cookies.ContainsKey(Cookie))
        {
            _http.Response.Cookies.Delete(Cookie, options);
        }
    }

    /// <summary>
    /// The secret in the link to one of this guest's orders. It can be computed again from the token, and says nothing about it.
    /// </summary>
    public string? OrderToken(string orderId) => IsGuest
        ? Base64Url.EncodeToString(HMACSHA256.HashData(Base64Url.DecodeFromChars(Token), System.Text.Encoding.UTF8.GetBytes(orderId)))
        : null;

    /// <summary>The same as it may be stored, so that letters can bring the link; only this server can read it.</summary>
    public string? SealOrderToken(string orderId) => IsGuest
        ? OrderLink.Protector(_http.RequestServices.GetRequiredService<IDataProtectionProvider>()).Protect(OrderToken(orderId)!)
        : null;

    private static byte[]? Decode(string? text)
    {
        if (text is null || !Base64Url.IsValid(text, out var length) || length != TokenBytes) return null;
        return Base64Url.DecodeFromChars(text);
    }
}
