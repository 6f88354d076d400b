namespace Kontor.Accounts.Sessions;

/// <summary>When the owner of a session last proved who they are, and by what.</summary>
/// <param name="At">Milliseconds since 1970.</param>
/// <param name="Methods">All that were used in this session, in the terms of RFC 8176; `mfa` when they were two factors.</param>
internal sealed record Authentication(long At, IReadOnlyList<string> Methods)
{
    public const string Password = "pwd";
    public const string Code = "otp";
    public const string Key = "pop";
    public const string TwoFactors = "mfa";

    /// <summary>Another site says who it is; the RFC has no name for that, others use this.</summary>
    public const string External = "fed";

    /// <summary>As access tokens and the database carry them.</summary>
    public string Text => string.Join(' ', Methods);

    public static Authentication Read(long at, string text) => new(at, text.Split(' '));
}
