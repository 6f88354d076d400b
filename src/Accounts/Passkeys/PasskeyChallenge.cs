using System.Buffers.Text;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Tokens;
using Kontor.Foundation;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Passkeys;

/// <summary>What a challenge was given for.</summary>
internal enum PasskeyPurpose
{
    Add,
    SignIn,
    StepUp,
}

/// <summary>
/// What an authenticator is to sign, for five minutes and for one use. The client keeps it, sealed, and sends it back with the answer: so
/// asking for one costs the database nothing, and an answer to another's challenge, or to one that was used, is none.
/// </summary>
/// <param name="Id">By which it is known to have been used.</param>
/// <param name="UserId">Whose passkey it must be; null when anybody may sign in.</param>
/// <param name="SessionId">Of whoever asked; null for a stranger.</param>
/// <param name="State">What the framework wants back.</param>
/// <param name="ExpiresAt">Milliseconds since 1970.</param>
internal sealed record PasskeyChallenge(
    string Id, PasskeyPurpose Purpose, string? UserId, string? SessionId, string State, long ExpiresAt)
{
    public const long LifetimeMs = 5 * Clock.Minute;

    /// <summary>More than any has.</summary>
    public const int LengthMax = 4096;

    public static readonly Problem Over = new(401, "challenge-over", "That took too long, or was used before. Try again.");

    private const string About = "passkey challenge";

    public string Write(KeyRing ring) => Base64Url.EncodeToString(Seal.Close(ring, JsonSerializer.SerializeToUtf8Bytes(this), About));

    /// <summary>Null unless it was written here and its time is not over.</summary>
    public static PasskeyChallenge? Read(string text, KeyRing ring, long now)
    {
        if (text.Length > LengthMax || CompactToken.Decode(text) is not { } closed) return null;
        if (Seal.Open(ring, closed, About) is not { } plain) return null;
        var challenge = JsonSerializer.Deserialize<PasskeyChallenge>(plain)!;
        return now < challenge.ExpiresAt ? challenge : null;
    }
}
