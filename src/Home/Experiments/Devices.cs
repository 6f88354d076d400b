using System.Security.Cryptography;
using System.Text;
using Kontor.Home.Insight;
using Microsoft.AspNetCore.Http;

namespace Kontor.Home.Experiments;

/// <summary>
/// Tells visitors without an account apart, where a running experiment needs it. Apps say who they are by a header; a browser is given a
/// cookie. Only a hash of it is stored, so nothing that is stored leads back to a device.
/// </summary>
internal static class Devices
{
    private static readonly TimeSpan CookieLife = TimeSpan.FromDays(180);

    /// <summary>The browser's, given now if it has none.</summary>
    public static string Give(HttpContext http)
    {
        if (Visitor.DeviceOf(http.Request) is { } known) return known;
        var device = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        http.Response.Cookies.Append(Visitor.DeviceCookie, device, new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Lax,
            Secure = http.Request.IsHttps,
            MaxAge = CookieLife,
            Path = "/",
        });
        return device;
    }

    public static string Hash(string device) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(device)));
}
