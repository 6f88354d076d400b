using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Kontor.Accounts.Keys;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.Attempts;

/// <summary>
/// Says under which tallies a try to sign in counts, so that guessing gets slower and slower and its victim is not kept out: strangers
/// share a tally for each account and network and a wider one for each account, a device that was signed in with this account before has
/// one of its own, and so has a session that is alive.
/// </summary>
internal sealed class SignInAttempts(KeyRing ring, KnownDevices devices, IOptions<LimitOptions> limits)
{
    private const int Free = 5;

    /// <summary>Guesses from many networks at once; a person who mistypes is slowed down by their own network's tally before.</summary>
    private const int FreeForAllNetworks = 10;

    private const int KeyBytes = 16;

    /// <param name="email">The key of an address, whether anybody has it or not.</param>
    /// <param name="http">Says from where.</param>
    /// <returns>None when limits are off.</returns>
    public IReadOnlyList<Tally> Of(string email, HttpContext http)
    {
        if (limits.Value.Off) return [];
        return devices.Of(email, http) is { } device
            ? [Tally("device", $"{device} {email}", Free)]
            : [Tally("network", $"{ClientNetwork.Of(http).Name} {email}", Free), Tally("account", email, FreeForAllNetworks)];
    }

    /// <summary>For somebody who is signed in and gives the password again.</summary>
    public IReadOnlyList<Tally> OfSession(string session) => limits.Value.Off ? [] : [Tally("session", session, Free)];

    private Tally Tally(string kind, string what, int free)
    {
        var hash = HMACSHA256.HashData(ring.Pepper.AttemptKey, Encoding.UTF8.GetBytes($"{kind} {what}"));
        return new(Base64Url.EncodeToString(hash.AsSpan(0, KeyBytes)), free);
    }
}
