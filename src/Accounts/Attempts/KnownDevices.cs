using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Kontor.Accounts.Keys;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http;

namespace Kontor.Accounts.Attempts;

/// <summary>
/// A cookie that says which account was signed in on a device before, and lets nobody in: tries that carry it are counted by themselves, so
/// that whoever guesses from elsewhere does not slow the owner down. ("Device cookies", OWASP.) Nothing about it is stored here.
/// </summary>
internal sealed class KnownDevices(KeyRing ring)
{
    public const string Cookie = "kontor_device";

    private const int DeviceBytes = 16;
    private const int MacBytes = 16;
    private const long AgeSeconds = 180 * Clock.Day / Clock.Second;

    /// <summary>The device's number, when it was signed in with this address before; else null.</summary>
    public string? Of(string email, HttpContext http) => Of(email, http.Request.Cookies[Cookie]);

    /// <summary>The same from the cookie alone.</summary>
    public string? Of(string email, string? cookie)
    {
        // The id of the pepper, the number and its mac.
        if (cookie?.Split('.') is not [var pepperId, var device, var mac]) return null;
        if (ring.PepperOf(pepperId) is not { } pepper) return null;
        var expected = Encoding.ASCII.GetBytes(Mac(pepper, device, email));
        return CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(mac)) ? device : null;
    }

    /// <summary>Whoever is at this device has just shown to be the address's owner.</summary>
    public void Remember(string email, HttpContext http)
    {
        var device = Of(email, http) ?? Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(DeviceBytes));
        http.Response.Cookies.Append(Cookie, $"{ring.Pepper.Id}.{device}.{Mac(ring.Pepper, device, email)}", new()
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = http.Request.IsHttps,
            Path = "/",
            IsEssential = true,
            MaxAge = TimeSpan.FromSeconds(AgeSeconds),
        });
    }

    private static string Mac(Pepper pepper, string device, string email) => Base64Url.EncodeToString(
        HMACSHA256.HashData(pepper.DeviceKey, Encoding.UTF8.GetBytes($"{device} {email}")).AsSpan(0, MacBytes));
}
