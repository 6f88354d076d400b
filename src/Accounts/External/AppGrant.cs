using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Tokens;
using Kontor.Foundation;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.External;

/// <summary>
/// What an app's address is given when somebody has come back from another site: good once, for five minutes, and only with the secret
/// that the app kept to itself. The app exchanges it for tokens.
/// </summary>
/// <param name="Id">By which it is known to have been used.</param>
/// <param name="Rights">As <see cref="User.Rights"/> were then: a lock, say, makes it void.</param>
/// <param name="Challenge">See <see cref="AppReturn"/>.</param>
/// <param name="ExpiresAt">Milliseconds since 1970.</param>
internal sealed record AppGrant(string Id, string UserId, long Rights, string Challenge, long ExpiresAt)
{
    public const int LengthMax = 2000;
    private const long LifetimeMs = 5 * Clock.Minute;
    private const string About = "external grant";

    /// <summary>The app's address with a grant for this person.</summary>
    public static string AddressFor(User user, AppReturn app, KeyRing ring, TimeProvider time)
    {
        var grant = new AppGrant(Ids.New(time), user.Id, user.Rights, app.Challenge, time.NowMs() + LifetimeMs);
        var text = Base64Url.EncodeToString(Seal.Close(ring, JsonSerializer.SerializeToUtf8Bytes(grant), About));
        return With(app, "grant", text);
    }

    /// <summary>The app's address with the code of a problem.</summary>
    public static string AddressFor(Problem problem, AppReturn app) => With(app, "error", problem.Code);

    /// <summary>Null unless it was given here, its time is not over, and this is the app that it was for.</summary>
    public static AppGrant? Read(string text, string verifier, KeyRing ring, long now)
    {
        if (text.Length > LengthMax || CompactToken.Decode(text) is not { } closed) return null;
        if (Seal.Open(ring, closed, About) is not { } plain) return null;
        var grant = JsonSerializer.Deserialize<AppGrant>(plain)!;
        var isForApp = Ascii.IsValid(verifier) && CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Provider.ChallengeOf(verifier)), Encoding.ASCII.GetBytes(grant.Challenge));
        return isForApp && now < grant.ExpiresAt ? grant : null;
    }

    private static string With(AppReturn app, string name, string value) =>
        $"{app.Url}{(app.Url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{name}={Uri.EscapeDataString(value)}";
}
