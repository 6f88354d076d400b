using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Sessions;

namespace Kontor.Accounts;

/// <summary>Configured under `Accounts`.</summary>
internal sealed class AccountOptions
{
    /// <summary>The `iss` of access tokens: who says so. A fleet that shares its keys with another needs a name of its own.</summary>
    [Required]
    public string Issuer { get; set; } = "kontor";

    /// <summary>
    /// An account begins when its address is confirmed, so nobody learns by registering who has one. The host fills in
    /// `KONTOR_VERIFY_EMAIL=required`. Otherwise it begins at once, and confirming the address can wait.
    /// </summary>
    public bool VerifyEmail { get; set; }

    /// <summary>The `aud` of access tokens: whom they are for.</summary>
    [Required]
    public string Audience { get; set; } = "kontor";

    /// <summary>How many days a key signs access tokens before the next one does; 0 leaves it to `./kontor admin keys rotate`.</summary>
    [Range(0, 3650)]
    public int SigningKeyDays { get; set; } = 30;

    /// <summary>What a guesser who knows this shop tries first, such as its name and its owner's: a password needs eight characters beside
    /// such a word.</summary>
    public IList<string> ContextWords { get; } = ["kontor"];

    /// <summary>Where passkeys may be used beside the pages of `KONTOR_URL`: an app's origin, such as `android:apk-key-hash:...`.</summary>
    public IList<string> PasskeyOrigins { get; } = [];

    /// <summary>
    /// How many sessions an account has at once, at most as many as its owner's list shows; of one more, the one that was used longest ago
    /// ends, and the owner is told. With `KONTOR_LIMITS=off` there may be any number.
    /// </summary>
    [Range(1, Session.ListMax)]
    public int SessionsMax { get; set; } = 100;

    /// <summary>
    /// Ending sessions other than by signing out on the device itself wants a fresh sign-in. Off, because whoever sees a stranger's session
    /// should end it at once, and a thief gains little by ending the owner's.
    /// </summary>
    public bool FreshSignInToEndSessions { get; set; }

    /// <summary>Administrators who signed in with one factor are treated as if they were none.</summary>
    public bool AdminsNeedSecondFactor { get; set; }

    /// <summary>
    /// Addresses of apps, such as `kontor://signed-in`, to which a browser is sent back after a sign-in at another site. No other address
    /// gets anything.
    /// </summary>
    public IList<string> AppUrls { get; } = [];

    /// <summary>What authenticator apps list an account under.</summary>
    [Required]
    public string AuthenticatorName { get; set; } = "Kontor";
}
