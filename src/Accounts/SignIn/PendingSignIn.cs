using System.Buffers.Text;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Tokens;
using Kontor.Foundation;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.SignIn;

/// <summary>
/// A sign-in that has the first factor and waits for the second: for five minutes, and for one use. It is kept by the browser, sealed, so
/// that nobody who goes no further leaves anything in the database.
/// </summary>
/// <param name="Id">By which it is known to have been used.</param>
/// <param name="Rights">As <see cref="User.Rights"/> were when the first factor was checked: a new password, say, makes it void.</param>
/// <param name="Methods">What was given, in the terms of RFC 8176.</param>
/// <param name="ExpiresAt">Milliseconds since 1970.</param>
internal sealed record PendingSignIn(string Id, string UserId, long Rights, IReadOnlyList<string> Methods, long ExpiresAt)
{
    public const long LifetimeMs = 5 * Clock.Minute;

    public static readonly Problem Over = new(401, "sign-in-over", "That took too long, or was used before. Sign in once more.");

    private const string About = "pending sign-in";

    public static PendingSignIn Of(User user, string method, TimeProvider time) =>
        new(Ids.New(time), user.Id, user.Rights, [method], time.NowMs() + LifetimeMs);

    public string Write(KeyRing ring) => Base64Url.EncodeToString(Seal.Close(ring, JsonSerializer.SerializeToUtf8Bytes(this), About));

    /// <summary>Null unless it was written here and its time is not over.</summary>
    public static PendingSignIn? Read(string? text, KeyRing ring, long now)
    {
        if (text is null || CompactToken.Decode(text) is not { } closed || Seal.Open(ring, closed, About) is not { } plain) return null;
        var pending = JsonSerializer.Deserialize<PendingSignIn>(plain)!;
        return now < pending.ExpiresAt ? pending : null;
    }
}
