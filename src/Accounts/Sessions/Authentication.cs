namespace Kontor.Accounts.Sessions;

/// <summary>When the owner of a session last proved who they are, and by what.</summary>
/// <param name="At">Milliseconds since 1970.</param>
/// <param name="Methods">All that were used in this session, in the terms of RFC 8176.</param>
internal sealed record Authentication(long At, IReadOnlyList<string> Methods)
{
    public const string Password = "pwd";
}
